/** `notes check`: verifies every note. It has an exit status of its own, so that a script can tell broken notes from a failed check. */
import type { Command } from "commander";
import type { ChosenNotebook } from "../notebook.ts";
import { say } from "../output.ts";

const EXIT_BROKEN_NOTES = 3;

/** Adds the command to the program. */
export function addCheckCommand(program: Command, notebook: ChosenNotebook): void {
  program
    .command("check")
    .description(`verify every note; exits with ${EXIT_BROKEN_NOTES} when one is broken`)
    .action(() => {
      const pages = notebook().pages();
      const broken = pages.flatMap(({ file, parsed }) => (parsed.status === "broken" ? `${file}: ${parsed.reason}` : []));
      for (const line of broken) say(line);
      say(`${pages.length} checked, ${broken.length} broken`);
      if (broken.length > 0) process.exitCode = EXIT_BROKEN_NOTES;
    });
}
