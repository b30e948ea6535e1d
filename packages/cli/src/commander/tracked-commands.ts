/** Tracked commands: which commands of a program are wired, for a test of the tool's that notices when one no longer is. */
import type { CommanderCommand } from "./commander-command.ts";
import { commandPath } from "./command-path.ts";
import { isTracked } from "./wiring.ts";

const REWIRE = "call track, trackWith or trackPlugin where it is built, or take it off the list if it is gone";
const ENLIST = "add it, so that losing it is noticed";

/** The full paths of the wired commands that are in the program now, sorted. Runs nothing. */
export function trackedCommands(program: CommanderCommand): readonly string[] {
  return wiredBelow(program)
    .map((command) => commandPath(command, program.name()))
    .sort();
}

/**
 * Compares the wired commands of `program` with the paths that a tool's author expects.
 *
 * @throws Error that lists every path that is missing or unexpected, each with what to do.
 */
export function assertTrackedCommands(program: CommanderCommand, expected: readonly string[]): void {
  const wired = trackedCommands(program);
  const faults = [
    ...expected.filter((path) => !wired.includes(path)).map((path) => `\`${path}\` is no longer wired: ${REWIRE}`),
    ...wired.filter((path) => !expected.includes(path)).map((path) => `\`${path}\` is wired but not on the list: ${ENLIST}`),
  ];
  if (faults.length > 0) throw new Error(`the commands with telemetry are not the expected ones:\n  ${faults.join("\n  ")}`);
}

function wiredBelow(command: CommanderCommand): readonly CommanderCommand[] {
  return [...(isTracked(command) ? [command] : []), ...command.commands.flatMap(wiredBelow)];
}
