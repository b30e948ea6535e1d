/** Running a Commander program within a test: it answers instead of ending the process, and keeps quiet. */
import type { Command } from "commander";

/** Keeps the program and all its commands from exiting and printing. Answers it. */
export function contain(program: Command): Command {
  program.exitOverride().configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  for (const each of program.commands) contain(each);
  return program;
}

/** Has the program parse the words of `line`. Answers the code of Commander's error, or the error as text; undefined for none. */
export async function parse(program: Command, line: string): Promise<string | undefined> {
  try {
    await contain(program).parseAsync(line === "" ? [] : line.split(" "), { from: "user" });
    return undefined;
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  }
}

/** A small tool: `notes add` (alias `a`), `notes tag add` (aliases `t` and `a`). */
export function addCommands(program: Command): Command {
  program.command("add").alias("a").argument("<title>").option("--name <name>").action(() => undefined);
  program.command("tag").alias("t").command("add").alias("a").argument("<tag>").action(() => undefined);
  return program.version("1.4.0");
}
