/**
 * The first run: asks for consent before a command's action runs, once, where a person is there and nobody has decided. Commands about the
 * tool itself, its set-up, and servers that speak through standard input are left in peace; so is a tool that does not wait.
 */
import type { Collector } from "@candor/core";
import type { AskOptions } from "../ask-for-consent.ts";
import type { CommanderCommand } from "./commander-command.ts";
import { isAuxiliary, lineageOf, telemetryCommandPath } from "./command-path.ts";

/** How a first run asks. Commander's own commands are handed to the functions. */
export interface FirstRunPrompt extends Omit<AskOptions, "givenBy"> {
  /** Whether this command writes for programs, beyond what its command line tells (`--json`, `-o yaml`, …). Nobody is asked then. */
  isMachineReadable?(command: CommanderCommand): boolean;
  /** Whether nobody is to be asked before this command, beyond `init`, `mcp`, `telemetry`, help and completion. */
  isExempt?(command: CommanderCommand): boolean;
}

/** GTB's: `init` asks by itself, and the input of `mcp` is a protocol. */
const EXEMPT_NAMES = new Set(["init", "mcp"]);

/**
 * Has the question put before the action of the first command that `program` parses and waits for. `onYes` hears of a yes before the
 * action runs. Adds nothing to the program where nobody can be asked.
 */
export function askBeforeAction(program: CommanderCommand, collector: Collector, options: FirstRunPrompt, onYes: (command: CommanderCommand) => void): void {
  const { isatty } = process.getBuiltinModule("node:tty");
  if (!isatty(0) || !isatty(2) || !collector.due.question) return;
  const { config, logger } = collector.installation;
  let waitedFor = 0;
  let asked = false;

  const isLeftOut = (command: CommanderCommand): boolean => {
    const below = lineageOf(command).slice(1);
    if (isAuxiliary(command) || below.some((each) => EXEMPT_NAMES.has(each.name()))) return true;
    try {
      return options.isMachineReadable?.(command) === true || options.isExempt?.(command) === true;
    } catch (error) {
      logger.debug("nobody is asked for consent: the tool's own rule failed", { error: String(error) });
      return true;
    }
  };

  const ask = async (command: CommanderCommand): Promise<void> => {
    const { askHere } = await import("../prompt/asking.ts");
    const telemetryCommand = options.telemetryCommand ?? telemetryCommandPath(program, program.name() || config.tool);
    const settings: AskOptions = { ...options, givenBy: "prompt", ...(telemetryCommand === undefined ? {} : { telemetryCommand }) };
    const outcome = await askHere(collector, settings, wordsOf(program));
    if (outcome.status === "answered" && outcome.enabled) onYes(command);
  };

  program.hook("preAction", (_program, command) => {
    if (waitedFor === 0 || asked || isLeftOut(command)) return undefined;
    asked = true;
    return ask(command).catch((error: unknown) => logger.debug("nobody could be asked for consent", { error: String(error) }));
  });
  // Both ways to parse call the same hooks; only this one waits for them.
  const parseAsync = program.parseAsync.bind(program);
  program.parseAsync = async (...given) => {
    waitedFor++;
    try {
      return await parseAsync(...given);
    } finally {
      waitedFor--;
    }
  };
}

/** The command line of the latest parse, which need not be the process's own; a member outside Commander's declared surface. */
function wordsOf(program: CommanderCommand): readonly string[] | undefined {
  const words: unknown = Reflect.get(program, "rawArgs");
  return Array.isArray(words) ? words.map(String) : undefined;
}
