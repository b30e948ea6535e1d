import type { TelemetryEvent } from "@candor/backend";
import { sampleEvent } from "@candor/testing";

/** An event in the vectors of GTB, under its names. */
export type GtbEvent = Readonly<Record<string, never>>;

/** GTB's event in candor's terms; a missing field shows as a missing property. */
export function gtbEvent(event: GtbEvent): TelemetryEvent {
  return sampleEvent({
    timestamp: event["timestamp"] ?? "",
    type: event["type"] ?? "",
    name: event["name"] ?? "",
    machineId: event["machine_id"] ?? "",
    toolName: event["tool_name"] ?? "",
    toolVersion: event["version"] ?? "",
    os: event["os"] ?? "",
    arch: event["arch"] ?? "",
    osVersion: event["os_version"] ?? "",
    nodeVersion: event["go_version"] ?? "",
    durationMs: event["duration_ms"] ?? 0,
    exitCode: event["exit_code"] ?? 0,
    args: event["args"] ?? [],
    error: event["error"] ?? "",
    metadata: event["metadata"] ?? {},
  });
}
