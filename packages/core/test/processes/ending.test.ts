/** However the tool ends, it ends as it would without candor, and its events are kept. */
import { describe, expect, it } from "@jest/globals";
import { type ProcessResult, waitUntil } from "@candor/testing";
import { workbenchPerTest } from "./workbench-per-test.ts";
import { COMMONJS_TOOL, onLinux, type Step, TOOL, namesAt } from "./workbench.ts";
import { spawn } from "node:child_process";

const { intake, bench } = workbenchPerTest();

const names = (): readonly string[] => namesAt(intake);

interface Ending {
  readonly what: string;
  readonly steps: readonly Step[];
  readonly signal?: NodeJS.Signals;
  readonly expected: { readonly exitCode: number | null; readonly signal: NodeJS.Signals | null };
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const endings: readonly Ending[] = [
  { what: "process.exit(7)", steps: [["exit", 7]], expected: { exitCode: 7, signal: null } },
  { what: "process.exitCode = 3", steps: [["exitCode", 3]], expected: { exitCode: 3, signal: null } },
  { what: "an uncaught exception", steps: [["throw", "a fault of the tool"]], expected: { exitCode: 1, signal: null } },
  { what: "an unhandled rejection", steps: [["reject", "a broken promise"], ["hang"]], expected: { exitCode: 1, signal: null } },
  ...signals.flatMap((signal): Ending[] => [
    { what: signal, steps: [["print", "ready"], ["hang"]], signal, expected: { exitCode: null, signal } },
    { what: `${signal} with the tool's own handler`, steps: [["handle", signal, 9], ["print", "ready"], ["hang"]], signal, expected: { exitCode: 9, signal: null } },
    { what: `${signal} with a one-time handler of the tool's`, steps: [["handleOnce", signal, 9], ["print", "ready"], ["hang"]], signal, expected: { exitCode: 9, signal: null } },
    { what: `${signal} with signal-exit`, steps: [["signalExit"], ["print", "ready"], ["hang"]], signal, expected: { exitCode: null, signal } },
  ]),
  { what: "SIGINT with signal-exit twice", steps: [["signalExit"], ["signalExit"], ["print", "ready"], ["hang"]], signal: "SIGINT", expected: { exitCode: null, signal: "SIGINT" } },
];

const shown = ({ exitCode, signal, stdout, stderr }: ProcessResult): unknown => ({ exitCode, signal, stdout, stderr });

describe("the end of the tool", () => {
  it.each(endings)("is the same with candor after $what, and the event is kept", async ({ steps, signal, expected }) => {
    const choices = signal ? { signalAfter: { output: "ready", signal } } : {};
    const without = await bench.run(steps, { ...choices, options: null });
    // Handlers may be there before candor's and come after them.
    const handlers = steps.filter(([name]) => name.startsWith("handle") || name === "signalExit");
    const others = steps.filter((step) => !handlers.includes(step));
    const first = await bench.run([["track", "before handlers"], ["listen"], ...handlers, ...others], choices);
    const last = await bench.run([...handlers, ["track", "after handlers"], ["listen"], ...others], choices);

    expect(without).toMatchObject(expected);
    expect(shown(first)).toEqual(shown(without));
    expect(shown(last)).toEqual(shown(without));
    await intake.waitFor(() => names().length >= 2, { timeoutMs: 15_000 });
    expect([...names()].sort()).toEqual(["after handlers", "before handlers"]);
  });

  it.each(endings)("keeps what waits in the buffer under durability spill after $what", async ({ steps, signal }) => {
    const choices = signal ? { signalAfter: { output: "ready", signal } } : {};
    await bench.run([["track", "in the buffer"], ...steps], { ...choices, options: { delivery: { durability: "spill" } } });
    await intake.waitFor(() => names().length >= 1, { timeoutMs: 15_000 });
    expect(names()).toEqual(["in the buffer"]);
  });

  it.each(signals)("leaves %s alone when nobody listens, and the next run delivers the event", async (signal) => {
    const result = await bench.run([["track", "killed"], ["print", "ready"], ["hang"]], { signalAfter: { output: "ready", signal } });
    expect(result).toMatchObject({ exitCode: null, signal });
    expect(bench.spooled()).toHaveLength(1);
    await bench.run([["track", "next"]]);
    await intake.waitFor(() => names().length >= 2, { timeoutMs: 15_000 });
    expect([...names()].sort()).toEqual(["killed", "next"]);
  });

  it("stays open when the tool handles the signal and goes on", async () => {
    const tool = bench.start([["track", "one"], ["handle", "SIGINT"], ["print", "ready"], ["waitForInput"], ["exit", 4]], { input: "" });
    await tool.exited.catch(() => undefined);
    const running = spawn(process.execPath, [TOOL], {
      env: bench.environmentFor([["handle", "SIGINT"], ["track", "two"], ["print", "ready"], ["waitForInput"], ["track", "three"], ["exit", 4]]),
      cwd: bench.home.path,
    });
    let output = "";
    running.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    await waitUntil("the tool is ready", () => output.includes("ready"));
    running.kill("SIGINT");
    await waitUntil("the tool has handled the signal", () => output.includes("kept SIGINT"));
    running.stdin.end("go on");
    await waitUntil("the tool has ended", () => running.exitCode !== null || running.signalCode !== null);
    expect(running.exitCode).toBe(4);
    await intake.waitFor(() => names().includes("three"), { timeoutMs: 15_000 });
    expect(names().filter((name) => name !== "one").sort()).toEqual(["three", "two"]);
  });

  it("ends a tool that is too busy to hear of the signal, as without candor", async () => {
    const steps: readonly Step[] = [["print", "ready"], ["busy"]];
    const choices = { signalAfter: { output: "ready", signal: "SIGINT" as const }, timeoutMs: 4_000 };
    const without = await bench.run(steps, { ...choices, options: null });
    const withCandor = await bench.run([["track", "busy"], ...steps], choices).catch((error: Error) => error.message.split(":")[0]);
    expect(without).toMatchObject({ exitCode: null, signal: "SIGINT" });
    expect(withCandor).toMatchObject({ exitCode: null, signal: "SIGINT" });
  });

  it("lets a listener track how the command ended, even by a signal", async () => {
    await bench.run([["track", "start"], ["trackBeforeEnd", "end"], ["print", "ready"], ["hang"]], { signalAfter: { output: "ready", signal: "SIGTERM" } });
    await intake.waitFor(() => names().includes("end"), { timeoutMs: 15_000 });
    expect(intake.events().find(({ name }) => name === "end")).toMatchObject({ metadata: { kind: "signal" } });
  });

  it("does not lose what the tool tracks in an exit handler of its own", async () => {
    await bench.run([["track", "at work"], ["trackAtExit", "in the exit handler"], ["exit", 0]]);
    await bench.uploadersGone();
    await bench.run([["track", "the next run"]]);
    await waitUntil("the spool is empty", () => bench.spooled().length === 0);
    expect([...names()].sort()).toEqual(["at work", "in the exit handler", "the next run"]);
  });

  it("leaves no handler that keeps a finished tool alive", async () => {
    const result = await bench.run([["track", "short"]], { timeoutMs: 10_000 });
    expect(result).toMatchObject({ exitCode: 0, signal: null });
  });
});

describe("two copies of candor in one process", () => {
  it.each(signals)("let %s end the tool, and deliver the events of both", async (signal) => {
    const result = await bench.run([["track", "from ESM"], ["otherCopy", "from CommonJS"], ["listen"], ["print", "ready"], ["hang"]], {
      signalAfter: { output: "ready", signal },
    });
    expect(result).toMatchObject({ exitCode: null, signal, stdout: "ready\n", stderr: "" });
    await intake.waitFor(() => names().length >= 2, { timeoutMs: 15_000 });
    expect([...names()].sort()).toEqual(["from CommonJS", "from ESM"]);
  });

  it("deliver the events of both after a normal exit", async () => {
    const result = await bench.run([["track", "from ESM"], ["otherCopy", "from CommonJS"], ["exit", 6]]);
    expect(result).toMatchObject({ exitCode: 6, stdout: "", stderr: "" });
    await intake.waitFor(() => names().length >= 2, { timeoutMs: 15_000 });
    await bench.uploadersGone();
    expect([...names()].sort()).toEqual(["from CommonJS", "from ESM"]);
  });
});

describe("a CommonJS tool", () => {
  it("delivers after it has ended", async () => {
    const running = spawn(process.execPath, [COMMONJS_TOOL, "from a CommonJS tool"], { env: bench.environmentFor([]), cwd: bench.home.path, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    running.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    running.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    await waitUntil("the tool has ended", () => running.exitCode !== null);
    expect({ exitCode: running.exitCode, output }).toEqual({ exitCode: 0, output: "" });
    await intake.waitFor(() => names().length >= 1, { timeoutMs: 15_000 });
    expect(names()).toEqual(["from a CommonJS tool"]);
  });
});

(onLinux ? describe : describe.skip)("the uploader, on Linux", () => {
  it("outlives a Ctrl-C that ends the tool and its whole process group", async () => {
    intake.reply({ action: "hang" });
    const tool = bench.start([["track", "one"], ["listen"], ["print", "ready"], ["hang"]]);
    await tool.waitForOutput("ready");
    const group = tool.child.pid ?? 0;
    process.kill(-group, "SIGINT");
    await tool.exited;
    await intake.waitFor((requests) => requests.length >= 1, { timeoutMs: 15_000 });
    const [uploader] = bench.uploaders();
    expect(uploader).toBeDefined();
    expect(() => process.kill(-group, 0)).toThrow("ESRCH");
  });
});
