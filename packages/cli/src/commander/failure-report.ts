/**
 * The failure report: how whoever catches a command's error tells whoever records the command. Commander itself tells nobody of an
 * error that an action throws.
 */
import { type Failure, failureOf } from "../failure.ts";
import type { CommanderCommand } from "./commander-command.ts";

/** In the global registry, because the ESM and the CommonJS copy of this package may meet in one process. */
const LISTENERS = Symbol.for("candor.failure-listeners");

type Listener = (failure: Failure) => void;

/** Calls `listener` with each failure that is reported for the program. */
export function onFailure(program: CommanderCommand, listener: Listener): void {
  Object.defineProperty(program, LISTENERS, { value: [...listenersOf(program), listener], configurable: true });
}

/** Tells those who record the program why its command fails. */
export function reportFailure(program: CommanderCommand, error: unknown): void {
  const failure = failureOf(error);
  for (const listener of listenersOf(program)) listener(failure);
}

function listenersOf(program: CommanderCommand): readonly Listener[] {
  return (program as { readonly [LISTENERS]?: readonly Listener[] })[LISTENERS] ?? [];
}
