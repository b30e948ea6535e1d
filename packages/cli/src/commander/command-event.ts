/**
 * The command event: what is recorded of one command, from how it was dispatched, how it ended, and how it is wired. It names and
 * describes; it follows nothing and decides no outcome.
 */
import type { Collector, Properties } from "@candor/core";
import type { InvocationDescription, InvocationEnd } from "../invocation.ts";
import type { DispatchedCommand } from "./dispatch.ts";
import type { FirstRunPrompt } from "./first-run.ts";
import { lifecycleEnd, lifecycleStart } from "./lifecycle.ts";
import { extracted, isPluginCommand, isTracked } from "./wiring.ts";

export interface InstrumentOptions {
  /** Which commands make events: every one, or only those wired with `track`, `trackWith` or `trackPlugin`. Default `all`. */
  readonly commands?: "all" | "tracked";
  /**
   * Record the life of a command in the events `command_started`, and `command_completed` or `command_failed`, instead of one
   * event named after the command. Default false.
   */
  readonly lifecycle?: boolean;
  /**
   * Ask the user for consent before the first command's action, where a person is there and nobody has decided. It needs
   * `parseAsync` (or `runMain`); `parse()` cannot wait, and asks nobody. Default false.
   */
  readonly prompt?: boolean | FirstRunPrompt;
  /** The author's own words for the notice of the opt-out model, one entry a line. With `prompt` the question takes its place. */
  readonly notice?: readonly string[];
}

interface CommandEvents {
  /** Records that the command's action is about to run, where the options ask for it. */
  started(dispatched: DispatchedCommand): void;
  /** Describes the event of a command that is over; undefined where the options leave it out. */
  ended(dispatched: DispatchedCommand, end: InvocationEnd): InvocationDescription | undefined;
}

/** Makes the events that `options` ask for. */
export function createCommandEvents(collector: Collector, { commands = "all", lifecycle = false }: InstrumentOptions): CommandEvents {
  const { logger } = collector.installation;
  const isLeftOut = ({ command }: DispatchedCommand): boolean => commands === "tracked" && !isTracked(command);

  return {
    started(dispatched) {
      if (!lifecycle || isLeftOut(dispatched) || !collector.enabled) return;
      const { type, name, properties } = lifecycleStart(dispatched);
      collector.track(type, name, { ...kindOf(dispatched), ...properties });
    },
    ended(dispatched, end) {
      if (isLeftOut(dispatched)) return undefined;
      const { command, path, args, operands } = dispatched;
      const wired = extracted(command, operands);
      const { problem } = wired;
      if (problem !== undefined) logger.debug("the extractor of a command gave no properties", { command: path, problem });
      const life = lifecycle ? lifecycleEnd(dispatched, end) : { name: path, properties: {} };
      // What an author says of an event outweighs what is said of every event.
      const properties = { ...kindOf(dispatched), ...life.properties, ...wired.properties };
      return { name: life.name, args, ...(Object.keys(properties).length > 0 ? { properties } : undefined) };
    },
  };
}

/** Whose command it is, for every event of a wired command. */
function kindOf({ command }: DispatchedCommand): Properties {
  return isTracked(command) ? { command_kind: isPluginCommand(command) ? "plugin" : "core" } : {};
}
