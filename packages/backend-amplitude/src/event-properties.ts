/**
 * The properties of an Amplitude event: what candor says of the event, and the metadata beside it. Pure. Metadata never overwrites
 * what candor says and never gets lost: a pair whose name is taken moves into the property `metadata`.
 */
import type { TelemetryEvent } from "@candor/backend";
import type { EventProperties } from "./amplitude-event.ts";

/** How a command ended, and what only extended collection records. */
export const OUTCOME_PROPERTIES = ["duration_ms", "exit_code", "success", "signal", "args", "error", "dropped_events"] as const;

export type OutcomeProperty = (typeof OUTCOME_PROPERTIES)[number];

/** The outcome of an event, as far as it has one. `success` is exit code 0 without a signal. */
export function outcomeOf(event: TelemetryEvent): Partial<Record<OutcomeProperty, EventProperties[string]>> {
  const { durationMs, exitCode, signal, args, error, droppedEvents } = event;
  return {
    ...(durationMs !== undefined && { duration_ms: durationMs }),
    ...(exitCode !== undefined && { exit_code: exitCode, success: exitCode === 0 && !signal }),
    ...(signal && { signal }),
    ...(args && args.length > 0 && { args }),
    ...(error && { error }),
    ...(droppedEvents && { dropped_events: droppedEvents }),
  };
}

/** Metadata and candor's own properties as one. The names in `reserved`, and `metadata` itself, are not for metadata to use. */
export function joinProperties(own: EventProperties, metadata: EventProperties, reserved: readonly string[]): EventProperties {
  const taken = new Set([...reserved, "metadata"]);
  const pairs = Object.entries(metadata);
  const moved = pairs.filter(([name]) => taken.has(name));
  return {
    // Unlike assignments, these keep a property called __proto__ a property.
    ...Object.fromEntries(pairs.filter(([name]) => !taken.has(name))),
    ...own,
    ...(moved.length > 0 && { metadata: Object.fromEntries(moved) }),
  };
}
