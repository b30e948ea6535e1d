/**
 * Events in candor's own schema for Amplitude. Pure. Anonymous: no user id, and no `ip`, so that Amplitude is not asked where the
 * machine is. Every name of candor's is reserved on every event, so that a property means the same on all of them.
 */
import type { TelemetryEvent } from "@candor/backend";
import type { AmplitudeEvent, EventProperties } from "./amplitude-event.ts";
import { joinProperties, OUTCOME_PROPERTIES, outcomeOf, type OutcomeProperty } from "./event-properties.ts";

const RESERVED = ["type", "tool_name", "os_arch", "node_version", ...OUTCOME_PROPERTIES] as const;

/** One event; its timestamp must be readable. */
export function encodeEvent(event: TelemetryEvent): AmplitudeEvent {
  const facts: Record<Exclude<(typeof RESERVED)[number], OutcomeProperty>, EventProperties[string]> = {
    type: event.type,
    tool_name: event.toolName,
    os_arch: event.arch,
    node_version: event.nodeVersion,
  };
  return {
    event_type: event.name,
    device_id: event.machineId,
    time: Date.parse(event.timestamp),
    insert_id: event.id,
    app_version: event.toolVersion,
    platform: "CLI",
    os_name: event.os,
    os_version: event.osVersion,
    event_properties: joinProperties({ ...facts, ...outcomeOf(event) }, event.metadata ?? {}, RESERVED),
  };
}
