/**
 * Wiring: marks a command with what telemetry should know of it, where the command is built. It records nothing by itself;
 * `instrument` asks for the wiring of a command once the command's outcome is known.
 */
import type { GivenProperties, Properties } from "@candor/core";
import { messageOf } from "../failure.ts";
import type { CommanderCommand } from "./commander-command.ts";
import { commandPath, rootOf } from "./command-path.ts";

/** In the global registry, because the ESM and the CommonJS copy of this package may meet in one process. */
const WIRING = Symbol.for("candor.wiring");

/**
 * Answers the properties of a command's event. Runs once, synchronously, after the action, however it ended: success, error,
 * `process.exit` or a signal. So it can read what the action left in variables around both. `args` are the command's arguments as
 * Commander parsed them, without options; where parsing failed, those before the first option.
 */
export type PropertyExtractor<Command> = (command: Command, args: readonly string[]) => GivenProperties;

/** What a wired command would record. */
export interface TrackedEvent {
  /** The command's full path by canonical names: `dr task run`. */
  readonly name: string;
  readonly properties: Properties;
  /** Why the extractor's properties are missing: it threw, or answered something else than an object. */
  readonly problem?: string;
}

interface Wiring {
  readonly plugin: boolean;
  readonly extract: (args: readonly string[]) => unknown;
}

/** Wires a command that needs no properties of its own. Wiring a command again replaces what was there. Answers the command. */
export function track<Command extends CommanderCommand>(command: Command): Command {
  return wire(command, { plugin: false, extract: () => ({}) });
}

/**
 * Wires a command whose event has properties. An extractor that throws, or answers a promise or anything else but an object, costs
 * its properties and a debug line, never the event. Answers the command.
 */
export function trackWith<Command extends CommanderCommand>(command: Command, extract: PropertyExtractor<Command>): Command {
  return wire(command, { plugin: false, extract: (args) => extract(command, args) });
}

/** Wires a command that a plugin contributes: its event carries `plugin_version`. Answers the command. */
export function trackPlugin<Command extends CommanderCommand>(command: Command, version: string): Command {
  return wire(command, { plugin: true, extract: () => ({ plugin_version: version }) });
}

/** The event of a wired command; undefined for none, and for one that is not wired. Never throws. */
export function eventFor(command: CommanderCommand | null | undefined, args: readonly string[]): TrackedEvent | undefined {
  if (!command || !isTracked(command)) return undefined;
  return { name: commandPath(command, rootOf(command).name()), ...extracted(command, args) };
}

/** What the wiring of a command answers for these arguments: no properties for a command that is not wired. Never throws. */
export function extracted(command: CommanderCommand, args: readonly string[]): Pick<TrackedEvent, "properties" | "problem"> {
  const wiring = wiringOf(command);
  if (!wiring) return { properties: {} };
  try {
    const answer = wiring.extract(args);
    if (typeof answer !== "object" || answer === null || Array.isArray(answer)) {
      return { properties: {}, problem: "it answered no object of properties" };
    }
    if (isPromise(answer)) {
      // Nobody waits for it at the end of a process; what it rejects with must not end the tool.
      void Promise.resolve(answer).catch(() => undefined);
      return { properties: {}, problem: "it answered a promise; an extractor is synchronous" };
    }
    return { properties: { ...answer } };
  } catch (error) {
    return { properties: {}, problem: messageOf(error) };
  }
}

/** Whether the command is wired. */
export function isTracked(command: CommanderCommand): boolean {
  return wiringOf(command) !== undefined;
}

/** Whether `trackPlugin` wired the command. */
export function isPluginCommand(command: CommanderCommand | null | undefined): boolean {
  return Boolean(command && wiringOf(command)?.plugin);
}

/** The first argument, or "" where there is none. */
export function firstArg(args: readonly string[]): string {
  return args[0] ?? "";
}

function wire<Command extends CommanderCommand>(command: Command, wiring: Wiring): Command {
  return Object.defineProperty(command, WIRING, { value: wiring, configurable: true });
}

function wiringOf(command: CommanderCommand): Wiring | undefined {
  return (command as { readonly [WIRING]?: Wiring })[WIRING];
}

function isPromise(answer: object): boolean {
  return "then" in answer && typeof answer.then === "function";
}
