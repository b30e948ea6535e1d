import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Command, CommanderError, InvalidArgumentError } from "commander";
import { instrument, runMain } from "../../src/commander.ts";
import { SilentError } from "../../src/index.ts";
import { spyCollector } from "../spy-collector.ts";
import { COPIES } from "./copies.ts";

describe.each(COPIES)("runMain, with Commander $version", ({ createProgram }) => {
  let program: Command;
  let printed: string;
  let action: () => unknown;

  const run = (...words: string[]): Promise<void> => runMain(program, ["node", "dr", ...words]);

  beforeEach(() => {
    printed = "";
    action = () => undefined;
    program = createProgram("dr").exitOverride().configureOutput({ writeOut: () => undefined, writeErr: (text) => void (printed += text) });
    const go = program.command("go").argument("[n]", "a number", (text) => {
      if (text === "x") throw new InvalidArgumentError("Not a number.");
      return text;
    });
    go.action(async () => {
      await action();
    });
  });

  afterEach(() => {
    process.exitCode = undefined;
  });

  it.each([
    ["an error", new Error("the note is torn"), "Error: the note is torn\n", 1],
    ["an error of several lines", new TypeError("torn:\n  here"), "Error: torn:\n  here\n", 1],
    ["an error with a status", Object.assign(new Error("no such note"), { exitCode: 4 }), "Error: no such note\n", 4],
    ["an error whose status would be a success", Object.assign(new Error("odd"), { exitCode: 0 }), "Error: odd\n", 1],
    ["an error whose status wraps to a success", Object.assign(new Error("odd"), { exitCode: 256 }), "Error: odd\n", 1],
    ["an error whose status is no number", Object.assign(new Error("odd"), { exitCode: "4" }), "Error: odd\n", 1],
    ["an error without a message", new Error(""), "Error: the command failed without saying why\n", 1],
    ["a text", "torn", "Error: torn\n", 1],
    ["nothing at all", undefined, "Error: undefined\n", 1],
    ["what cannot be read", Object.create(null), "Error: the command failed without saying why\n", 1],
    ["a silent error", new SilentError("shown already"), "", 1],
    ["a silent error with a status", new SilentError("shown already", { exitCode: 3 }), "", 3],
    ["a silent error of another copy", Object.assign(new Error("shown"), { code: "ERR_CANDOR_SILENT" }), "", 1],
    ["an invalid argument that the action finds", new InvalidArgumentError("n must be small"), "Error: n must be small\n", 1],
    ["a Commander error with the tool's own code", new CommanderError(6, "dr.offline", "you are offline"), "Error: you are offline\n", 6],
  ])("answers %s with its words and a status", async (_what, thrown, words, exitCode) => {
    action = () => Promise.reject(thrown);
    await expect(run("go")).resolves.toBeUndefined();
    expect(printed).toBe(words);
    expect(process.exitCode).toBe(exitCode);
  });

  it.each([
    ["go --nope", 1, "error: unknown option '--nope'\n"],
    ["go x", 1, "error: command-argument value 'x' is invalid for argument 'n'. Not a number.\n"],
    ["go --help", 0, ""],
  ])("does not repeat what Commander printed for `%s`", async (line, exitCode, words) => {
    await run(...line.split(" "));
    expect(printed).toBe(words);
    expect(process.exitCode).toBe(exitCode);
  });

  it("keeps the status of an error that the tool has Commander print", async () => {
    action = () => program.error("error: no such note", { exitCode: 4 });
    await run("go");
    expect(printed).toBe("error: no such note\n");
    expect(process.exitCode).toBe(4);
  });

  it("shows an error without words for what refuses to be read", async () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    program.command("odd").action(() => {
      throw proxy;
    });
    await run("odd");
    expect([printed, process.exitCode]).toEqual(["Error: the command failed without saying why\n", 1]);
  });

  it("prints the stack only for an author who asks", async () => {
    const torn = new Error("the note is torn");
    action = () => Promise.reject(torn);
    await runMain(program, ["node", "dr", "go"], { stack: true });
    expect(printed).toBe(`${torn.stack}\n`);
  });

  it("leaves the status of a command that succeeds to the command", async () => {
    await run("go");
    expect(process.exitCode).toBeUndefined();
    action = () => void (process.exitCode = 3);
    await run("go");
    expect(process.exitCode).toBe(3);
  });

  it("tells everyone who records the program why the command failed", async () => {
    const collectors = [spyCollector(), spyCollector()];
    for (const collector of collectors) instrument(program, collector, { lifecycle: true });
    action = () => Promise.reject(new SilentError("shown already"));
    await run("go");
    for (const collector of collectors) {
      collector.end({ kind: "exit", exitCode: 1 });
      expect(collector.tracked).toMatchObject([{ error: "shown already", properties: { error_type: "SilentError" } }]);
    }
  });
});
