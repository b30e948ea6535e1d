import { constants } from "node:os";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { createInvocationRecorder, type InvocationRecorder } from "../src/invocation.ts";
import { spyCollector, type SpyCollector } from "./spy-collector.ts";

const exit = (exitCode: number): { readonly kind: "exit"; readonly exitCode: number } => ({ kind: "exit", exitCode });
const subject = (name: string): { describe(): { name: string; args: string[] } } => ({ describe: () => ({ name, args: ["x"] }) });

let collector: SpyCollector;
let recorder: InvocationRecorder;

beforeEach(() => {
  collector = spyCollector();
  recorder = createInvocationRecorder(collector);
});

afterEach(() => {
  collector.end(exit(0));
  process.exitCode = undefined;
});

describe("an invocation recorder", () => {
  it("records nothing when the process ends without a command", () => {
    collector.end(exit(1));
    expect(collector.tracked).toEqual([]);
  });

  it("records nothing that is not to be recorded, and asks with the exit status", () => {
    const asked: number[] = [];
    recorder.begin({ describe: ({ exitCode }) => void asked.push(exitCode) });
    collector.end(exit(3));
    expect(asked).toEqual([3]);
    expect(collector.tracked).toEqual([]);
  });

  it("records a command once, however often the process ends", () => {
    recorder.begin(subject("notes add"));
    collector.end({ kind: "signal", signal: "SIGTERM", final: true });
    collector.end(exit(0));
    expect(collector.tracked).toHaveLength(1);
  });

  it("leaves no listener for uncaught errors behind", () => {
    const before = process.listenerCount("uncaughtExceptionMonitor");
    recorder.begin(subject("notes add"));
    recorder.begin(subject("notes list"));
    expect(process.listenerCount("uncaughtExceptionMonitor")).toBe(before + 1);
    collector.end(exit(0));
    expect(process.listenerCount("uncaughtExceptionMonitor")).toBe(before);
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("records a final %s with the status a shell sees", (signal) => {
    recorder.begin(subject("notes add"));
    collector.end({ kind: "signal", signal, final: true });
    expect(collector.tracked).toEqual([{ name: "notes add", args: ["x"], durationMs: 0, exitCode: 128 + constants.signals[signal], signal }]);
  });

  it("only notes a signal the tool handles, and records it with the exit that follows", () => {
    recorder.begin(subject("notes add"));
    collector.end({ kind: "signal", signal: "SIGINT", final: false });
    expect(collector.tracked).toEqual([]);
    collector.end(exit(5));
    expect(collector.tracked).toEqual([{ name: "notes add", args: ["x"], durationMs: 0, exitCode: 5, signal: "SIGINT" }]);
  });

  it("forgets the signal of an earlier command", () => {
    recorder.begin(subject("notes add"));
    collector.end({ kind: "signal", signal: "SIGINT", final: false });
    recorder.begin(subject("notes list"));
    collector.end(exit(0));
    expect(collector.tracked.map(({ signal }) => signal)).toEqual(["SIGINT", undefined]);
  });

  it("keeps the latest error of a command that fails", () => {
    recorder.begin(subject("notes add"));
    recorder.noteFailure({ message: "first", type: "FirstError" });
    for (const listener of process.listeners("uncaughtExceptionMonitor")) listener(new Error("last"), "uncaughtException");
    collector.end(exit(1));
    expect(collector.tracked).toMatchObject([{ exitCode: 1, error: "last" }]);
  });

  it("drops the error of a command that recovers", () => {
    recorder.begin(subject("notes add"));
    recorder.noteFailure({ message: "first", type: "FirstError" });
    collector.end(exit(0));
    expect(collector.tracked).toEqual([{ name: "notes add", args: ["x"], durationMs: 0, exitCode: 0 }]);
  });

  it("records the command that is open when the next begins, with the exit status set so far", () => {
    recorder.begin(subject("notes add"));
    process.exitCode = 3;
    collector.advance(20);
    recorder.begin(subject("notes list"));
    expect(collector.tracked).toEqual([{ name: "notes add", args: ["x"], durationMs: 20, exitCode: 3 }]);
    process.exitCode = undefined;
    collector.advance(30.4);
    collector.end(exit(0));
    expect(collector.tracked[1]).toEqual({ name: "notes list", args: ["x"], durationMs: 30, exitCode: 0 });
  });

  it("takes a status given as text for the number it is", () => {
    recorder.begin(subject("notes add"));
    process.exitCode = "3";
    recorder.begin(subject("notes list"));
    expect(collector.tracked).toMatchObject([{ exitCode: 3 }]);
  });

  it("keeps of a status what the shell sees of it", () => {
    for (const status of [-1, 256, 257]) {
      recorder.begin(subject("notes add"));
      collector.end(exit(status));
    }
    expect(collector.tracked.map(({ exitCode }) => exitCode)).toEqual(process.platform === "win32" ? [-1, 256, 257] : [255, 0, 1]);
  });
});
