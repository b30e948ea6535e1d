/** `notes add <title>`: writes a new note. */
import type { Command } from "commander";
import type { Note } from "../note.ts";
import type { ChosenNotebook } from "../notebook.ts";
import { say } from "../output.ts";

interface AddOptions {
  readonly tag?: readonly string[];
  readonly body?: string;
}

/** Adds the command to the program; it calls `onAdded` with the note it has written. */
export function addAddCommand(program: Command, notebook: ChosenNotebook, onAdded: (note: Note) => void): void {
  program
    .command("add")
    .description("write a new note")
    .argument("<title>", "what the note is about")
    .option("--tag <tag...>", "tags of the note")
    .option("--body <text>", "the note's text")
    .action((title: string, { tag = [], body = "" }: AddOptions) => {
      const note = { title, tags: tag, body };
      say(`Added ${notebook().add(note)}`);
      onAdded(note);
    });
}
