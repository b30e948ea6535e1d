import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { Command } from "commander";
import { addTelemetryCommand, instrument } from "../../src/commander.ts";
import { spyCollector, type SpyCollector } from "../spy-collector.ts";
import { addCommands, parse } from "./contained-program.ts";
import { COPIES } from "./copies.ts";

describe.each(COPIES)("what is not recorded, with Commander $version", ({ createProgram }) => {
  let collector: SpyCollector;
  let program: Command;
  let ended: string | undefined;

  /** Runs one command line to the end of the process and answers the names recorded. */
  async function recorded(line: string, exitCode = 0): Promise<readonly string[]> {
    ended = await parse(program, line);
    collector.end({ kind: "exit", exitCode });
    return collector.tracked.map(({ name }) => name);
  }

  beforeEach(() => {
    ended = undefined;
    collector = spyCollector();
    program = addCommands(createProgram("notes"));
  });

  afterEach(() => {
    collector.end({ kind: "exit", exitCode: 0 });
    process.exitCode = undefined;
  });

  it.each(["--help", "-h", "help", "help add", "help nope", "add --help", "tag", "tag help add", "", "--version"])("does not record `%s`", async (line) => {
    instrument(program, collector);
    expect(await recorded(line)).toEqual([]);
    expect(ended).toMatch(/^commander\./);
  });

  it("does not record a group whose action shows its help", async () => {
    program.action(() => program.help());
    instrument(program, collector);
    expect(await recorded("", 1)).toEqual([]);
    expect(ended).toBe("commander.help");
  });

  it("records a command that shows help in passing", async () => {
    program.command("explain").action(() => program.outputHelp());
    instrument(program, collector);
    expect(await recorded("explain")).toEqual(["notes explain"]);
  });

  it.each(["completion", "__complete", "__completeNoDesc", "self completion"])("does not record `%s`", async (line) => {
    const ran: string[] = [];
    for (const name of ["completion", "__complete", "__completeNoDesc"]) program.command(name).action(() => void ran.push(name));
    program.command("self").command("completion").action(() => void ran.push("self completion"));
    instrument(program, collector);
    expect(await recorded(line)).toEqual([]);
    expect(ran).toEqual([line]);
  });

  it.each(["__complete add x", "__completeNoDesc --title"])("does not record `%s`, which the completion script of an older version sends at every Tab, where there is no such command", async (line) => {
    instrument(program, collector);
    expect(await recorded(line, 1)).toEqual([]);
    expect(ended).toMatch(/^commander\./);
  });

  it("records a mistyped command beside which such a word is an argument", async () => {
    instrument(program, collector);
    expect(await recorded("nope __complete", 1)).toEqual(["notes"]);
  });

  it("records a command of the tool's trade that is called completion", async () => {
    program.command("chat").command("completion").action(() => undefined);
    instrument(program, collector);
    expect(await recorded("chat completion")).toEqual(["notes chat completion"]);
  });

  it.each(["telemetry", "telemetry status", "telemetry nope", "telemetry status --nope", "self telemetry status"])("does not record `%s`", async (line) => {
    addTelemetryCommand(program, collector);
    addTelemetryCommand(program.command("self"), collector);
    instrument(program, collector);
    expect(await recorded(line, 1)).toEqual([]);
  });

  it("records a command of the tool's own that is called telemetry", async () => {
    program.command("probe").command("telemetry").action(() => undefined);
    instrument(program, collector);
    expect(await recorded("probe telemetry")).toEqual(["notes probe telemetry"]);
  });

  it("does not record what a tool without an action does after parsing", async () => {
    const bare = createProgram("notes").option("--name <name>");
    instrument(bare, collector);
    expect(await parse(bare, "--name x")).toBeUndefined();
    collector.end({ kind: "exit", exitCode: 1 });
    expect(collector.tracked).toEqual([]);
  });
});
