/**
 * From an event to its line in the file. Pure. A line is one JSON object and one line feed; JSON
 * escapes control characters, so no value can break a line in two.
 */
import { eventToJson, type TelemetryEvent } from "@candor/backend";

/** One event as one line, line feed included, in the JSON form of GTB's `telemetry.log`. */
export function encodeLine(event: TelemetryEvent): string {
  return `${JSON.stringify(eventToJson(event))}\n`;
}

/** A whole batch as the bytes of one write. */
export function encodeBatch(events: readonly TelemetryEvent[]): Uint8Array {
  return new TextEncoder().encode(events.map(encodeLine).join(""));
}
