/** The program: the command line of notes, put together from its commands. It runs nothing by itself. */
import { Command } from "commander";
import { addAddCommand } from "./commands/add.ts";
import { addCheckCommand } from "./commands/check.ts";
import { addListCommand } from "./commands/list.ts";
import { addSearchCommand } from "./commands/search.ts";
import { addTagCommand } from "./commands/tag.ts";
import { addWatchCommand } from "./commands/watch.ts";
import type { Note } from "./note.ts";
import { type ChosenNotebook, openNotebook } from "./notebook.ts";

/** Who wants to know what the commands do. */
interface ProgramListener {
  /** A note has been written. */
  onAdded(note: Note): void;
}

/** The whole command line; `version` is what `--version` prints. */
export function createProgram(version: string, listener: ProgramListener): Command {
  const program = new Command("notes")
    .description("Keeps notes as Markdown files in a directory.")
    .version(version)
    .option("--dir <path>", "directory of the notes", "notes");
  const notebook: ChosenNotebook = () => openNotebook(program.opts<{ dir: string }>().dir);
  addAddCommand(program, notebook, (note) => listener.onAdded(note));
  for (const add of [addListCommand, addSearchCommand, addTagCommand, addCheckCommand, addWatchCommand]) {
    add(program, notebook);
  }
  return program;
}
