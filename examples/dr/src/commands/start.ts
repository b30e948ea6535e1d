/** `dr start`: checks what a project needs, and says what to do next. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { SilentError } from "@candor/cli";
import { trackWith } from "@candor/cli/commander";
import { Command } from "commander";
import { complain, say } from "../output.ts";
import { PREREQUISITES } from "../prerequisites.ts";

export function startCommand(): Command {
  // Written by the action, read by what is recorded of it.
  let missing: readonly string[] = [];

  const command = new Command("start")
    .description("Check the prerequisites and start")
    .option("-y, --yes", "ask nothing")
    .option("--needs <program>", "one more program that must be there")
    .action(({ needs }: { needs?: string }) => {
      missing = [...PREREQUISITES, ...(needs === undefined ? [] : [needs])].filter((program) => !isOnPath(program));
      if (missing.length > 0) {
        complain(`Missing: ${missing.join(", ")}`);
        throw new SilentError("prerequisites are missing");
      }
      say("Everything is there. Next: dr template setup");
    });

  return trackWith(command, (start) => ({
    yes_flag: start.opts<{ yes?: boolean }>().yes === true,
    // How many, and whether they are ours; a name that the user gave is the user's.
    validation_violations: missing.length,
    missing_deps: PREREQUISITES.filter((program) => missing.includes(program)),
  }));
}

function isOnPath(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, process.platform === "win32" ? `${program}.exe` : program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
