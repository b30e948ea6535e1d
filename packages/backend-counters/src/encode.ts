/**
 * From events to counters. Pure. Of an event only its name, its exit status, the tool's version, the operating system and the id are
 * read; what else it holds never leaves the machine by this backend.
 */
import type { Rejection, TelemetryEvent } from "@candor/backend";
import { MAX_NUMBER, MAX_SERIES, MAX_TEXT_LENGTH } from "./bounds.ts";
import type { Counters } from "./counters.ts";

/** The counters with these events in them. */
export interface Counted {
  /** Undefined when there is nothing to count, neither before nor now. */
  readonly counters: Counters | undefined;
  /** Events that cannot be counted. */
  readonly refused: readonly Rejection[];
}

/**
 * Adds events to counters. An event without a name counts nothing, as with PACE; one that is no command counts under its name with
 * exit status 0. Counters of another id are begun anew, those of the last event's.
 */
export function countEvents(before: Counters | undefined, events: readonly TelemetryEvent[]): Counted {
  const last = events.at(-1);
  if (last === undefined) return { counters: before, refused: [] };
  const points = new Map(before?.id === last.machineId ? [...before.points].map(([path, counts]) => [path, new Map(counts)]) : []);
  let series = [...points.values()].reduce((total, counts) => total + counts.size, 0);
  const refused: Rejection[] = [];
  for (const event of events) {
    const { id, name, exitCode = 0 } = event;
    const reason = refusalOf(event, last.machineId);
    const counts = points.get(name) ?? new Map<number, number>();
    if (reason !== undefined) refused.push({ id, reason });
    else if (name === "") continue;
    else if (!counts.has(exitCode) && series >= MAX_SERIES) refused.push({ id, reason: `there are ${MAX_SERIES} counts already, and it would begin another` });
    else if (counts.get(exitCode) === MAX_NUMBER) refused.push({ id, reason: "its count is as high as a count can be" });
    else {
      if (!counts.has(exitCode)) series += 1;
      points.set(name, counts.set(exitCode, (counts.get(exitCode) ?? 0) + 1));
    }
  }
  return { counters: { points, version: last.toolVersion, os: last.os, id: last.machineId }, refused };
}

/** Why an event cannot be counted; undefined when it can. */
function refusalOf({ type, name, exitCode = 0, machineId, toolVersion, os }: TelemetryEvent, id: string): string | undefined {
  if (type === "data.deletion_request") return 'counts cannot ask for deletion: choose another way as "deletion"';
  if (machineId !== id) return "it is of another id of this installation than the last of its batch";
  if ([name, toolVersion, os].some(({ length }) => length > MAX_TEXT_LENGTH)) return `its name, version or system is longer than ${MAX_TEXT_LENGTH} characters`;
  return Number.isSafeInteger(exitCode) && Math.abs(exitCode) <= MAX_NUMBER ? undefined : "its exit status is no whole number of at most 15 digits";
}
