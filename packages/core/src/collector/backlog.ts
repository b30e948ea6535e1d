/**
 * The backlog: what was tracked in this turn of the event loop and has not been made into events yet. Where an author prefers cheap calls,
 * a call only notes what was passed and when; making it safe, serialising and storing it come together, when the tool pauses. It takes only what
 * cannot change meanwhile.
 */
import type { Draft, Properties } from "../event/event.ts";

/** A draft, and when it was tracked in milliseconds since the epoch. */
interface DatedDraft {
  readonly draft: Draft;
  readonly atMs: number;
}

export interface Backlog {
  readonly size: number;
  /** Notes a draft; false for one that must be made into an event at once. */
  add(draft: Draft, atMs: number): boolean;
  /** Takes everything out, oldest first. */
  takeAll(): readonly DatedDraft[];
}

/** Longer texts, and more properties, are not kept waiting: an event holds no more than that of them, and the backlog is bounded too. */
const LONGEST_TEXT = 1_024;
const MOST_PROPERTIES = 64;

export function createBacklog(): Backlog {
  let waiting: DatedDraft[] = [];
  return {
    get size() {
      return waiting.length;
    },
    add({ type, name, metadata, outcome, args }, atMs) {
      const kept = isNotable(type) && isNotable(name) && outcome === undefined && args === undefined ? copyOf(metadata) : undefined;
      if (!kept) return false;
      waiting.push({ draft: { type, name, metadata: kept.metadata }, atMs });
      return true;
    },
    takeAll() {
      const taken = waiting;
      waiting = [];
      return taken;
    },
  };
}

/** A copy of properties that are plain values; undefined where one of them may change, is long, or cannot be read. */
function copyOf(metadata: Draft["metadata"]): Pick<Draft, "metadata"> | undefined {
  if (metadata === undefined || metadata === null) return { metadata: undefined };
  try {
    if (Object.getPrototypeOf(metadata) !== Object.prototype) return undefined;
    const copy: Properties = { ...metadata };
    let properties = 0;
    // oxlint-disable-next-line guard-for-in -- a copy has no properties but its own, and the prototype is the plain one
    for (const name in copy) {
      if (++properties > MOST_PROPERTIES || name.length > LONGEST_TEXT || !isNotable(copy[name])) return undefined;
    }
    return { metadata: copy };
  } catch {
    // A getter or a proxy of the author's threw; that costs one property where each is read by itself.
    return undefined;
  }
}

/** Whether the value stays as it is. A function may be a `toJSON`, which answers what is so at the moment it is asked. */
function isNotable(value: unknown): boolean {
  if (typeof value === "string") return value.length <= LONGEST_TEXT;
  return value === null || (typeof value !== "object" && typeof value !== "function");
}
