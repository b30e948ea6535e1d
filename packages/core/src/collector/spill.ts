/**
 * The spill: takes events in, into the buffer or straight to disk, and brings everything to disk when asked. What the disk
 * does not take stays in the bounded buffer; what the buffer cannot hold is counted. It never throws for a full or missing disk.
 */
import type { TelemetryEvent } from "@candor/backend";
import { formatLine } from "../spool/batch.ts";
import { createBuffer } from "./buffer.ts";
import { coalesce } from "../spool/coalescence.ts";
import type { Installation } from "./installation.ts";
import { addLosses, type LossCounts } from "../spool/loss-counts.ts";
import { recordLosses } from "../spool/losses.ts";
import { joinPath } from "../platform/paths.ts";
import type { CreateMemorySpool, MemorySpool } from "../spool/memory-spool.ts";
import { createSegment } from "../spool/segment.ts";
import { removeFile } from "../platform/entries.ts";
import { keepBound, MOST_BATCHES, type Spool } from "../spool/spool.ts";

export interface Spill {
  /** Events that are only in memory. */
  readonly inMemory: number;
  /** What this process lost, by reason. */
  readonly lost: LossCounts;
  /** Counts what did not get here. Brought to disk with the next seal. */
  lose(reason: keyof LossCounts, count: number): void;
  /** Takes events in, to the disk or, where that does not take them, to memory. */
  accept(events: readonly TelemetryEvent[]): void;
  /** Takes events into memory, for a later spill. */
  hold(events: readonly TelemetryEvent[]): void;
  /** Brings everything to disk as a pending batch. False when consent has been withdrawn meanwhile; the batch is then gone again. */
  seal(): boolean;
  /** Events on disk that could not be made into a batch yet. */
  readonly unsealed: number;
  /** The spool for what is only in memory, while there is something. `create` comes from the background room. */
  memorySpool(create: CreateMemorySpool): Spool | undefined;
  /** Counts what delivery from memory lost. */
  countMemoryLosses(): void;
  /** Counts what is still only in memory as lost: the process ends. */
  giveUpMemory(): void;
  /** Deletes what this process has not sealed, in memory and on disk. */
  discard(): void;
}

/** After the disk refused an event, it is asked again only this much later: a full disk must not cost every event a system call. */
const RETRY_DISK_MS = 1_000;

/** So much is written at once. */
const MOST_WRITE_BYTES = 64 * 1024;

/** An event as it will stand in the spool. */
interface Line {
  readonly event: TelemetryEvent;
  readonly text: string;
  readonly bytes: number;
}

function lineOf(event: TelemetryEvent): Line {
  const text = formatLine(event);
  return { event, text, bytes: Buffer.byteLength(text) };
}

/** The lines from `start` that fit in `bytes`; at least one. */
function firstWithin(lines: readonly Line[], start: number, bytes: number): readonly Line[] {
  let left = bytes;
  let end = start;
  while (end < lines.length && (left -= lines[end]?.bytes ?? 0) >= 0) end++;
  return lines.slice(start, Math.max(end, start + 1));
}

/** A spill into the spool of one consent. Touches no disk before the first event. */
export function createSpill(installation: Installation, spool: Spool): Spill {
  const { config, ports, directories, logger } = installation;
  const { bufferEvents, batchBytes } = config.bounds;
  const buffer = createBuffer<Line>(bufferEvents);
  const segment = createSegment(spool);
  const lost: LossCounts = {};
  let unrecorded: LossCounts = {};
  let memory: MemorySpool | undefined;
  let refusedAtMs = Number.NEGATIVE_INFINITY;

  const lose: Spill["lose"] = (reason, count) => {
    addLosses(lost, reason, count);
    addLosses(unrecorded, reason, count);
  };

  const fits = ({ event, bytes }: Line): boolean => {
    if (bytes <= batchBytes) return true;
    lose("too-large", 1);
    logger.debug("not tracked: the event is larger than a batch may be", { name: event.name });
    return false;
  };

  const saveLosses = (): void => {
    if (recordLosses(unrecorded, directories, ports)) unrecorded = {};
  };

  const diskMayBeAsked = (): boolean => ports.clock.monotonicMs() - refusedAtMs >= RETRY_DISK_MS;

  /** Brings lines to the segment, several in one write, sealing it before it would grow too long. Answers how many the disk took. */
  const store = (lines: readonly Line[]): number => {
    let stored = 0;
    let writeBytes = MOST_WRITE_BYTES;
    while (stored < lines.length && diskMayBeAsked()) {
      if (segment.bytes > 0 && segment.bytes + (lines[stored]?.bytes ?? 0) > batchBytes) sealSegment(batchBytes);
      const together = firstWithin(lines, stored, Math.min(writeBytes, batchBytes - segment.bytes));
      const outcome = segment.append(together.map(({ text }) => text).join(""), together.length);
      if (outcome.status === "stored") stored += together.length;
      // A disk that has no room for all of them may have some for one.
      else if (together.length > 1) writeBytes = 0;
      else {
        refusedAtMs = ports.clock.monotonicMs();
        logger.debug("events stay in memory", { reason: outcome.reason });
      }
    }
    return stored;
  };

  /** Moves what is in memory to the segment, as far as the disk takes it. */
  const empty = (): void => {
    const lines = buffer.takeAll();
    keep(lines.slice(store(lines)));
  };

  const keep = (lines: readonly Line[]): void => {
    for (const line of lines) lose("buffer-full", buffer.push(line));
  };

  /**
   * The names of the batches sealed; what the disk refuses stays on disk under its open name, for the next time. `roomBytes`
   * is left for the segment that follows at once.
   */
  const sealSegment = (roomBytes: number): readonly string[] => {
    try {
      const sealed = segment.seal();
      if (sealed.length === 0) return sealed;
      if (keepBound(spool, roomBytes) > MOST_BATCHES) coalesce(spool);
      return sealed;
    } catch (error) {
      logger.debug("the spool could not be tidied", { error: String(error) });
      return [];
    }
  };

  return {
    lost,
    lose,
    get inMemory() {
      return buffer.size + (memory?.events ?? 0);
    },
    get unsealed() {
      return segment.unsealedEvents;
    },

    accept(events) {
      const lines = events.map(lineOf).filter(fits);
      if (buffer.size === 0) return keep(lines.slice(store(lines)));
      // Behind what already waits: events stay in their order.
      keep(lines);
      if (diskMayBeAsked()) empty();
    },

    hold: (events) => keep(events.map(lineOf).filter(fits)),

    seal() {
      refusedAtMs = Number.NEGATIVE_INFINITY;
      empty();
      const sealed = sealSegment(0);
      saveLosses();
      // Read after sealing: whoever withdraws consent writes it before emptying the spool, so one of us sees the other.
      const now = installation.consent();
      if (now.enabled && now.consentId === spool.consentId) return true;
      for (const name of sealed) removeFile(joinPath(spool.pending, name), ports);
      return false;
    },

    memorySpool(create) {
      if (buffer.size > 0) (memory ??= create(installation, spool.consentId)).add(buffer.takeAll().map(({ event }) => event));
      return memory && memory.events > 0 ? memory.spool : undefined;
    },

    countMemoryLosses() {
      for (const [reason, count] of Object.entries(memory?.takeLosses() ?? {})) lose(reason as keyof LossCounts, count);
    },

    giveUpMemory() {
      lose("not-stored", buffer.takeAll().length + (memory?.events ?? 0));
      memory = undefined;
      saveLosses();
    },

    discard() {
      buffer.takeAll();
      memory = undefined;
      segment.discard();
    },
  };
}
