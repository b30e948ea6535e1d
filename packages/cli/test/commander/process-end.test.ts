import { describe, expect, it } from "@jest/globals";
import { type Mode, type NotesOptions, type NotesResult, runNotes } from "./notes-process.ts";

const nodeMajor = Number(process.versions.node.split(".")[0]);
const COPIES = ["commander-12", "commander-13", "commander", ...(nodeMajor >= 22 ? ["commander-15"] : [])];
const without15 = nodeMajor >= 22 ? "" : ` (Commander 15 is left out: it wants Node 22, this is ${process.versions.node})`;

/** The tool must end and print the same whatever candor does; answers what it does with candor on. */
async function unchanged(words: readonly string[], options: NotesOptions): Promise<NotesResult> {
  const modes: readonly Mode[] = ["absent", "off", "on"];
  const [absent, off, on] = await Promise.all(modes.map((mode) => runNotes(words, { ...options, mode })));
  if (!absent || !off || !on) throw new Error("a mode was not run");
  expect(off).toEqual(absent);
  expect(on.ended).toEqual(absent.ended);
  expect(absent.files).toEqual([]);
  return on;
}

const ANY_DURATION = expect.any(Number);

describe.each(COPIES)(`a tool instrumented with %s${without15}`, (commander) => {
  it.each([
    ["exit-7", 7],
    ["exit-7-late", 7],
    ["status-3", 3],
    ["throw", 1],
    ["reject", 1],
    ["throw-later", 1],
    ["throw-hostile", 1],
    ["error-4", 4],
  ])("ends `%s` as ever, and records its status %i", async (word, exitCode) => {
    const { ended, recorded } = await unchanged([word], { commander });
    expect(ended).toMatchObject({ exitCode, signal: null });
    expect(recorded).toEqual([{ name: `notes ${word}`, durationMs: ANY_DURATION, exitCode }]);
  });

  it.each([
    [["add"], "notes add"],
    [["add", "--nope"], "notes add"],
    [["nope"], "notes"],
    [["tag", "nope"], "notes tag"],
    [["t", "a"], "notes tag add"],
  ])("records the usage error %j under %s", async (words, name) => {
    const { ended, recorded } = await unchanged(words, { commander });
    expect(ended).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("error: ") });
    expect(recorded).toEqual([{ name, durationMs: ANY_DURATION, exitCode: 1 }]);
  });

  it.each([[["--help"]], [["help", "add"]], [["add", "--help"]], [["tag"]], [[]], [["--version"]], [["completion"]], [["__complete", "--", "a"]], [["self", "completion"]]])(
    "does not record %j",
    async (words) => {
      const { ended, recorded } = await unchanged(words, { commander });
      expect(ended.stdout + ended.stderr).not.toBe("");
      expect(recorded).toEqual([]);
    },
  );

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("dies of %s as ever, and records the status %i", async (signal, exitCode) => {
    const { ended, recorded } = await unchanged(["wait"], { commander, signal });
    expect(ended).toMatchObject({ exitCode: null, signal });
    expect(recorded).toEqual([{ name: "notes wait", durationMs: ANY_DURATION, exitCode, signal }]);
  });

  it("records the exit status a tool's own signal handler chooses", async () => {
    const { ended, recorded } = await unchanged(["wait", "--own", "exit"], { commander, signal: "SIGINT" });
    expect(ended).toMatchObject({ exitCode: 5, signal: null });
    expect(recorded).toEqual([{ name: "notes wait", durationMs: ANY_DURATION, exitCode: 5, signal: "SIGINT" }]);
  });

  it("lets a tool finish after a signal, and records how it did", async () => {
    const { ended, recorded } = await unchanged(["wait", "--own", "finish"], { commander, signal: "SIGTERM" });
    expect(ended).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("finished") });
    expect(recorded).toEqual([{ name: "notes wait", durationMs: ANY_DURATION, exitCode: 0, signal: "SIGTERM" }]);
  });

  it("lets handlers that wait for others clean up, and dies of the signal", async () => {
    const { ended, recorded } = await unchanged(["wait", "--own", "signal-exit"], { commander, signal: "SIGINT" });
    expect(ended).toMatchObject({ exitCode: null, signal: "SIGINT", stdout: expect.stringContaining("cleaned up") });
    expect(recorded).toEqual([{ name: "notes wait", durationMs: ANY_DURATION, exitCode: 130, signal: "SIGINT" }]);
  });

  it.each(["preSubcommand:before", "preSubcommand:after", "preSubcommand:nested", "preAction:before", "preAction:after", "preAction:nested", "postAction:after"])(
    "records the command of a hook that throws, %s",
    async (HOOK) => {
      const { ended, recorded } = await unchanged(["tag", "add", "x"], { commander, program: "hookThrows", environment: { HOOK } });
      expect(ended.exitCode).toBe(1);
      expect(recorded).toEqual([{ name: "notes tag add", durationMs: ANY_DURATION, exitCode: 1 }]);
    },
  );

  it("records a usage error whose help follows", async () => {
    const { recorded } = await unchanged(["add"], { commander, program: "helpAfterError" });
    expect(recorded).toMatchObject([{ name: "notes add", exitCode: 1 }]);
  });

  it("leaves exitOverride its errors", async () => {
    const failed = await unchanged(["add"], { commander, program: "exitOverride" });
    expect(failed.ended).toMatchObject({ exitCode: 64, stdout: "caught commander.missingArgument\n" });
    expect(failed.recorded).toMatchObject([{ name: "notes add", exitCode: 64 }]);
    const version = await unchanged(["--version"], { commander, program: "exitOverride" });
    expect(version.ended).toMatchObject({ exitCode: 0, stdout: "1.4.0\ncaught commander.version\n" });
    expect(version.recorded).toEqual([]);
  });

  it("leaves a tool its own handler of uncaught errors", async () => {
    const { ended, recorded } = await unchanged(["throw-later"], { commander, program: "handled" });
    expect(ended).toMatchObject({ exitCode: 0, stdout: "survived the note is torn\n" });
    expect(recorded).toMatchObject([{ name: "notes throw-later", exitCode: 0 }]);
  });

  it("records a stand-alone executable with its exit status, and not its help", async () => {
    const failed = await unchanged(["install", "4"], { commander, program: "executable" });
    expect(failed.ended).toMatchObject({ exitCode: 4, stdout: "installed\n" });
    expect(failed.recorded).toMatchObject([{ name: "notes install", exitCode: 4 }]);
    const helped = await unchanged(["install", "--help"], { commander, program: "executable" });
    expect(helped.ended).toMatchObject({ exitCode: 0, stdout: "install: help\n" });
    expect(helped.recorded).toEqual([]);
  });

  it("does not record what a tool without an action does after parsing", async () => {
    const { ended, recorded } = await unchanged([], { commander, program: "bareThenWork" });
    expect(ended.exitCode).toBe(9);
    expect(recorded).toEqual([]);
  });

  it.each([
    ["ordinary", ["a", "x", "--name", "y"], "added x\n", "notes add"],
    ["sync", ["t", "a", "x"], "tagged x\n", "notes tag add"],
    ["late", ["tag", "add", "x"], "tagged x\n", "notes tag add"],
    ["twoCopies", ["add", "x"], "added x\n", "notes add"],
    ["root", ["x"], "noted x\n", "notes"],
    ["byDefault", ["x"], "nothing to list\n", "notes list"],
    ["passThrough", ["run", "x", "--help"], "x --help\n", "notes run"],
    ["ordinary", ["chat", "completion"], "I complete you\n", "notes chat completion"],
  ])("records the %s tool's %j once, by its full path", async (program, words, stdout, name) => {
    const { ended, recorded } = await unchanged(words, { commander, program });
    expect(ended).toEqual({ exitCode: 0, signal: null, stdout, stderr: "" });
    expect(recorded).toEqual([{ name, durationMs: ANY_DURATION, exitCode: 0 }]);
  });

  it("records every command line of one process", async () => {
    const { ended, recorded } = await unchanged(["add x", "--version", "add", "tag add x"], { commander, program: "repeat" });
    expect(ended.exitCode).toBe(0);
    expect(recorded.map(({ name }) => name).sort()).toEqual(["notes add", "notes add", "notes tag add"]);
  });

  it("keeps arguments and errors only under extended collection", async () => {
    const { recorded } = await runNotes(["throw"], { commander, environment: { EXTENDED: "1" } });
    expect(recorded).toMatchObject([{ name: "notes throw", error: "the note is torn" }]);
    const { recorded: added } = await runNotes(["add", "x", "--name", "y"], { commander, environment: { EXTENDED: "1" } });
    expect(added).toMatchObject([{ name: "notes add", args: ["x", "--name", "y"] }]);
  });

  it.each([
    ["program", ["telemetry"]],
    ["self", ["self", "telemetry"]],
  ])("records nothing for telemetry below the %s", async (MOUNT, path) => {
    const status = await runNotes([...path, "status", "--json"], { commander, environment: { MOUNT } });
    expect(status.ended).toMatchObject({ exitCode: 0, stderr: "" });
    expect(JSON.parse(status.ended.stdout)).toMatchObject({ enabled: true, source: "tool-variable" });
    for (const word of ["disable", "reset", "nope"]) {
      const { ended, recorded } = await runNotes([...path, word], { commander, environment: { MOUNT } });
      expect(ended.stdout + ended.stderr).not.toBe("");
      expect(recorded).toEqual([]);
    }
  });
});
