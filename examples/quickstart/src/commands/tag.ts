/** `notes tag add <title> <tag>`: changes the tags of a note. */
import type { Command } from "commander";
import type { ChosenNotebook } from "../notebook.ts";
import { say } from "../output.ts";

/** Adds the command to the program. */
export function addTagCommand(program: Command, notebook: ChosenNotebook): void {
  program
    .command("tag")
    .description("change the tags of notes")
    .command("add")
    .description("give a note a tag")
    .argument("<title>", "title of the note")
    .argument("<tag>", "the tag")
    .action((title: string, tag: string) => say(`Tagged ${notebook().tag(title, tag)}`));
}
