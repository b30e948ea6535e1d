/**
 * Flags: the names of the options a user gave on the command line. They are read from what Commander parsed, never from the words
 * themselves, so neither a value nor a word that is no option of the tool's can be among them.
 */
import type { CommanderCommand, CommanderOption } from "./commander-command.ts";
import { lineageOf } from "./command-path.ts";

/** The long names (`--verbose`) of the options given to the command and to those above it, those of the root first. */
export function flagsOf(command: CommanderCommand): readonly string[] {
  const given = lineageOf(command).flatMap((each) => each.options.filter((option) => isGiven(option, each)).map(nameOf));
  return [...new Set(given)];
}

function isGiven(option: CommanderOption, command: CommanderCommand): boolean {
  const attribute = option.attributeName();
  if (command.getOptionValueSource(attribute) !== "cli") return false;
  // `--color` and `--no-color` set the same attribute; only its value tells which of them was given.
  const hasTwin = command.options.some((other) => other.negate !== option.negate && other.attributeName() === attribute);
  return !hasTwin || option.negate === (command.getOptionValue(attribute) === false);
}

function nameOf({ long, short }: CommanderOption): string {
  return long ?? short ?? "";
}
