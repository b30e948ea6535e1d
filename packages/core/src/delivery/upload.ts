/**
 * The upload: acts on what `delivery` decides. One call is one run: recover what dead processes left, then claim,
 * send, acknowledge, until nothing waits or time is up. It does not care who calls it (the detached process, an inline
 * flush, the interval of a long-running tool) and it starts no process.
 */
import type { TelemetryEvent } from "@candor/backend";
import { attempt, type AttemptContext } from "./attempt.ts";
import { type ClaimedBatch, type Claims, createClaims } from "../spool/claim.ts";
import { cutIntoRequests, MAX_REJECTIONS_IN_A_ROW, nextStep } from "./delivery.ts";
import type { Destination } from "../destination/destination.ts";
import { type DestinationJournal, readJournal, writeJournal } from "../destination/destination-journal.ts";
import { type Lane, type LaneContext, openLane, recordSettled, recordSifted, recordStop, recordUnacknowledged } from "./lane.ts";
import { foldLosses, readLossAccount } from "../spool/losses.ts";
import { recoverOrphans } from "../spool/recovery.ts";
import { hasDeliverable, type Spool } from "../spool/spool.ts";
import { purgeWithdrawn } from "../spool/standing.ts";
import { stakeEvents } from "./stake.ts";

export interface UploadRequest extends LaneContext, Omit<AttemptContext, "lossesBefore"> {
  readonly destinations: readonly Destination[];
  readonly mode: "at-least-once" | "at-most-once";
  /** Asked before every request; false ends the run without sending. */
  readonly mayContinue: () => boolean;
  /** Whether consent stands; default yes. */
  readonly isConsented?: () => boolean;
}

/** What the parts of one run share. */
interface Run extends UploadRequest, AttemptContext {
  readonly claims: Claims;
  /** Writes down what has become of the lanes: before the events go, so that a kill hides nothing. */
  readonly keepJournal: () => void;
}

export interface UploadSummary {
  readonly accepted: number;
  readonly rejected: number;
  /** Why the run ended with events left, by destination description. */
  readonly failures: Readonly<Record<string, string>>;
}

/** Runs delivery once. Never rejects for a fault of a destination; @throws when the spool itself fails. */
export async function upload(request: UploadRequest): Promise<UploadSummary> {
  const { spool, destinations, signal } = request;
  const { ports, directories } = spool;
  const journal = readJournal(directories, ports);
  const lanes = destinations.map((destination) => openLane(destination, journal[destination.key], request));
  const before = { accepted: sum(lanes, "accepted"), rejected: sum(lanes, "rejected") };
  purgeWithdrawn(spool);
  // This process holds the lock, so claims of its own are left from a run that failed.
  recoverOrphans(spool, { own: true });
  foldLosses(directories, ports);
  const claims = createClaims(spool);
  const run: Run = { ...request, claims, lossesBefore: readLossAccount(directories, ports), keepJournal: journalKeeper(journal, lanes, request) };

  while (!signal.aborted && request.mayContinue()) {
    const open = lanes.filter((lane) => lane.waitUntilMs < Number.POSITIVE_INFINITY);
    const ready = open.filter((lane) => lane.waitUntilMs <= ports.clock.monotonicMs());
    const batches = claims.take({
      destinations: destinations.map(({ key }) => key),
      ready: new Set(ready.map((lane) => lane.destination.key)),
      maxEvents: Math.max(1, ...ready.map((lane) => lane.destination.backend.limits.maxEvents)),
      maxBytes: Math.max(1, ...ready.map((lane) => lane.destination.backend.limits.maxBytes)),
    });
    if (batches.length === 0) {
      const waiting = open.filter((lane) => !ready.includes(lane) && lacksSomething(lane, spool));
      if (waiting.length === 0) break;
      const nextMs = Math.min(...waiting.map((lane) => lane.waitUntilMs)) - ports.clock.monotonicMs();
      await ports.clock.wait(Math.max(0, nextMs), signal);
      continue;
    }
    await deliverBatches(batches, ready, run);
  }
  return {
    accepted: sum(lanes, "accepted") - before.accepted,
    rejected: sum(lanes, "rejected") - before.rejected,
    failures: Object.fromEntries(lanes.flatMap(({ destination, failure }) => (failure ? [[destination.description, failure]] : []))),
  };
}

/**
 * Sends the claimed batches to every lane, and gives them back. Apart from the loop: a suspended function keeps whatever its loop has
 * worked with, so the events of the last turn would be alive throughout the next.
 */
async function deliverBatches(batches: readonly ClaimedBatch[], ready: readonly Lane[], run: Run): Promise<void> {
  try {
    const delivered = await Promise.allSettled(ready.map((lane) => deliver(lane, batches, run)));
    // All lanes have come to rest before the claims go back; only then may the disk's fault end the run.
    for (const outcome of delivered) if (outcome.status === "rejected") throw outcome.reason;
  } finally {
    for (const batch of batches) run.claims.release(batch);
    run.keepJournal();
  }
}

/** Sends to one destination what it lacks of the claimed batches. */
async function deliver(lane: Lane, batches: readonly ClaimedBatch[], run: Run): Promise<void> {
  const { key, backend } = lane.destination;
  const holder = new Map<TelemetryEvent, ClaimedBatch>();
  for (const batch of batches) for (const event of batch.outstanding.get(key) ?? []) holder.set(event, batch);
  const textOf = (event: TelemetryEvent): string => holder.get(event)?.texts.get(event) ?? JSON.stringify(event);
  const request = { ...run, textOf };
  const cut = cutIntoRequests([...holder.keys()], backend.limits, textOf);

  const settle = (events: readonly TelemetryEvent[]): void => {
    for (const event of events) {
      const batch = holder.get(event);
      const outstanding = batch?.outstanding.get(key);
      if (batch && outstanding?.delete(event) && outstanding.size === 0) run.claims.acknowledge(batch, key);
    }
  };
  const stake = run.mode === "at-most-once" ? stakeEvents(lane.destination, cut, settle, run) : undefined;
  const queue: (readonly TelemetryEvent[])[] = stake ? cut.slice(0, 1) : cut;

  for (let events = queue.shift(); events; events = queue.shift()) {
    if (run.signal.aborted || !run.mayContinue()) return stake?.giveBack([events, ...queue].flat());
    const { result, sent } = await attempt(lane, events, request);
    const step = nextStep(result, events);
    switch (step.action) {
      case "settle": {
        const refusedBefore = lane.record.rejected;
        // Counted and set aside first: a kill in between may repeat an event, and must not hide one.
        recordSettled(lane, step, request, sent);
        // Written at once where something was refused or a loss was told, else with the last of what was claimed: a write costs as much as a request.
        if (lane.record.rejected > refusedBefore || sent !== events || queue.length === 0) run.keepJournal();
        settle(events);
        stake?.win(events);
        if (lane.record.rejectedInARow >= MAX_REJECTIONS_IN_A_ROW) {
          const reason = step.rejected[0]?.reason ?? step.unnamed?.reason ?? "no reason given";
          recordStop(lane, { status: "blocked", reason: `it refuses every event: ${reason}` }, request);
          return stake?.giveBack(queue.flat());
        }
        break;
      }
      case "sift": {
        const refused = step.rejected.map(({ event }) => event);
        recordSifted(lane, step.rejected, request, sent);
        run.keepJournal();
        settle(refused);
        stake?.win(refused);
        queue.unshift(step.rest);
        break;
      }
      case "split":
        // It took nothing, so the halves have not been sent yet, also where at most one attempt is allowed.
        queue.unshift(...step.halves);
        break;
      case "stop":
        if ((stake && step.status !== "blocked") || isWithdrawn(run)) recordUnacknowledged(lane, sent, step.reason, request);
        // An abort is our own doing and says nothing about the destination.
        if (!run.signal.aborted) recordStop(lane, step, request);
        run.keepJournal();
        // Whether it took them is not known, unless it refused to talk to us; at most once means not to ask again.
        return stake?.giveBack(step.status === "blocked" ? [events, ...queue].flat() : queue.flat());
    }
  }
}

/** The run was ended because the user said no: what waits is deleted, so this request was the last of its events. */
function isWithdrawn({ signal, isConsented }: UploadRequest): boolean {
  return signal.aborted && isConsented?.() === false;
}

/** Answers how to write down what has become of the lanes. */
function journalKeeper(journal: DestinationJournal, lanes: readonly Lane[], { spool, logger }: UploadRequest): () => void {
  let kept: readonly unknown[] = [];
  return () => {
    const records = lanes.map(({ record }) => record);
    if (records.every((record, index) => record === kept[index])) return;
    for (const { destination, record } of lanes) journal[destination.key] = record;
    try {
      writeJournal(journal, spool.directories, spool.ports);
      kept = records;
    } catch (error) {
      // A full disk costs the numbers in `status`; the events themselves are settled.
      logger.debug("the destination journal could not be written", { error: String(error) });
    }
  };
}

function lacksSomething(lane: Lane, spool: Spool): boolean {
  return hasDeliverable(spool, (batch) => !batch.acknowledged.includes(lane.destination.key));
}

function sum(lanes: readonly Lane[], field: "accepted" | "rejected"): number {
  return lanes.reduce((total, lane) => total + lane.record[field], 0);
}
