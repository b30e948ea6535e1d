import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type ProcessResult, runProcess, type TemporaryHome, temporaryHome } from "@candor/testing";
import { compileExamples, examplesOfFixtures, examplesOfReadme } from "./readme-examples.ts";

const DRY_RUN = "[candor] debug: Telemetry event (dry-run) ";

describe("the README's examples", () => {
  let home: TemporaryHome;

  interface Run extends Omit<ProcessResult, "durationMs"> {
    /** The events in the debug log. */
    readonly events: readonly unknown[];
  }

  /** Runs an example as a tool whose user agreed, without a destination. */
  async function run(file: string, ...words: string[]): Promise<Run> {
    const environment = { ...home.environment, TELEMETRY_ENABLED: "true", NOTES_TELEMETRY: "debug", DR_TELEMETRY: "debug" };
    const { durationMs: _durationMs, stderr, ...ended } = await runProcess(process.execPath, [join(home.path, file), ...words], { environment });
    const lines = stderr.split("\n");
    const events = lines.filter((line) => line.startsWith(DRY_RUN)).map((line): unknown => JSON.parse(line.slice(DRY_RUN.length)).event);
    return { ...ended, stderr: lines.filter((line) => !line.startsWith("[candor]")).join("\n"), events };
  }

  beforeAll(() => {
    home = temporaryHome();
    compileExamples(home.path);
  });

  afterAll(() => home.dispose());

  it("are the files that are checked and linted, to the letter", () => {
    expect(Object.fromEntries(examplesOfReadme())).toEqual(Object.fromEntries(examplesOfFixtures()));
  });

  it("give a tool its telemetry in a few lines", async () => {
    expect(await run("notes.mjs", "add", "milk")).toMatchObject({ exitCode: 0, stdout: "added milk\n", stderr: "", events: [{ name: "notes add", exitCode: 0 }] });
    expect(await run("notes.mjs", "telemetry", "status", "--json")).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('"enabled": true'), events: [] });
  });

  it.each([
    [["foo"], 0, "", { command_kind: "core" }],
    [["install", "assist", "--version", "0.1.37"], 0, "", { command_kind: "core", plugin_name: "assist", plugin_version: "0.1.37" }],
    [["check", "git"], 0, "", { command_kind: "core", validation_violations: 0 }],
    [["check", "git", "uv", "task"], 1, "Error: missing: uv, task\n", { command_kind: "core", validation_violations: 2 }],
    [["add", "redis"], 1, "compose: no template here\n", { command_kind: "core", component_name: "redis" }],
    [["task", "run", "exit 7"], 7, "", { command_kind: "core", has_task: true }],
    [["task", "run"], 1, "error: missing required argument 'task'\n", { command_kind: "core", has_task: false }],
    [["assist"], 0, "", { command_kind: "plugin", plugin_version: "0.1.37" }],
  ])("end and record %j as the text says", async (words, exitCode, stderr, metadata) => {
    const result = await run("main.mjs", ...words);
    expect(result).toMatchObject({ exitCode, signal: null, stderr });
    const path = ["dr", ...words.slice(0, words[0] === "task" ? 2 : 1)].join(" ");
    expect(result.events).toEqual([expect.objectContaining({ type: "command.invocation", name: path, exitCode, metadata })]);
  });

  it("end a task as its signal ended it", async () => {
    const { signal, events } = await run("main.mjs", "task", "run", "kill -TERM $$");
    expect(signal).toBe("SIGTERM");
    expect(events).toEqual([expect.objectContaining({ name: "dr task run", signal: "SIGTERM", exitCode: 143 })]);
  });

  it("test the wiring", async () => {
    expect(await run("wiring-test.mjs")).toMatchObject({ exitCode: 0, stderr: "" });
  });
});
