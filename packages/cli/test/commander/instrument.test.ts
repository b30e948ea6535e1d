import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { Command } from "commander";
import { instrument } from "../../src/commander.ts";
import { spyCollector, type SpyCollector } from "../spy-collector.ts";
import { addCommands, contain, parse } from "./contained-program.ts";
import { COPIES } from "./copies.ts";

describe.each(COPIES)("instrument, with Commander $version", ({ createProgram }) => {
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

  it("adds nothing to a program when the collector is disabled", async () => {
    const off = spyCollector({ enabled: false });
    const before = Object.entries(program);
    instrument(program, off);
    expect(off.listening()).toBe(0);
    expect(Object.entries(program)).toEqual(before);
    await parse(program, "add x");
    off.end({ kind: "exit", exitCode: 0 });
    expect(off.tracked).toEqual([]);
  });

  it.each([
    ["add", "notes add", "commander.missingArgument"],
    ["add --nope x", "notes add", "commander.unknownOption"],
    ["nope", "notes", "commander.unknownCommand"],
    ["--nope", "notes", "commander.unknownOption"],
    ["tag nope", "notes tag", "commander.unknownCommand"],
    ["t a", "notes tag add", "commander.missingArgument"],
  ])("records the usage error `%s` under `%s`", async (line, name, code) => {
    instrument(program, collector);
    expect(await recorded(line, 1)).toEqual([name]);
    expect(ended).toBe(code);
    expect(collector.tracked[0]).toMatchObject({ exitCode: 1, error: expect.stringContaining("error: ") });
  });

  it("records a usage error that the tool answers with status 0", async () => {
    instrument(program, collector);
    expect(await recorded("add", 0)).toEqual(["notes add"]);
  });

  it("records a usage error after which help is shown", async () => {
    program.showHelpAfterError();
    instrument(program, collector);
    expect(await recorded("nope", 1)).toEqual(["notes"]);
  });

  it("records a failure of a hook that hides the command under the command's name", async () => {
    program.hook("preSubcommand", () => {
      throw new Error("not signed in");
    });
    instrument(program, collector);
    expect(await recorded("t a x", 1)).toEqual(["notes tag add"]);
    expect(ended).toBe("Error: not signed in");
  });

  it("records the full path by canonical names, without arguments", async () => {
    instrument(program, collector);
    expect(await recorded("t a secret")).toEqual(["notes tag add"]);
    expect(ended).toBeUndefined();
  });

  it("passes on the words after the command, its options included", async () => {
    program.option("--verbose");
    instrument(program, collector);
    await recorded("--verbose a title --name secret");
    expect(collector.tracked).toMatchObject([{ name: "notes add", args: ["title", "--name", "secret"] }]);
  });

  it("records the root's own name when the root has an action", async () => {
    const root = createProgram("notes").argument("[title]").option("--name <name>").action(() => undefined);
    instrument(root, collector);
    await parse(root, "title --name me");
    collector.end({ kind: "exit", exitCode: 0 });
    expect(collector.tracked).toMatchObject([{ name: "notes", args: ["title", "--name", "me"] }]);
  });

  it("names a nameless root after the tool, not after the script's file", async () => {
    const root = createProgram().action(() => undefined);
    instrument(root, collector);
    await contain(root).parseAsync(["node", "/home/ada/my-notes.js"]);
    collector.end({ kind: "exit", exitCode: 0 });
    expect(collector.tracked).toMatchObject([{ name: "notes" }]);
  });

  it("records a default command by its name, with all words as arguments", async () => {
    program.command("list", { isDefault: true }).argument("[filter]").action(() => undefined);
    instrument(program, collector);
    await recorded("urgent");
    expect(collector.tracked).toMatchObject([{ name: "notes list", args: ["urgent"] }]);
  });

  it("records commands that are added after it was called", async () => {
    instrument(program, collector);
    program.command("late").command("later").argument("<x>").action(() => undefined);
    expect(await recorded("late later", 0)).toEqual(["notes late later"]);
  });

  it("notices a usage error though the output is configured after it was called", async () => {
    instrument(program, collector);
    program.configureOutput({ outputError: () => undefined });
    expect(await recorded("nope", 0)).toEqual(["notes"]);
  });

  it("records an unknown command that the tool itself answers, without the word", async () => {
    program.on("command:*", () => {
      throw new Error("no such command");
    });
    instrument(program, collector);
    expect(await recorded("nope", 1)).toEqual(["notes"]);
    expect(ended).toBe("Error: no such command");
  });

  it("hands a usage error to the tool's own printer, as it was", async () => {
    const printed: string[] = [];
    const output = { outputError: (text: string, write: (text: string) => void) => write(`notes: ${text}`) };
    program.configureOutput(output);
    instrument(program, collector);
    contain(program).configureOutput({ writeErr: (text) => void printed.push(text) });
    await expect(program.parseAsync(["nope"], { from: "user" })).rejects.toThrow("unknown command");
    expect(printed).toEqual(["notes: error: unknown command 'nope'\n"]);
  });

  it("records once when the program is instrumented twice", async () => {
    instrument(program, collector);
    instrument(program, collector);
    expect(await recorded("add x")).toEqual(["notes add"]);
  });

  it("records each of several command lines in one process, when the next begins", async () => {
    instrument(program, collector);
    await parse(program, "add x");
    expect(collector.tracked).toEqual([]);
    process.exitCode = 2;
    collector.advance(12);
    await parse(program, "add");
    expect(collector.tracked).toMatchObject([{ name: "notes add", exitCode: 2, durationMs: 12 }]);
    await parse(program, "--version");
    await parse(program, "tag add x");
    collector.end({ kind: "exit", exitCode: 2 });
    expect(collector.tracked.map(({ name }) => name)).toEqual(["notes add", "notes add", "notes tag add"]);
  });

  it("does not take a tool that reads options inside an action for another command", async () => {
    program.command("peek").action(() => {
      collector.advance(5);
      program.parseOptions(["--verbose"]);
      collector.advance(5);
    });
    instrument(program, collector);
    program.parseOptions(["--verbose"]);
    await recorded("peek", 3);
    expect(collector.tracked).toMatchObject([{ name: "notes peek", durationMs: 10, exitCode: 3 }]);
  });

  it("records both commands when an action has another one parsed", async () => {
    program.command("again").action(async () => {
      await program.commands[0]?.parseAsync(["x"], { from: "user" });
    });
    instrument(program, collector);
    expect(await recorded("again")).toEqual(["notes again", "notes add"]);
  });

  it("leaves synchronous parsing synchronous", () => {
    const ran: string[] = [];
    program.command("now").action(() => void ran.push("now"));
    instrument(program, collector);
    contain(program).parse(["now"], { from: "user" });
    expect(ran).toEqual(["now"]);
    collector.end({ kind: "exit", exitCode: 0 });
    expect(collector.tracked).toHaveLength(1);
  });

  it.each(["_actionHandler", "_executableHandler"])("records a failing hook where the private member %s is missing", async (member) => {
    program.hook("preAction", () => {
      throw new Error("not signed in");
    });
    instrument(program, collector);
    await parse(program, "add x");
    expect(Reflect.has(program, member)).toBe(true);
    for (const each of [program, ...program.commands]) Reflect.deleteProperty(each, member);
    collector.end({ kind: "exit", exitCode: 1 });
    expect(collector.tracked).toMatchObject([{ name: "notes add", exitCode: 1 }]);
  });

  it("records each command line where the private member rawArgs is missing", async () => {
    expect(Reflect.has(program, "rawArgs")).toBe(true);
    Object.defineProperty(program, "rawArgs", { get: () => undefined, set: (_line: unknown) => {} });
    instrument(program, collector);
    await parse(program, "add x");
    expect(await recorded("tag add x")).toEqual(["notes add", "notes tag add"]);
  });
});
