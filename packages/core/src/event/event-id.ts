/**
 * Event ids: UUID version 7 (RFC 9562). Ids of one process sort in the order they were made, even
 * within a millisecond and even when the clock goes back. It refuses to be a secret: an id must be
 * unique, not unpredictable.
 */

/** Largest value of the 12 bits that follow the version (RFC 9562 calls them rand_a). */
const MAX_COUNTER = 0xfff;
/** A new millisecond starts the counter below this, so that at least 2,048 more ids fit into it. */
const COUNTER_START = 0x800;
/** Largest timestamp the 48 bits hold. */
const MAX_TIMESTAMP = 2 ** 48 - 1;
const EVENT_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let lastMs = 0;
let counter = MAX_COUNTER;

/**
 * Makes an id for an event tracked at `nowMs` (milliseconds since the epoch).
 *
 * A clock that went back, or answers nonsense, continues from the last timestamp used. `random`
 * answers numbers in [0, 1). Its default is `Math.random`, which V8 seeds from the operating system
 * for each process: loading `node:crypto` would cost a command about 2 ms for unpredictability that
 * no id needs.
 */
export function createEventId(nowMs: number, random: () => number = Math.random): string {
  const usable = nowMs >= 0 && nowMs <= MAX_TIMESTAMP ? Math.floor(nowMs) : 0;
  if (usable > lastMs) {
    lastMs = usable;
    counter = Math.floor(random() * COUNTER_START);
  } else if (counter < MAX_COUNTER) {
    counter += 1;
  } else {
    // A full counter borrows the next millisecond: a stamp slightly ahead is better than a wrong order.
    lastMs += 1;
    counter = Math.floor(random() * COUNTER_START);
  }
  const time = lastMs.toString(16).padStart(12, "0");
  const variant = hex(0x8000 + Math.floor(random() * 0x4000), 4);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(counter, 3)}-${variant}-${hex(random() * 2 ** 24, 6)}${hex(random() * 2 ** 24, 6)}`;
}

/** Tells whether `text` is an id as `createEventId` writes it. */
export function isEventId(text: string): boolean {
  return EVENT_ID.test(text);
}

function hex(value: number, digits: number): string {
  return Math.floor(value).toString(16).padStart(digits, "0");
}
