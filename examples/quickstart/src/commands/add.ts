/** `notes add <title>`: writes a new note. */
import type { Command } from "commander";
import type { ChosenNotebook } from "../notebook.ts";
import { say } from "../output.ts";

interface AddOptions {
  readonly tag?: readonly string[];
  readonly body?: string;
}

/** Adds the command to the program. */
export function addAddCommand(program: Command, notebook: ChosenNotebook): void {
  program
    .command("add")
    .description("write a new note")
    .argument("<title>", "what the note is about")
    .option("--tag <tag...>", "tags of the note")
    .option("--body <text>", "the note's text")
    .action((title: string, { tag = [], body = "" }: AddOptions) => say(`Added ${notebook().add({ title, tags: tag, body })}`));
}
