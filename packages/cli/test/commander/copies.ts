/** The copies of Commander that instrumentation is tried with in this process; 15 is ESM and tried in processes of its own. */
import { Command } from "commander";
import { Command as Command12 } from "commander-12";
import { Command as Command13 } from "commander-13";

/** Makes programs of each copy, typed as the newest: the tests use what all of them have. */
export const COPIES: readonly { readonly version: number; readonly createProgram: (name?: string) => Command }[] = [
  { version: 12, createProgram: (name) => asNewest(new Command12(name)) },
  { version: 13, createProgram: (name) => asNewest(new Command13(name)) },
  { version: 14, createProgram: (name) => new Command(name) },
];

function asNewest(program: object): Command {
  if (!isCommand(program)) throw new Error("not a program of Commander's");
  return program;
}

function isCommand(program: object): program is Command {
  return "parseAsync" in program;
}
