/**
 * The lifecycle: the events `command_started`, `command_completed` and `command_failed`, by the names and properties of the
 * DataRobot CLI's technical specification. Options are named, never quoted; an error is its type, never its message.
 */
import type { EventType, Properties } from "@candor/core";
import type { InvocationEnd } from "../invocation.ts";
import type { DispatchedCommand } from "./dispatch.ts";

/** What is said of a command whose action is about to run. Its type is its own, so that invocations are not counted twice. */
export function lifecycleStart({ path, operands, flags }: DispatchedCommand): {
  readonly type: EventType;
  readonly name: "command_started";
  readonly properties: Properties;
} {
  return { type: "command.started", name: "command_started", properties: { command: path, args_count: operands.length, flags } };
}

/** What is said of a command that is over. One that a signal ended has failed; so says its exit status. */
export function lifecycleEnd(
  { path, flags }: DispatchedCommand,
  { durationMs, exitCode, errorType }: InvocationEnd,
): { readonly name: "command_completed" | "command_failed"; readonly properties: Properties } {
  const common = { command: path, duration_ms: durationMs };
  if (exitCode === 0) return { name: "command_completed", properties: { ...common, success: true, flags } };
  const error = errorType === undefined ? undefined : { error_type: errorType };
  return { name: "command_failed", properties: { ...common, success: false, ...error, flags } };
}
