/** `disable` among many tools that end in the same moment. */
import { beforeEach, describe, expect, it } from "@jest/globals";
import { workbenchPerTest } from "./workbench-per-test.ts";
import { namesAt } from "./workbench.ts";

const RACERS = 30;

const { intake, bench } = workbenchPerTest({ consent: "stored" });
beforeEach(async () => {
  await bench.command("enable");
});

const names = (): readonly string[] => namesAt(intake);

describe("disable and many tools ending at once", () => {
  it.each([1, 2, 3, 4])("lets nothing through after it has returned (round %i)", async (round) => {
    const racers = Array.from({ length: RACERS }, (_, index) =>
      bench.start([["track", `racer ${index}`], ["print", "tracked"], ["waitForInput"]], { input: "" }),
    );
    // `disable` meets them in another phase each round: before, among and after their ends.
    await racers[(round - 1) * 9]?.waitForOutput("tracked");
    const report = await bench.command("disable");
    const received = new Set(names());
    const requests = intake.requests.length;
    expect(report).toMatchObject({ exitCode: 0, lines: expect.arrayContaining(["Telemetry disabled.", "All pending events have been discarded."]) });
    for (const result of await Promise.all(racers.map(({ exited }) => exited))) {
      expect(result).toMatchObject({ exitCode: 0, signal: null, stdout: "tracked\n", stderr: "" });
    }
    await bench.uploadersGone();
    expect(intake.requests).toHaveLength(requests);

    // A new yes is not a yes to what was collected before it.
    await bench.command("enable");
    const status = await bench.command("status");
    expect(status.data["pending"]).toMatchObject({ events: 0 });
    await bench.run([["track", "after the new yes"]]);
    await intake.waitFor(() => names().includes("after the new yes"), { timeoutMs: 15_000 });
    await bench.uploadersGone();
    await bench.run([["track", "and once more"]]);
    await intake.waitFor(() => names().includes("and once more"), { timeoutMs: 15_000 });
    await bench.uploadersGone();
    const late = names().filter((name) => name.startsWith("racer") && !received.has(name));
    expect(late).toEqual([]);
    expect(bench.spooled()).toEqual([]);
  });

  it("keeps the no when enable and disable race with running tools for a while", async () => {
    const tools = Array.from({ length: 10 }, (_, index) => bench.start([["track", `old ${index}`], ["print", "tracked"], ["hang"]]));
    for (const tool of tools) await tool.waitForOutput("tracked");
    await bench.command("disable");
    await bench.command("enable");
    // These hold events of the consent that was withdrawn, and end under a new one.
    for (const tool of tools) tool.child.kill("SIGTERM");
    await Promise.all(tools.map(({ exited }) => exited));
    await bench.run([["track", "new"]]);
    await intake.waitFor(() => names().includes("new"), { timeoutMs: 15_000 });
    await bench.uploadersGone();
    expect(names()).toEqual(["new"]);
    expect(bench.spooled()).toEqual([]);
  });

  it("keeps the no over tools that are killed right after they tracked", async () => {
    const tools = Array.from({ length: 5 }, (_, index) => bench.start([["print", "started"], ["track", `old ${index}`], ["print", "tracked"], ["hang"]]));
    for (const tool of tools) await tool.waitForOutput("started");
    await bench.command("disable");
    for (const tool of tools) await tool.waitForOutput("tracked");
    for (const tool of tools) tool.child.kill("SIGKILL");
    await Promise.all(tools.map(({ exited }) => exited));
    await bench.command("enable");
    await bench.run([["track", "new"]]);
    await intake.waitFor(() => names().includes("new"), { timeoutMs: 15_000 });
    await bench.uploadersGone();
    expect(names()).toEqual(["new"]);
    expect(bench.spooled()).toEqual([]);
  });
});
