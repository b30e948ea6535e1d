/** The buffer: a bounded list of events in memory. When it is full the oldest make room, and are counted. */
import type { TelemetryEvent } from "@candor/backend";

export interface Buffer {
  readonly size: number;
  /** Adds an event; answers how many old ones were dropped for it. */
  push(event: TelemetryEvent): number;
  /** Takes everything out, oldest first. */
  takeAll(): TelemetryEvent[];
}

/** A buffer for at most `maxEvents` events. */
export function createBuffer(maxEvents: number): Buffer {
  let events: TelemetryEvent[] = [];
  /** Slots at the front that are already dropped; removed in one go, because shifting is linear. */
  let dropped = 0;
  return {
    get size() {
      return events.length - dropped;
    },
    push(event) {
      events.push(event);
      if (events.length - dropped <= maxEvents) return 0;
      dropped++;
      if (dropped > maxEvents) {
        events = events.slice(dropped);
        dropped = 0;
      }
      return 1;
    },
    takeAll() {
      const taken = events.slice(dropped);
      events = [];
      dropped = 0;
      return taken;
    },
  };
}
