/**
 * The claim: takes batches out of `pending` for one process, and puts back what was not delivered. A
 * claim is a rename, so it has one winner; a claim whose owner died is taken back by whoever comes next.
 */
import type { TelemetryEvent } from "@candor/backend";
import { createEventId } from "../event/event-id.ts";
import { type BatchName, formatBatchName, formatLine, parseTexts } from "./batch.ts";
import { recordLosses } from "./losses.ts";
import { thisOwner } from "../platform/owner.ts";
import { joinPath } from "../platform/paths.ts";
import { writePrivateFile } from "../platform/private-file.ts";
import { isRegularFile, moveFile, removeEmptyDirectory, removeFile } from "../platform/entries.ts";
import { listPending, type Spool } from "./spool.ts";

/** A batch this process owns, and which of its events each destination still lacks. */
export interface ClaimedBatch {
  readonly name: BatchName;
  /** Destination key to the events it has not settled yet. */
  readonly outstanding: ReadonlyMap<string, Set<TelemetryEvent>>;
  readonly bytes: number;
  /** Its events as they stand in the file, in order. */
  readonly texts: ReadonlyMap<TelemetryEvent, string>;
}

interface OwnedBatch extends ClaimedBatch {
  name: BatchName;
  path: string;
  readonly events: readonly TelemetryEvent[];
  readonly corrupt: number;
}

export interface ClaimRequest {
  /** Keys of all configured destinations. */
  readonly destinations: readonly string[];
  /** Keys of those that can be sent to now; a batch is claimed only if one of them lacks it. */
  readonly ready: ReadonlySet<string>;
  /** Stop taking more batches beyond these. */
  readonly maxEvents: number;
  readonly maxBytes: number;
}

export interface Claims {
  /** Takes the oldest batches that fit; none when nothing is waiting for a ready destination. */
  take(request: ClaimRequest): ClaimedBatch[];
  /** Records that `destination` has nothing outstanding in the batch any more. */
  acknowledge(batch: ClaimedBatch, destination: string): void;
  /** Puts events back that were settled before they were tried (at most once), for `destination` alone. */
  putBack(events: readonly TelemetryEvent[], destination: string, destinations: readonly string[]): void;
  /** Gives the batch back: deletes it if nothing is outstanding, else only what is outstanding returns. */
  release(batch: ClaimedBatch): void;
}

/** Claims on behalf of this process. */
export function createClaims(spool: Spool): Claims {
  const { ports } = spool;
  const home = joinPath(spool.claimed, thisOwner(ports));
  const owned = (batch: ClaimedBatch): OwnedBatch => batch as OwnedBatch;

  return {
    take({ destinations, ready, maxEvents, maxBytes }) {
      const taken: OwnedBatch[] = [];
      // Without a destination nothing can be delivered, so nothing can be done with.
      if (destinations.length === 0) return taken;
      let events = 0;
      let bytes = 0;
      for (const candidate of listPending(spool)) {
        const lacking = destinations.filter((key) => !candidate.acknowledged.includes(key));
        if (!lacking.some((key) => ready.has(key)) && lacking.length > 0) continue;
        if (taken.length > 0 && (events + candidate.events > maxEvents || bytes + candidate.bytes > maxBytes)) break;
        // Looked at one by one: a look at each of many that wait costs more than taking a few.
        if (!isRegularFile(joinPath(spool.pending, candidate.name), ports)) continue;
        ports.fileSystem.mkdirSync(home, { recursive: true, mode: 0o700 });
        const path = joinPath(home, candidate.name);
        if (!moveFile(joinPath(spool.pending, candidate.name), path, ports)) continue;
        try {
          taken.push(readBatch(candidate, path, lacking, spool));
        } catch {
          // One file that cannot be read must not keep back the others; it goes back for a better day.
          moveFile(path, joinPath(spool.pending, candidate.name), ports);
          continue;
        }
        events += candidate.events;
        bytes += candidate.bytes;
      }
      return taken;
    },

    acknowledge(batch, destination) {
      const mine = owned(batch);
      if (allSettled(mine)) return finish(mine, spool);
      const name = { ...mine.name, acknowledged: [...mine.name.acknowledged, destination] };
      const path = joinPath(home, formatBatchName(name));
      moveFile(mine.path, path, ports);
      mine.name = name;
      mine.path = path;
    },

    putBack(events, destination, destinations) {
      if (events.length > 0) writeBatch(events, destinations.filter((key) => key !== destination), spool);
    },

    release(batch) {
      const mine = owned(batch);
      const giveBackWhole = (): void => void moveFile(mine.path, joinPath(spool.pending, formatBatchName(mine.name)), ports);
      if (allSettled(mine)) finish(mine, spool);
      else if (isWhole(mine)) giveBackWhole();
      else {
        try {
          returnRemainder(mine, spool);
        } catch {
          // No room for the remainder: the whole goes back, and what was settled may be sent again.
          giveBackWhole();
        }
      }
      // Other claims of this process may still be in it.
      removeEmptyDirectory(home, ports);
    },
  };
}

function allSettled(batch: OwnedBatch): boolean {
  return [...batch.outstanding.values()].every((set) => set.size === 0);
}

/** Whether every destination lacks all of it or nothing, so that the file can go back as it is. */
function isWhole(batch: OwnedBatch): boolean {
  return batch.corrupt === 0 && [...batch.outstanding.values()].every((set) => set.size === 0 || set.size === batch.events.length);
}

/** The file is done with; torn lines in it are counted now, so that they are counted once. */
function finish(batch: OwnedBatch, { directories, ports }: Spool): void {
  if (removeFile(batch.path, ports) && batch.corrupt > 0) {
    recordLosses({ corrupt: batch.corrupt }, directories, ports);
  }
}

function readBatch(name: BatchName, path: string, lacking: readonly string[], spool: Spool): OwnedBatch {
  const { texts, corrupt: unreadable } = parseTexts(spool.ports.fileSystem.readFileSync(path));
  const events = [...texts.keys()];
  // A file that was cut short says by its name what it held.
  const corrupt = Math.max(unreadable, name.events - events.length);
  const outstanding = new Map(lacking.map((key) => [key, new Set(events)]));
  return { name, path, events, texts, corrupt, outstanding, bytes: name.bytes };
}

/** Part of a batch is settled: what each destination still lacks goes back, grouped by who lacks it. */
function returnRemainder(batch: OwnedBatch, spool: Spool): void {
  const groups = new Map<string, TelemetryEvent[]>();
  for (const event of batch.events) {
    const lacking = [...batch.outstanding].filter(([, set]) => set.has(event)).map(([key]) => key);
    if (lacking.length === 0) continue;
    const group = groups.get(lacking.join("+"));
    if (group) group.push(event);
    else groups.set(lacking.join("+"), [event]);
  }
  for (const [lacking, events] of groups) {
    const keys = new Set(lacking.split("+"));
    const settled = [...batch.outstanding.keys()].filter((key) => !keys.has(key));
    writeBatch(events, [...new Set([...batch.name.acknowledged, ...settled])], spool);
  }
  finish(batch, spool);
}

function writeBatch(events: readonly TelemetryEvent[], acknowledged: readonly string[], spool: Spool): void {
  const text = events.map(formatLine).join("");
  const name = formatBatchName({
    id: createEventId(spool.ports.clock.now()),
    events: events.length,
    bytes: Buffer.byteLength(text),
    acknowledged,
  });
  writePrivateFile(joinPath(spool.pending, name), text, spool.ports.fileSystem);
}
