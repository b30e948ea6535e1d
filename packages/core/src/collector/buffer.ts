/** The buffer: a bounded list of events in memory. When it is full the oldest make room, and are counted. */
export interface Buffer<Event> {
  readonly size: number;
  /** Adds an event; answers how many old ones were dropped for it. */
  push(event: Event): number;
  /** Takes everything out, oldest first. */
  takeAll(): Event[];
}

/** A buffer for at most `maxEvents` events, in whatever form. */
export function createBuffer<Event>(maxEvents: number): Buffer<Event> {
  let events: Event[] = [];
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
