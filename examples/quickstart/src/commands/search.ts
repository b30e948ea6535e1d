/** `notes search <text>`: finds lines, whatever the case. Like grep, it exits with 1 when there are none. */
import type { Command } from "commander";
import type { ChosenNotebook } from "../notebook.ts";
import { say } from "../output.ts";

const EXIT_NOTHING_FOUND = 1;

/** Adds the command to the program. */
export function addSearchCommand(program: Command, notebook: ChosenNotebook): void {
  program
    .command("search")
    .description("find a text in the notes")
    .argument("<text>", "what to look for")
    .action((text: string) => {
      const wanted = text.toLowerCase();
      const found = notebook().pages().flatMap((page) =>
        page.text.split(/\r?\n/).flatMap((line, index) => (line.toLowerCase().includes(wanted) ? `${page.file}:${index + 1}: ${line}` : [])),
      );
      for (const line of found) say(line);
      if (found.length === 0) process.exitCode = EXIT_NOTHING_FOUND;
    });
}
