/** An event for tests: complete, readable, unlike every other one by its id. */
import { randomBytes } from "node:crypto";
import type { TelemetryEvent } from "@candor/backend";

let sequence = 0;

/**
 * One finished run of `notes list`, tracked now, with a fresh UUIDv7 as its id. Ids made in one process
 * sort in the order of their making.
 */
export function sampleEvent(overrides: Partial<TelemetryEvent> = {}): TelemetryEvent {
  const trackedAt = Date.now();
  return {
    id: uuidVersion7(trackedAt),
    timestamp: new Date(trackedAt).toISOString(),
    type: "command.invocation",
    name: "notes list",
    machineId: "0123456789abcdef",
    toolName: "notes",
    toolVersion: "1.2.3",
    os: "linux",
    arch: "amd64",
    osVersion: "6.8.0",
    nodeVersion: "20.19.0",
    durationMs: 42,
    exitCode: 0,
    metadata: { format: "table" },
    ...overrides,
  };
}

/** `count` events that differ by id and by name: `notes list 1`, `notes list 2`, … */
export function sampleEvents(count: number): readonly TelemetryEvent[] {
  return Array.from({ length: count }, (_, index) => sampleEvent({ name: `notes list ${index + 1}` }));
}

/** RFC 9562, section 5.7, with a counter in `rand_a` (section 6.2, method 1). */
function uuidVersion7(unixMs: number): string {
  sequence = (sequence + 1) % 0x1000;
  const time = unixMs.toString(16).padStart(12, "0");
  const counter = sequence.toString(16).padStart(3, "0");
  const random = randomBytes(8);
  random[0] = 0x80 | ((random[0] ?? 0) & 0x3f);
  const tail = random.toString("hex");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counter}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}
