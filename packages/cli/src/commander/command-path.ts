/**
 * The command path: which command this is, in the author's own words. It is built from the names of the commands in
 * the program alone, so no argument, alias or mistyped word can get into it.
 */
import type { CommanderCommand } from "./commander-command.ts";
import { isTelemetryCommand } from "./telemetry-mount.ts";

/** The command and what it stands under, the root first. */
export function lineageOf(command: CommanderCommand): readonly [root: CommanderCommand, ...below: CommanderCommand[]] {
  const below: CommanderCommand[] = [];
  let root = command;
  while (root.parent) {
    below.unshift(root);
    root = root.parent;
  }
  return [root, ...below];
}

/** The program a command belongs to. */
export function rootOf(command: CommanderCommand): CommanderCommand {
  return lineageOf(command)[0];
}

/** The full path: `notes tag add`. `rootName` stands for the root, whose own name may come from the script's file. */
export function commandPath(command: CommanderCommand, rootName: string): string {
  const [, ...below] = lineageOf(command);
  return [rootName, ...below.map((each) => each.name())].join(" ").trim();
}

/**
 * Whether the command is about the tool rather than its work: the `telemetry` subtree, help, and shell completion
 * (`completion`, also as `self completion`, and `__complete…`). Such commands are not recorded.
 */
export function isAuxiliary(command: CommanderCommand): boolean {
  const lineage = lineageOf(command);
  if (lineage.some(isTelemetryCommand)) return true;
  const [first = "", second = ""] = lineage.slice(1).map((each) => each.name());
  const last = lineage.length > 1 ? command.name() : "";
  const completion = first === "completion" || (first === "self" && second === "completion") || first.startsWith("__complete");
  return completion || last === "help";
}

/** The path of the mounted `telemetry` command; undefined where there is none. */
export function telemetryCommandPath(command: CommanderCommand, rootName: string): string | undefined {
  if (isTelemetryCommand(command)) return commandPath(command, rootName);
  for (const each of command.commands) {
    const path = telemetryCommandPath(each, rootName);
    if (path !== undefined) return path;
  }
  return undefined;
}

/** The subcommand that `word` names, by name or alias. */
export function findSubcommand(command: CommanderCommand, word: string | undefined): CommanderCommand | undefined {
  if (word === undefined) return undefined;
  return command.commands.find((each) => each.name() === word || each.aliases().includes(word));
}
