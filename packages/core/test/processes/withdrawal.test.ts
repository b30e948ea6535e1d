/** `disable` and `reset`: when they return, not one more byte leaves, whatever was under way. */
import { beforeEach, describe, expect, it } from "@jest/globals";
import { workbenchPerTest } from "./workbench-per-test.ts";
import { namesAt } from "./workbench.ts";

const CONSENTED = { without: ["NOTES_TELEMETRY"] } as const;

const { intake, bench } = workbenchPerTest({ consent: "stored" });
beforeEach(async () => {
  await bench.command("enable");
});

const names = (): readonly string[] => namesAt(intake);

async function runTwentyTimes(): Promise<void> {
  const results = await Promise.all(Array.from({ length: 20 }, (_, index) => bench.run([["track", `after the no ${index}`], ["exit", 3]], CONSENTED)));
  for (const result of results) expect(result).toMatchObject({ exitCode: 3, stdout: "", stderr: "" });
  await bench.uploadersGone();
}

describe.each(["disable", "reset"] as const)("%s while an uploader waits for an answer", (name) => {
  /** One request for `reset`: the deletion request itself. */
  const further = name === "reset" ? 1 : 0;

  it("leaves nothing, and nothing is sent by any later run", async () => {
    intake.reply({ action: "hang" });
    await bench.run([["track", "under way"]]);
    await intake.waitFor((requests) => requests.length === 1, { timeoutMs: 15_000 });

    const report = await bench.command(name);
    const requests = intake.requests.length;
    expect(report.exitCode).toBe(0);
    expect(requests).toBe(1 + further);
    expect(bench.spooled()).toEqual([]);

    await bench.uploadersGone(2_000);
    await runTwentyTimes();
    expect(intake.requests).toHaveLength(requests);
    expect(bench.spooled()).toEqual([]);
    expect(intake.events().map(({ type }) => type)).toEqual(["tool.use", "data.deletion_request"].slice(0, 1 + further));
  });

  it("leaves nothing while the uploader waits to try again", async () => {
    intake.reply({ action: "answer", status: 503 }, { action: "answer", status: 503 });
    await bench.run([["track", "to be tried again"]]);
    await intake.waitFor((requests) => requests.length === 2, { timeoutMs: 15_000 });
    const report = await bench.command(name);
    expect(report.exitCode).toBe(0);
    expect(bench.spooled()).toEqual([]);
    await bench.uploadersGone(2_000);
    expect(names().filter((event) => event === "to be tried again")).toHaveLength(2);
    expect(intake.requests).toHaveLength(2 + further);
  });

  it("leaves nothing of a tool that still runs and has events", async () => {
    const tool = bench.start([["track", "of a running tool"], ["print", "ready"], ["hang"]]);
    await tool.waitForOutput("ready");
    const report = await bench.command(name);
    expect(report.exitCode).toBe(0);
    expect(bench.spooled()).toEqual([]);
    tool.child.kill("SIGTERM");
    expect((await tool.exited).signal).toBe("SIGTERM");
    await bench.uploadersGone();
    expect(bench.spooled()).toEqual([]);
    expect(names()).toEqual(name === "reset" ? ["deletion_request"] : []);
  });

  it("stops a long-running tool that delivers by itself", async () => {
    intake.reply({ action: "hang" });
    const tool = bench.start([["track", "first"], ["trackEvery", "interval", 20], ["hang"]], { options: { delivery: { by: "interval", intervalMs: 200 } } });
    await intake.waitFor((requests) => requests.length >= 1, { timeoutMs: 15_000 });
    const report = await bench.command(name);
    const requests = intake.requests.length;
    expect(report).toMatchObject({ exitCode: 0 });
    // The tool goes on tracking; more than one of its intervals passes while twenty other runs come and go.
    await runTwentyTimes();
    expect(intake.requests).toHaveLength(requests);
    tool.child.kill("SIGTERM");
    await tool.exited;
    await bench.uploadersGone();
    expect(intake.requests).toHaveLength(requests);
    expect(bench.spooled()).toEqual([]);
  });
});
