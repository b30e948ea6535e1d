/** `notes watch`: prints when a note appears, changes or goes, until a signal ends it. It handles no signal itself. */
import { watch } from "node:fs";
import type { Command } from "commander";
import type { ChosenNotebook, Notebook } from "../notebook.ts";
import { say } from "../output.ts";

/** Adds the command to the program. */
export function addWatchCommand(program: Command, notebook: ChosenNotebook): void {
  program
    .command("watch")
    .description("print when a note changes; ends with Ctrl-C")
    .action(() => {
      const book = notebook();
      let known = textsOf(book);
      // One change may be announced several times; what counts is whether a text differs from what was known.
      watch(book.directory, () => {
        const now = textsOf(book);
        for (const line of differences(known, now)) say(line);
        known = now;
      });
      say(`Watching ${book.directory} (${known.size} notes). Press Ctrl-C to end.`);
    });
}

function textsOf(notebook: Notebook): ReadonlyMap<string, string> {
  return new Map(notebook.pages().map(({ file, text }) => [file, text]));
}

function differences(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): string[] {
  const files = [...new Set([...before.keys(), ...now.keys()])].toSorted();
  return files.flatMap((file) => {
    if (!before.has(file)) return `added: ${file}`;
    if (!now.has(file)) return `removed: ${file}`;
    return before.get(file) === now.get(file) ? [] : `changed: ${file}`;
  });
}
