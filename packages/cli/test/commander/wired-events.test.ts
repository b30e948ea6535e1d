import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { Command } from "commander";
import { vectorsOf } from "../../../core/test/vectors.ts";
import { type InstrumentOptions, firstArg, instrument, track, trackPlugin, trackWith } from "../../src/commander.ts";
import { spyCollector, type SpyCollector } from "../spy-collector.ts";
import { parse } from "./contained-program.ts";
import { COPIES } from "./copies.ts";

describe.each(COPIES)("the event of a wired command, with Commander $version", ({ createProgram }) => {
  let collector: SpyCollector;
  let program: Command;

  /** Runs one command line to the end of the process. */
  async function run(line: string, { exitCode = 0, ...options }: InstrumentOptions & { readonly exitCode?: number } = {}): Promise<void> {
    instrument(program, collector, options);
    await parse(program, line);
    collector.end({ kind: "exit", exitCode });
  }

  /** The arguments that the extractor of `add` is given for a command line. */
  async function argumentsGiven(line: string, { exitCode = 0, unknownOptions = false } = {}): Promise<unknown> {
    const add = program.command("add").argument("[words...]").option("--name <name>").allowUnknownOption(unknownOptions);
    trackWith(add.action(() => undefined), (_command, args) => ({ args }));
    await run(line, { exitCode });
    return collector.tracked[0]?.properties?.["args"];
  }

  beforeEach(() => {
    collector = spyCollector();
    program = createProgram("dr").option("--verbose");
  });

  afterEach(() => {
    collector.end({ kind: "exit", exitCode: 0 });
    process.exitCode = undefined;
  });

  it("computes nothing where telemetry is off", async () => {
    collector = spyCollector({ enabled: false });
    let asked = 0;
    trackWith(program.command("foo").action(() => undefined), () => ({ asked: (asked += 1) }));
    await run("foo", { commands: "tracked", lifecycle: true });
    expect([asked, collector.tracked, collector.others]).toEqual([0, [], []]);
  });

  it("computes nothing once telemetry was stopped by the command", async () => {
    let asked = 0;
    trackWith(program.command("foo").action(() => collector.stop()), () => ({ asked: (asked += 1) }));
    await run("foo", { lifecycle: true });
    expect(asked).toBe(0);
    expect(collector.tracked).toEqual([]);
  });

  it("loses its properties, and says so in a debug line, where the extractor throws", async () => {
    trackWith(program.command("foo").action(() => undefined), () => {
      throw new Error("no result yet");
    });
    await run("foo");
    expect(collector.tracked).toMatchObject([{ name: "dr foo", properties: { command_kind: "core" } }]);
    expect(collector.debugLines).toEqual(['the extractor of a command gave no properties {"command":"dr foo","problem":"no result yet"}']);
  });

  it.each([0, 1, 7])("holds what the action worked out, with the exit status %i", async (exitCode) => {
    let found: string[] = [];
    const check = program.command("check").action(() => {
      found = ["git is missing"];
      if (exitCode > 0) throw new Error("prerequisites");
    });
    trackWith(check, () => ({ validation_violations: found }));
    await run("check", { exitCode });
    expect(collector.tracked).toMatchObject([{ name: "dr check", exitCode, properties: { command_kind: "core", validation_violations: ["git is missing"] } }]);
  });

  it("holds what the action worked out when a signal ends the process", async () => {
    let step = "none";
    trackWith(program.command("wait").action(() => void (step = "waiting")), () => ({ step }));
    instrument(program, collector);
    await parse(program, "wait");
    collector.end({ kind: "signal", signal: "SIGTERM", final: false });
    expect(collector.tracked).toEqual([]);
    step = "cleaning up";
    collector.end({ kind: "signal", signal: "SIGTERM", final: true });
    expect(collector.tracked).toMatchObject([{ signal: "SIGTERM", exitCode: 143, properties: { step: "cleaning up" } }]);
  });

  it("says whose command it is, unless the extractor says it", async () => {
    trackPlugin(program.command("assist").action(() => undefined), "0.1.37");
    trackWith(program.command("own").action(() => undefined), () => ({ command_kind: "template" }));
    instrument(program, collector);
    await parse(program, "assist");
    await run("own");
    expect(collector.tracked.map(({ properties }) => properties)).toEqual([
      { command_kind: "plugin", plugin_version: "0.1.37" },
      { command_kind: "template" },
    ]);
  });

  it.each(vectorsOf("dr.amplitude_event"))("has the name and the properties of the DataRobot CLI's event, $id", async ({ input, expected }) => {
    const path = String(Reflect.get(Object(input), "command"));
    const version = String(Reflect.get(Object(input), "plugin_version"));
    trackPlugin(program.command(path.replace("dr ", "")).action(() => undefined), version);
    await run(path.replace("dr ", ""));
    const { __absent: _absent, ...properties } = Object(Reflect.get(Object(expected), "event_properties"));
    expect(collector.tracked).toMatchObject([{ name: Reflect.get(Object(expected), "event_type"), properties }]);
    expect(collector.tracked[0]?.properties).toEqual(properties);
  });

  it("is the only one when the action runs the action of another wired command", async () => {
    const compose = async (): Promise<void> => Promise.resolve();
    track(program.command("compose").action(compose));
    track(program.command("add").action(async () => compose()));
    await run("add", { commands: "tracked" });
    expect(collector.tracked.map(({ name }) => name)).toEqual(["dr add"]);
  });

  it("gives an unwired command no properties", async () => {
    program.command("foo").action(() => undefined);
    await run("foo");
    expect(collector.tracked).toEqual([{ name: "dr foo", args: [], durationMs: 0, exitCode: 0 }]);
  });

  it("is there for a command that is wired after the program was instrumented", async () => {
    instrument(program, collector, { commands: "tracked" });
    track(program.command("late").action(() => undefined));
    await run("late");
    expect(collector.tracked).toHaveLength(1);
  });

  it("is the only kind of event where only tracked commands are wanted", async () => {
    program.command("foo").action(() => undefined);
    track(program.command("bar").action(() => undefined));
    instrument(program, collector, { commands: "tracked" });
    await parse(program, "foo");
    await parse(program, "nope");
    await parse(program, "foo --nope");
    await run("bar");
    expect(collector.tracked.map(({ name }) => name)).toEqual(["dr bar"]);
  });

  it.each([["bar --nope"], ["bar a b"], ["bar --level"], ["bar"]])("is there for the usage error `%s`", async (line) => {
    trackWith(program.command("bar").argument("<one>").option("--level <n>").allowExcessArguments(false).action(() => undefined), (_command, args) => ({ first: firstArg(args) }));
    await run(line, { commands: "tracked", exitCode: 1 });
    expect(collector.tracked).toMatchObject([{ name: "dr bar", exitCode: 1, properties: { first: line === "bar a b" ? "a" : "" } }]);
  });

  it("asks the extractor for the command that was run, with its options", async () => {
    const install = program.command("install").argument("<plugin>").option("--version <version>").action(() => undefined);
    trackWith(install, (command, args) => ({ plugin_name: firstArg(args), plugin_version: command.opts()["version"] }));
    await run("install assist --version 0.1.37");
    expect(collector.tracked[0]?.properties).toEqual({ command_kind: "core", plugin_name: "assist", plugin_version: "0.1.37" });
  });

  it.each([
    ["add", []],
    ["add a b", ["a", "b"]],
    ["--verbose add --name n a b", ["a", "b"]],
    ["add a --name n -- --b", ["a", "--b"]],
  ])("gives the extractor the arguments of `%s`", async (line, expected) => {
    expect(await argumentsGiven(line)).toEqual(expected);
  });

  it("gives the extractor all the words of a command that takes unknown options", async () => {
    expect(await argumentsGiven("add a --what ever", { unknownOptions: true })).toEqual(["a", "--what", "ever"]);
  });

  it.each([
    ["add a --nope secret", ["a"]],
    ["add --nope secret", []],
    ["add a --name", ["a"]],
  ])("gives the extractor of the usage error `%s` no word that may be an option's value", async (line, expected) => {
    expect(await argumentsGiven(line, { exitCode: 1 })).toEqual(expected);
  });

  it("gives the extractor the words before the first option where a hook failed before they were parsed", async () => {
    program.hook("preSubcommand", () => {
      throw new Error("not signed in");
    });
    expect(await argumentsGiven("add a --name n b", { exitCode: 1 })).toEqual(["a"]);
  });

  it("keeps the arguments of each of several command lines", async () => {
    trackWith(program.command("add").argument("[words...]").action(() => undefined), (_command, args) => ({ args }));
    instrument(program, collector);
    await parse(program, "add a");
    await run("add b");
    expect(collector.tracked.map(({ properties }) => properties?.["args"])).toEqual([["a"], ["b"]]);
  });
});
