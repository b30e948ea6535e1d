import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { Command } from "commander";
import { addTelemetryCommand, instrument, runMain, trackPlugin, trackWith } from "../../src/commander.ts";
import { spyCollector, type SpyCollector } from "../spy-collector.ts";
import { contain, parse } from "./contained-program.ts";
import { COPIES } from "./copies.ts";

describe.each(COPIES)("the lifecycle of a command, with Commander $version", ({ createProgram }) => {
  let collector: SpyCollector;
  let program: Command;
  let action: () => void;

  /** Runs one command line to the end of the process; answers the flags that its last event names. */
  async function flagsGiven(line: string, exitCode = 0): Promise<unknown> {
    await parse(program, line);
    collector.end({ kind: "exit", exitCode });
    return collector.tracked[0]?.properties?.["flags"];
  }

  beforeEach(() => {
    collector = spyCollector();
    action = () => collector.advance(1500);
    program = createProgram("dr").option("-v, --verbose").option("--token <token>").option("--no-color").option("--color [when]").option("--strict <yes>", "", (text) => text === "yes");
    const list = program.command("templates").command("list").argument("[filter...]").option("--limit <n>").option("-x");
    list.option("--level <n>", "", "3").action(() => action());
    instrument(program, collector, { lifecycle: true });
  });

  afterEach(() => {
    collector.end({ kind: "exit", exitCode: 0 });
    process.exitCode = undefined;
  });

  it("reports a failure, which the specification's hooks never saw", async () => {
    action = () => {
      throw new RangeError("no such filter: /home/ada");
    };
    await runMain(contain(program), ["node", "dr", "templates", "list", "--limit", "5"]);
    collector.end({ kind: "exit", exitCode: 1 });
    expect(collector.tracked).toEqual([
      {
        name: "command_failed",
        args: ["--limit", "5"],
        durationMs: 0,
        exitCode: 1,
        error: "no such filter: /home/ada",
        properties: { command: "dr templates list", duration_ms: 0, success: false, error_type: "RangeError", flags: ["--limit"] },
      },
    ]);
  });

  it("reports a usage error, which never started", async () => {
    expect(await flagsGiven("--verbose templates list --limit 5 --nope /home/ada", 1)).toEqual(["--verbose", "--limit"]);
    expect(collector.others).toEqual([]);
    expect(collector.tracked).toMatchObject([{ name: "command_failed", exitCode: 1, properties: { command: "dr templates list", error_type: "CommanderError" } }]);
  });

  it("knows no type of error where there is only a status", async () => {
    await flagsGiven("templates list", 3);
    expect(collector.tracked).toMatchObject([{ name: "command_failed", exitCode: 3, properties: { success: false } }]);
    expect(collector.tracked[0]?.properties).not.toHaveProperty("error_type");
  });

  it("takes a command that a signal ended for failed", async () => {
    await parse(program, "templates list");
    collector.end({ kind: "signal", signal: "SIGINT", final: true });
    expect(collector.tracked).toMatchObject([{ name: "command_failed", exitCode: 130, signal: "SIGINT", durationMs: 1500, properties: { success: false, duration_ms: 1500 } }]);
  });

  it("reports the start before the action, and the end once its outcome is known", async () => {
    action = () => {
      expect(collector.others).toHaveLength(1);
      collector.advance(1500);
    };
    await flagsGiven("-v templates list a b");
    expect(collector.others).toEqual([
      { type: "command.started", name: "command_started", properties: { command: "dr templates list", args_count: 2, flags: ["--verbose"] } },
    ]);
    expect(collector.tracked).toEqual([
      {
        name: "command_completed",
        args: ["a", "b"],
        durationMs: 1500,
        exitCode: 0,
        properties: { command: "dr templates list", duration_ms: 1500, success: true, flags: ["--verbose"] },
      },
    ]);
  });

  it.each([
    ["templates list", []],
    ["--token secret templates list --limit 5 -x", ["--token", "--limit", "-x"]],
    ["templates list -- --limit --nope", []],
    ["--strict no templates list", ["--strict"]],
    ["--no-color templates list", ["--no-color"]],
    ["--color always templates list", ["--color"]],
    ["--color=never templates list --level 3", ["--color", "--level"]],
  ])("names the options of `%s`, and no value", async (line, flags) => {
    expect(await flagsGiven(line)).toEqual(flags);
    expect(collector.others[0]?.properties?.["flags"]).toEqual(flags);
  });

  it("names no option that comes from the environment or the configuration", async () => {
    const list = program.commands[0]?.commands[0];
    list?.hook("preAction", () => void list.setOptionValueWithSource("limit", "5", "env"));
    expect(await flagsGiven("templates list -x")).toEqual(["-x"]);
  });

  it("keeps the options of each of several command lines", async () => {
    await parse(program, "--verbose templates list");
    await parse(program, "--verbose templates list --nope");
    await flagsGiven("--verbose templates list -x");
    expect(collector.tracked.map(({ properties }) => properties?.["flags"])).toEqual([["--verbose"], ["--verbose"], ["--verbose", "-x"]]);
  });

  it("adds what the wiring says, at the start only whose command it is", async () => {
    const assist = trackPlugin(program.command("assist").action(() => undefined), "0.1.37");
    trackWith(program.command("status").action(() => undefined), () => ({ status: "idle", success: "as far as I know" }));
    await parse(program, assist.name());
    await flagsGiven("status");
    expect(collector.others.map(({ properties }) => properties?.["command_kind"])).toEqual(["plugin", "core"]);
    expect(collector.tracked[0]?.properties).toMatchObject({ command: "dr assist", command_kind: "plugin", plugin_version: "0.1.37" });
    expect(collector.tracked[1]?.properties).toMatchObject({ command: "dr status", command_kind: "core", status: "idle", success: "as far as I know" });
  });

  it("leaves out unwired commands where only tracked ones are wanted", async () => {
    const other = createProgram("dr");
    other.command("foo").action(() => undefined);
    instrument(other, collector, { lifecycle: true, commands: "tracked" });
    await parse(other, "foo");
    collector.end({ kind: "exit", exitCode: 0 });
    expect([collector.others, collector.tracked]).toEqual([[], []]);
  });

  it("says nothing of commands about the tool itself", async () => {
    addTelemetryCommand(program, collector);
    program.command("completion").action(() => undefined);
    await parse(program, "telemetry status");
    await parse(program, "completion");
    await parse(program, "templates list --help");
    collector.end({ kind: "exit", exitCode: 0 });
    expect([collector.others, collector.tracked]).toEqual([[], []]);
  });
});
