/**
 * The backlog: what was tracked in this turn of the event loop and has not been made into events yet. Where an author prefers cheap calls,
 * a call only notes what was passed and when; making it safe, serialising and storing it come together, when the tool pauses. It takes only what
 * cannot change meanwhile.
 */
import type { Draft } from "../event/event.ts";

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

/** Longer texts are not kept waiting: an event holds no more than that of them. */
const LONGEST_TEXT = 1_024;

export function createBacklog(): Backlog {
  let waiting: DatedDraft[] = [];
  return {
    get size() {
      return waiting.length;
    },
    add({ type, name, metadata, outcome, args }, atMs) {
      const kept = outcome === undefined && args === undefined ? copyOf(metadata) : undefined;
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
  if (Object.getPrototypeOf(metadata) !== Object.prototype) return undefined;
  try {
    const copy = { ...metadata };
    // oxlint-disable-next-line guard-for-in -- a copy has no properties but its own, and the prototype is the plain one
    for (const name in copy) {
      const value = copy[name];
      if (typeof value === "string" ? value.length > LONGEST_TEXT : typeof value === "object" && value !== null) return undefined;
    }
    return { metadata: copy };
  } catch {
    // A getter of the author's threw; that costs one property where each is read by itself.
    return undefined;
  }
}
