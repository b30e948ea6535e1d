/**
 * The spill: takes events in, into the buffer or straight to disk, and brings everything to disk when asked. What the disk
 * does not take stays in the bounded buffer; what the buffer cannot hold is counted. It never throws for a full or missing disk.
 */
import type { TelemetryEvent } from "@candor/backend";
import { formatLine } from "../spool/batch.ts";
import { createBuffer } from "./buffer.ts";
import { coalesce } from "../spool/coalescence.ts";
import type { Installation } from "./installation.ts";
import { addLosses, type LossCounts, recordLosses } from "../spool/losses.ts";
import { joinPath } from "../platform/paths.ts";
import type { CreateMemorySpool, MemorySpool } from "../spool/memory-spool.ts";
import { createSegment } from "../spool/segment.ts";
import { keepBound, MOST_BATCHES, removeFile, type Spool } from "../spool/spool.ts";

export interface Spill {
  /** Events that are only in memory. */
  readonly inMemory: number;
  /** What this process lost, by reason. */
  readonly lost: LossCounts;
  /** Counts what did not get here. Brought to disk with the next seal. */
  lose(reason: keyof LossCounts, count: number): void;
  /** Takes an event in. */
  accept(event: TelemetryEvent): void;
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

/** A spill into the spool of one consent. Touches no disk before the first event. */
export function createSpill(installation: Installation, spool: Spool): Spill {
  const { config, ports, directories, logger } = installation;
  const { bufferEvents, batchBytes } = config.bounds;
  const buffer = createBuffer(bufferEvents);
  const segment = createSegment(spool);
  const lost: LossCounts = {};
  let unrecorded: LossCounts = {};
  let memory: MemorySpool | undefined;
  let refusedAtMs = Number.NEGATIVE_INFINITY;

  const lose: Spill["lose"] = (reason, count) => {
    addLosses(lost, reason, count);
    addLosses(unrecorded, reason, count);
  };

  const saveLosses = (): void => {
    if (recordLosses(unrecorded, directories, ports)) unrecorded = {};
  };

  const diskMayBeAsked = (): boolean => ports.clock.monotonicMs() - refusedAtMs >= RETRY_DISK_MS;

  /** Puts a line into the segment, sealing it first when it would grow too long. */
  const store = (line: string): boolean => {
    if (!diskMayBeAsked()) return false;
    if (segment.bytes > 0 && segment.bytes + Buffer.byteLength(line) > batchBytes) sealSegment(batchBytes);
    const outcome = segment.append(line);
    if (outcome.status === "stored") return true;
    refusedAtMs = ports.clock.monotonicMs();
    logger.debug("events stay in memory", { reason: outcome.reason });
    return false;
  };

  /** Moves what is in memory to the segment, as far as the disk takes it. */
  const empty = (): void => {
    const events = buffer.takeAll();
    const refusedFrom = events.findIndex((event) => !store(formatLine(event)));
    if (refusedFrom >= 0) keep(events.slice(refusedFrom));
  };

  const keep = (events: readonly TelemetryEvent[]): void => {
    for (const event of events) lose("buffer-full", buffer.push(event));
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

    accept(event) {
      const line = formatLine(event);
      if (Buffer.byteLength(line) > batchBytes) {
        lose("too-large", 1);
        return logger.debug("not tracked: the event is larger than a batch may be", { name: event.name });
      }
      const atTrack = config.delivery.durability === "track";
      if (atTrack && buffer.size === 0 && store(line)) return;
      keep([event]);
      if ((atTrack || buffer.size >= bufferEvents) && diskMayBeAsked()) empty();
    },

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
      if (buffer.size > 0) (memory ??= create(installation, spool.consentId)).add(buffer.takeAll());
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
