/** The program: the command line of notes, put together from its commands. It runs nothing by itself. */
import { Command } from "commander";
import { addAddCommand } from "./commands/add.ts";
import { addCheckCommand } from "./commands/check.ts";
import { addListCommand } from "./commands/list.ts";
import { addSearchCommand } from "./commands/search.ts";
import { addTagCommand } from "./commands/tag.ts";
import { addWatchCommand } from "./commands/watch.ts";
import { type ChosenNotebook, openNotebook } from "./notebook.ts";

/** The whole command line; `version` is what `--version` prints. */
export function createProgram(version: string): Command {
  const program = new Command("notes")
    .description("Keeps notes as Markdown files in a directory.")
    .version(version)
    .option("--dir <path>", "directory of the notes", "notes");
  const notebook: ChosenNotebook = () => openNotebook(program.opts<{ dir: string }>().dir);
  for (const add of [addAddCommand, addListCommand, addSearchCommand, addTagCommand, addCheckCommand, addWatchCommand]) {
    add(program, notebook);
  }
  return program;
}
