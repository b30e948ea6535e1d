/** Delivery by the tool's own process: at intervals, before it ends, and where a child would not survive. */
import { describe, expect, it } from "@jest/globals";
import { waitUntil } from "@candor/testing";
import { spawn } from "node:child_process";
import { workbenchPerTest } from "./workbench-per-test.ts";
import { mayMount, TOOL, namesAt } from "./workbench.ts";

const whereMounting = mayMount() ? describe : describe.skip;
/** Limits beyond that of a run: where only these are obeyed, the run fails. */
const ENDLESS = { sendTimeoutMs: 120_000, lifetimeMs: 600_000 };

const { intake, bench } = workbenchPerTest();

const names = (): readonly string[] => namesAt(intake);

describe("interval delivery", () => {
  const options = { delivery: { by: "interval", intervalMs: 150 } };

  it("delivers again and again while the tool runs, and starts no uploader", async () => {
    const tool = bench.start([["trackEvery", "tick", 25], ["hang"]], { options });
    await intake.waitFor((requests) => requests.length >= 4, { timeoutMs: 15_000 });
    expect(tool.child.exitCode).toBeNull();
    expect(bench.uploaders()).toEqual([]);
    tool.child.kill("SIGTERM");
    expect((await tool.exited).signal).toBe("SIGTERM");
    await bench.uploadersGone();
    await bench.run([["track", "the next run"]]);
    await intake.waitFor(() => names().includes("the next run"), { timeoutMs: 15_000 });
    await waitUntil("the spool is empty", () => bench.spooled().length === 0);
    const ticks = names().filter((name) => name.startsWith("tick"));
    // SIGTERM may fall between the destination's receipt and its answer: then one request is repeated, with the same ids.
    const unique = [...new Set(ticks)];
    expect(unique.map((name) => Number(name.slice(5))).sort((a, b) => a - b)).toEqual(unique.map((_, index) => index));
  });

  it("delivers in the end what a destination would not take for several intervals", async () => {
    intake.reply({ action: "hang" }, { action: "hang" }, { action: "hang" });
    const tool = bench.start([["trackMany", "patient", 5], ["hang"]], { options: { delivery: { by: "interval", intervalMs: 150, sendTimeoutMs: 100 } } });
    await intake.waitFor((requests) => requests.length >= 1, { timeoutMs: 15_000 });
    tool.child.kill("SIGTERM");
    await tool.exited;
    await bench.uploadersGone(40_000);
    expect((await bench.command("status")).data["lost"]).toEqual({});
    const waiting = bench.spooledText();
    for (let index = 0; index < 5; index++) expect(waiting.includes(`patient ${index}`) || intake.requests.length > 3).toBe(true);
  });

  it("does not keep the tool alive", async () => {
    const result = await bench.run([["track", "short"]], { options, timeoutMs: 10_000 });
    expect(result).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
    await intake.waitFor(() => names().includes("short"), { timeoutMs: 15_000 });
  });
});

describe("inline delivery", () => {
  const options = { delivery: { by: "inline", inlineTimeoutMs: 500 } };

  it("holds the tool no longer than its limit when the destination never answers", async () => {
    intake.reply({ action: "hang" });
    const result = await bench.run([["track", "kept"], ["exitCode", 2]], { options: { delivery: { ...options.delivery, ...ENDLESS } } });
    expect(result).toMatchObject({ exitCode: 2, signal: null, stdout: "", stderr: "" });
    expect(intake.requests).toHaveLength(1);
    expect(bench.uploaders()).toEqual([]);
    expect(bench.spooled()).toHaveLength(1);
  });

  it("has delivered even when the tool calls process.exit", async () => {
    const result = await bench.run([["track", "one"], ["exit", 8]], { options });
    expect(result).toMatchObject({ exitCode: 8, stdout: "", stderr: "" });
    expect(names()).toEqual(["one"]);
    expect(bench.uploaders()).toEqual([]);
  });

  it.each(["SIGINT", "SIGTERM"] as const)("has delivered when %s ends the tool", async (signal) => {
    const result = await bench.run([["track", "one"], ["listen"], ["print", "ready"], ["hang"]], { options, signalAfter: { output: "ready", signal } });
    expect(result).toMatchObject({ exitCode: null, signal, stdout: "ready\n", stderr: "" });
    expect(names()).toEqual(["one"]);
    expect(bench.uploaders()).toEqual([]);
  });

  it("delivers later, with the same id, what was cut off at the limit", async () => {
    intake.reply({ action: "hang" });
    await bench.run([["track", "cut off"]], { options });
    expect(bench.uploaders()).toEqual([]);
    // The destination is backing off; a flush asks it all the same.
    await bench.run([["track", "the next run"], ["exit", 0]], { options });
    expect(intake.requests).toHaveLength(1);
    await bench.run([["flush", 5_000], ["exit", 0]]);
    await waitUntil("the spool is empty", () => bench.spooled().length === 0);
    expect(new Set(intake.events().map(({ id }) => id)).size).toBe(2);
    expect(names().filter((name) => name === "cut off")).toHaveLength(2);
  });

  it("has delivered when the tool has ended", async () => {
    const result = await bench.run([["track", "one"], ["track", "two"]], { options });
    expect(result).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
    expect([...names()].sort()).toEqual(["one", "two"]);
    expect(bench.spooled()).toEqual([]);
  });

  whereMounting("where a process-id namespace may be made", () => {
    it("waits for its turn and sends nothing while an uploader is at work", async () => {
      intake.reply({ action: "hang" });
      await bench.run([["track", "with the uploader"]]);
      await intake.waitFor((requests) => requests.length === 1, { timeoutMs: 15_000 });
      await bench.run([["track", "inline"]], { options });
      expect(bench.uploaders()).toHaveLength(1);
      expect(intake.requests).toHaveLength(1);
      expect(bench.spooledText()).toContain("inline");
    });
  });

  it("is what happens on a serverless host, and no process is left behind", async () => {
    const result = await bench.run([["track", "from a function"]], { variables: { AWS_LAMBDA_FUNCTION_NAME: "notes" } });
    expect(result).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
    expect(bench.uploaders()).toEqual([]);
    expect(names()).toEqual(["from a function"]);
    expect(bench.spooled()).toEqual([]);
  });

  whereMounting("where a process-id namespace may be made", () => {
    it("is what happens in a container's first process, which ends as it would otherwise", async () => {
      const child = spawn("unshare", ["-pf", "--mount-proc", process.execPath, TOOL], {
        env: bench.environmentFor([["track", "from the first process"], ["exitCode", 6]]),
        cwd: bench.home.path,
        stdio: ["ignore", "pipe", "pipe"],
      });
      let output = "";
      child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
      child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
      await waitUntil("the tool has ended", () => child.exitCode !== null, 15_000);
      expect({ output, exitCode: child.exitCode }).toEqual({ output: "", exitCode: 6 });
      expect(names()).toEqual(["from the first process"]);
    });
  });
});

describe("a flush", () => {
  it("answers within its limit when the destination never answers, and the tool goes on", async () => {
    intake.reply({ action: "hang" });
    const result = await bench.run([["track", "one"], ["flush", 300], ["print", "went on"], ["exit", 0]], { options: { delivery: { inlineTimeoutMs: 60_000, ...ENDLESS } } });
    expect(result.stdout).toMatch(/^\{"status":"pending".*\}\nwent on\n$/);
    // What it could not deliver is kept.
    expect(bench.spooled()).toHaveLength(1);
    await bench.run([["flush", 5_000], ["exit", 0]]);
    await waitUntil("the spool is empty", () => bench.spooled().length === 0);
  });

  it("delivers what earlier runs left", async () => {
    await bench.run([["track", "earlier"], ["exit", 0]], { options: { delivery: { by: "inline" } } });
    const result = await bench.run([["track", "now"], ["flush", 5_000], ["exit", 0]]);
    expect(result.stdout).toBe('{"status":"delivered"}\n');
    expect([...names()].sort()).toEqual(["earlier", "now"]);
  });
});
