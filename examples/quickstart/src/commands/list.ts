/** `notes list`: shows the notes, one a line. */
import type { Command } from "commander";
import type { ChosenNotebook } from "../notebook.ts";
import { say } from "../output.ts";

/** Adds the command to the program. */
export function addListCommand(program: Command, notebook: ChosenNotebook): void {
  program
    .command("list")
    .description("show the notes")
    .option("--tag <tag>", "only notes that carry this tag")
    .action(({ tag }: { readonly tag?: string }) => {
      const notes = notebook().pages().flatMap(({ parsed }) => (parsed.status === "note" ? parsed.note : []));
      const shown = tag === undefined ? notes : notes.filter(({ tags }) => tags.includes(tag));
      if (shown.length === 0) return say("No notes.");
      const width = Math.max(...shown.map(({ title }) => title.length));
      for (const { title, tags } of shown) say(`${title.padEnd(width)}  ${tags.join(", ")}`.trimEnd());
    });
}
