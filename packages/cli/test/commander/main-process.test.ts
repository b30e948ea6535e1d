import { constants } from "node:os";
import { describe, expect, it } from "@jest/globals";
import { type NotesOptions, type NotesResult, runNotes } from "./notes-process.ts";

const nodeMajor = Number(process.versions.node.split(".")[0]);
const COPIES = ["commander-12", "commander-13", "commander", ...(nodeMajor >= 22 ? ["commander-15"] : [])];
const without15 = nodeMajor >= 22 ? "" : ` (Commander 15 is left out: it wants Node 22, this is ${process.versions.node})`;
const ANY_DURATION = expect.any(Number);

/** Runs `dr` with telemetry and without; both must end and print the same. Answers the run with telemetry. */
async function runDr(words: readonly string[], options: NotesOptions): Promise<NotesResult> {
  const run = (mode: "on" | "absent"): Promise<NotesResult> =>
    runNotes(words, { ...options, script: "dr.mjs", mode, environment: { DR_TELEMETRY: "on", ...options.environment } });
  const [on, absent] = await Promise.all([run("on"), run("absent")]);
  expect(on.ended).toEqual(absent.ended);
  return on;
}

describe.each(COPIES)(`a tool run by runMain, with %s${without15}`, (commander) => {
  it.each([
    ["succeed", 0, "", "done"],
    ["fail", 1, "Error: the note is torn\n", "begun"],
    ["fail-4", 4, "Error: no such note\n", "begun"],
    ["fail-silently", 1, "compose failed: see above\n", "begun"],
    ["exit-3", 3, "", "exiting"],
    ["never-started", 1, "", "begun"],
    ["unknown-signal", 1, "", "begun"],
  ])("ends `%s` with %i, says what it must, and records what the action came to", async (word, exitCode, stderr, step) => {
    const { ended, recorded } = await runDr([word, "x"], { commander });
    expect(ended).toMatchObject({ exitCode, signal: null, stderr });
    expect(recorded).toEqual([{ name: `dr ${word}`, durationMs: ANY_DURATION, exitCode, properties: { command_kind: "core", step, args_given: 1 } }]);
  });

  it.each(["throw-later", "reject-later"])("leaves `%s` to Node.js, and records it", async (word) => {
    const { ended, recorded } = await runDr([word], { commander });
    expect(ended).toMatchObject({ exitCode: 1, signal: null, stderr: expect.stringContaining("TypeError") });
    expect(recorded).toMatchObject([{ name: `dr ${word}`, exitCode: 1, properties: { step: "begun" } }]);
  });

  it.each(["SIGINT", "SIGTERM"] as const)("dies of %s, and records how far the action came", async (signal) => {
    const { ended, recorded } = await runDr(["wait"], { commander, signal });
    expect(ended).toMatchObject({ exitCode: null, signal });
    expect(recorded).toMatchObject([{ name: "dr wait", signal, exitCode: 128 + constants.signals[signal], properties: { step: "waiting" } }]);
  });

  it("ends as the child ended, with its status", async () => {
    const { ended, recorded } = await runDr(["shell", "exit 7"], { commander });
    expect(ended).toMatchObject({ exitCode: 7, signal: null, stdout: "cleaned up\n" });
    expect(recorded).toMatchObject([{ name: "dr shell", exitCode: 7, properties: { step: "child ended" } }]);
  });

  it.each(["SIGINT", "SIGTERM", "SIGKILL", "SIGUSR2"] as const)("ends as the child ended, of %s, whatever handles that signal", async (signal) => {
    for (const handlers of [[], ["--own-handlers"]]) {
      const { ended, recorded } = await runDr([...handlers, "shell", `kill -${signal.slice(3)} $$`], { commander });
      expect(ended).toMatchObject({ exitCode: null, signal, stdout: "cleaned up\n" });
      expect(recorded).toMatchObject([{ name: "dr shell", signal, exitCode: 128 + constants.signals[signal], properties: { step: "child ended" } }]);
    }
  });

  it("records the signal that it ends of, not one that it waited out", async () => {
    const { ended, recorded } = await runDr(["--patient", "shell", "kill -INT $PPID; kill -TERM $$"], { commander });
    expect(ended).toMatchObject({ exitCode: null, signal: "SIGTERM" });
    expect(recorded).toMatchObject([{ signal: "SIGTERM", exitCode: 143 }]);
  });

  // Node.js ignores the one, and opens its debugger at the other.
  it.each(["SIGPIPE", "SIGUSR1"] as const)("answers with the status of a shell where %s would not end it", async (signal) => {
    const exitCode = 128 + constants.signals[signal];
    const { ended, recorded } = await runDr(["shell", `kill -${signal.slice(3)} $$`], { commander });
    expect(ended).toEqual({ exitCode, signal: null, stdout: "cleaned up\n", stderr: "" });
    expect(recorded).toMatchObject([{ signal, exitCode }]);
  });

  it("records a plugin's command that exits in its child's place", async () => {
    const { recorded } = await runDr(["assist", "exit 2"], { commander });
    expect(recorded).toEqual([{ name: "dr assist", durationMs: ANY_DURATION, exitCode: 2, properties: { command_kind: "plugin", plugin_version: "0.1.37" } }]);
  });

  it("does not end of what an extractor's promise rejects with", async () => {
    const { ended, recorded } = await runDr(["promise"], { commander });
    expect(ended).toEqual({ exitCode: 0, signal: null, stdout: "", stderr: "" });
    expect(recorded).toEqual([{ name: "dr promise", durationMs: ANY_DURATION, exitCode: 0, properties: { command_kind: "core" } }]);
  });

  it("writes all output before it ends", async () => {
    const { ended } = await runDr(["flood"], { commander });
    expect(ended.stdout).toHaveLength(200_000);
    expect(ended.stderr).toBe("Error: after much output\n");
  });

  it("records a wired command's usage error, and no unwired command", async () => {
    const failed = await runDr(["succeed", "a", "--nope"], { commander });
    expect(failed.recorded).toMatchObject([{ name: "dr succeed", exitCode: 1, properties: { step: "not begun", args_given: 1 } }]);
    expect((await runDr(["untracked"], { commander })).recorded).toEqual([]);
  });

  it.each([
    ["succeed", "command_completed", { success: true }, 0],
    ["fail", "command_failed", { success: false, error_type: "RangeError" }, 1],
    ["fail-silently", "command_failed", { success: false, error_type: "SilentError" }, 1],
    ["throw-later", "command_failed", { success: false, error_type: "TypeError" }, 1],
    ["reject-later", "command_failed", { success: false, error_type: "TypeError" }, 1],
  ])("records the life of `%s`", async (word, name, properties, exitCode) => {
    const { recorded, started } = await runDr(["--verbose", word, "x"], { commander, environment: { LIFECYCLE: "1" } });
    expect(started).toEqual([{ command_kind: "core", command: `dr ${word}`, args_count: 1, flags: ["--verbose"] }]);
    expect(recorded).toMatchObject([{ name, exitCode, properties: { command: `dr ${word}`, flags: ["--verbose"], ...properties } }]);
    expect(JSON.stringify(recorded)).not.toContain("torn");
  });

  it("keeps the error's words only under extended collection", async () => {
    const { recorded } = await runDr(["fail"], { commander, environment: { EXTENDED: "1" } });
    expect(recorded).toMatchObject([{ error: "the note is torn" }]);
  });
});
