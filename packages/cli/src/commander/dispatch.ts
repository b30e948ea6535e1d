/**
 * A dispatch: one parse of the command line, from the program down to the command it resolves to. It gathers what
 * Commander tells on the way and judges at the end whether a command ran. It changes nothing.
 */
import type { CommanderCommand } from "./commander-command.ts";
import { commandPath, findSubcommand, isAuxiliary } from "./command-path.ts";
import { flagsOf } from "./flags.ts";

/** What a dispatch came to. */
export interface DispatchedCommand {
  readonly command: CommanderCommand;
  /** The full path by canonical names. */
  readonly path: string;
  /** The words after the command's own, options included. */
  readonly args: readonly string[];
  /** The command's arguments as its action gets them; where none was reached, the words before the first option. */
  readonly operands: readonly string[];
  /** The names of the options that were given; empty unless the dispatch was asked to keep them. */
  readonly flags: readonly string[];
}

export interface Dispatch {
  /** Whether an action has been reached. */
  readonly running: boolean;
  /** A deeper command was resolved. */
  resolved(command: CommanderCommand): void;
  /** The command's action is about to run. Answers what will be known of it, or undefined for one about the tool itself. */
  reached(command: CommanderCommand): DispatchedCommand | undefined;
  /** Help is shown for `command`. */
  helped(command: CommanderCommand): void;
  /** Commander printed a usage error, or the tool called `error()`. */
  failed(): void;
  /** The command that ran, or undefined when none did (help, a version). Asked once the outcome is known. */
  describe(exitCode: number): DispatchedCommand | undefined;
}

interface DispatchOptions {
  /** Whether to keep the names of the options that were given. */
  readonly keepFlags: boolean;
}

/** Words by which a stand-alone executable is asked about itself; Commander leaves them to it. */
const SELF_DESCRIPTION: ReadonlySet<string> = new Set(["-h", "--help", "--version"]);

/** Follows one parse that begins at `root` with the user's `words`. */
export function createDispatch(root: CommanderCommand, rootName: string, words: readonly string[], { keepFlags }: DispatchOptions): Dispatch {
  let command = root;
  let running = false;
  let helpShown = false;
  let usageError = false;
  // Kept when they are complete: a later parse of the same program empties the lists they are read from.
  let operands: readonly string[] | undefined;
  let flags: readonly string[] | undefined;
  const statusBefore = Number(process.exitCode ?? 0);
  // The list a command holds before it is parsed says nothing, or something about an earlier parse. Until the command has
  // its own, the words its parent left for it stand in.
  let outdated = root.args;
  let leftOver: readonly string[] = [];

  /** Whether a command was at work, or the user was only shown something. Asked once the outcome is known. */
  const wasAtWork = (target: CommanderCommand, args: readonly string[], exitCode: number): boolean => {
    // Before help: a program may show its help after every usage error.
    if (usageError) return true;
    if (helpShown) return false;
    if (running) return true;
    if (isStandAlone(target)) return args[0] !== "help" && !args.some((word) => SELF_DESCRIPTION.has(word));
    // Nothing went wrong without an action: a version, or an option that answers by itself.
    if (exitCode === 0 || exitCode === statusBefore) return false;
    // A hook, an option or a parser of the tool's ended it; unless no command is there and the tool went on alone.
    return hasAction(target) !== false || target.commands.length > 0;
  };

  return {
    get running() {
      return running;
    },
    resolved(next) {
      command = next;
      outdated = next.args;
      leftOver = argumentsOf(next, root, words);
    },
    reached(next) {
      command = next;
      running = true;
      operands = next.args;
      if (keepFlags) flags = flagsOf(next);
      if (isAuxiliary(next)) return undefined;
      return { command: next, path: commandPath(next, rootName), args: argumentsOf(next, root, words), operands, flags: flags ?? [] };
    },
    helped(shown) {
      // An action that shows its command's help is help only where the command is a group; others do so in passing.
      helpShown ||= !running || (shown === command && shown.commands.length > 0);
    },
    failed() {
      usageError = true;
      if (keepFlags) flags ??= flagsOf(command);
    },
    describe(exitCode) {
      const following = command.args === outdated ? leftOver : command.args;
      const { target, depth } = running ? { target: command, depth: 0 } : namedBy(following, command);
      const args = depth === 0 ? argumentsOf(command, root, words) : following.slice(depth);
      if (isAuxiliary(target) || isCompletion(words) || !wasAtWork(target, args, exitCode)) return undefined;
      return {
        command: target,
        path: commandPath(target, rootName),
        args,
        operands: operands ?? beforeOptions(following.slice(depth)),
        // Of the command that was parsed, which may stand above the one that the words name.
        flags: keepFlags ? (flags ?? flagsOf(command)) : [],
      };
    },
  };
}

/** A hook of the tool's that throws hides the commands it was called for; the words that come next still name them. */
function namedBy(words: readonly string[], command: CommanderCommand): { readonly target: CommanderCommand; readonly depth: number } {
  let target = command;
  let depth = 0;
  for (const word of words) {
    const next = findSubcommand(target, word);
    if (!next) break;
    target = next;
    depth += 1;
  }
  return { target, depth };
}

/** A completion script that an older version of the tool has left asks at every Tab, whether the tool still answers or not. */
function isCompletion([first = ""]: readonly string[]): boolean {
  return first.startsWith("__complete");
}

/** The words after the command's own, options included; those of the commands above are not among them. */
function argumentsOf(command: CommanderCommand, root: CommanderCommand, words: readonly string[]): readonly string[] {
  const { parent } = command;
  if (command === root || !parent) return words;
  // A default command is not named by the user.
  return findSubcommand(parent, parent.args[0]) === command ? parent.args.slice(1) : parent.args;
}

/** What follows an option may be its value, and an option that is not known has a value that nobody knows. */
function beforeOptions(words: readonly string[]): readonly string[] {
  const first = words.findIndex((word) => word.length > 1 && word.startsWith("-"));
  return first < 0 ? words : words.slice(0, first);
}

/** Commander tells only by a private member that a command is an executable of its own; without it, it is taken for none. */
function isStandAlone(command: CommanderCommand): boolean {
  return Reflect.get(command, "_executableHandler") === true;
}

/** Commander tells only by a private member whether a command has an action; undefined is not knowing. */
function hasAction(command: CommanderCommand): boolean | undefined {
  const handler: unknown = Reflect.get(command, "_actionHandler");
  if (typeof handler === "function") return true;
  return handler === null ? false : undefined;
}
