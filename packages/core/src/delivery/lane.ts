/**
 * The lane: one destination's state within one run of the uploader: its journal record, its attempts, and when it may be
 * tried again. Every outcome is written into the record here and nowhere else.
 */
import type { Logger, TelemetryEvent } from "@candor/backend";
import { backoffMs, type NextStep, type RejectedEvent, RETRY_WAITS_MS, type TextOf } from "./delivery.ts";
import { UNAVAILABLE } from "../destination/backend-registry.ts";
import type { Destination } from "../destination/destination.ts";
import { type DestinationRecord, isReady, newDestination } from "../destination/destination-journal.ts";
import { type Receipt, writeReceipts } from "./receipts.ts";
import { setAside } from "./rejected-events.ts";
import type { Spool } from "../spool/spool.ts";

export interface Lane {
  readonly destination: Destination;
  record: DestinationRecord;
  attempts: number;
  /** Monotonic time before which this run does not try it again; Infinity when given up. */
  waitUntilMs: number;
  failure?: string;
}

/** What a lane needs of the run it is in. */
export interface LaneContext {
  readonly spool: Spool;
  readonly logger: Logger;
  /** Waits between attempts within this run; default 1 s, 2 s, 4 s. */
  readonly retryWaitsMs?: readonly number[];
  /** Try even destinations that are backing off, because a person asked. */
  readonly ignoreBackoff?: boolean;
  /** The JSON of an event where it is known; default: it is made. */
  readonly textOf?: TextOf;
}

type Settled = Extract<NextStep, { action: "settle" }>;

/** The lane of a destination, given up at once while the destination is backing off. */
export function openLane(destination: Destination, stored: DestinationRecord | undefined, context: LaneContext): Lane {
  const before = stored ?? newDestination("");
  // One that could not be built does not know where it is; the name under which it got events does.
  const isNamed = destination.backend.destination !== UNAVAILABLE || before.description === "";
  const description = isNamed ? destination.description : before.description;
  const record = { ...before, description, ...(destination.settings === undefined ? {} : { settings: destination.settings }) };
  const lane: Lane = { destination, record, attempts: 0, waitUntilMs: 0 };
  if (!context.ignoreBackoff && !isReady(before, context.spool.ports.clock.now(), destination.settings)) {
    giveUp(lane, record.lastError?.reason ?? "backing off");
  }
  return lane;
}

/** The destination settled events, `sent` as they stood in the request: some accepted, some refused for good. */
export function recordSettled(lane: Lane, step: Settled, { spool, logger, textOf }: LaneContext, sent: readonly TelemetryEvent[]): void {
  const { accepted, rejected, unnamed } = step;
  const refused = rejected.length + (unnamed?.count ?? 0);
  const reason = rejected[0]?.reason ?? unnamed?.reason;
  const at = new Date(spool.ports.clock.now()).toISOString();
  lane.attempts = 0;
  const { lastError, ...record } = lane.record;
  const error = reason !== undefined ? ({ at, status: "rejected", reason } as const) : accepted > 0 ? undefined : lastError;
  lane.record = {
    ...record,
    accepted: record.accepted + accepted,
    rejected: record.rejected + refused,
    rejectedInARow: accepted > 0 ? 0 : record.rejectedInARow + refused,
    // One that refuses whatever it is sent has not recovered by answering.
    failures: accepted > 0 ? 0 : record.failures,
    nextAttemptAt: 0,
    ...(accepted > 0 ? { lastSuccessAt: at } : {}),
    ...(error ? { lastError: error } : {}),
  };
  if (accepted > 0) logger.debug(`${lane.destination.description}: confirmed`, { events: accepted });
  if (refused > 0) logger.warn(`${lane.destination.description} refused events`, { count: refused, reason });
  if (rejected.length > 0) setAside(rejected, lane.destination, spool);
  const reasons = new Map(rejected.map(({ event, reason: why }) => [event.id, why]));
  keepReceipts(lane, sent, { spool, textOf }, ({ id }) => {
    const refusal = reasons.get(id);
    if (refusal !== undefined) return { outcome: "rejected", reason: refusal };
    return unnamed ? { outcome: "unclear", reason: `it refused ${unnamed.count} of this request: ${unnamed.reason}` } : { outcome: "accepted" };
  });
}

/** The destination named the events at fault; that says nothing against the others, so it does not count as refusing everything. */
export function recordSifted(lane: Lane, rejected: readonly RejectedEvent[], context: LaneContext, sent: readonly TelemetryEvent[]): void {
  const { rejectedInARow } = lane.record;
  const named = new Set(rejected.map(({ event }) => event.id));
  recordSettled(lane, { action: "settle", accepted: 0, rejected }, context, sent.filter(({ id }) => named.has(id)));
  lane.record = { ...lane.record, rejectedInARow };
}

/** A request ended without an acknowledgement, and its events are not sent again. Whether they arrived is not known; that they were sent is. */
export function recordUnacknowledged(lane: Lane, sent: readonly TelemetryEvent[], reason: string, context: LaneContext): void {
  keepReceipts(lane, sent, context, () => ({ outcome: "unacknowledged", reason }));
}

/** The destination took nothing: wait within the run, or give it up and back off. */
export function recordStop(lane: Lane, stop: { status: "retry" | "blocked"; reason: string; afterMs?: number }, request: LaneContext): void {
  const { clock, random } = request.spool.ports;
  const waits = request.retryWaitsMs ?? RETRY_WAITS_MS;
  const waitMs = stop.status === "retry" ? waits[lane.attempts] : undefined;
  lane.attempts++;
  request.logger.debug(`${lane.destination.description}: ${stop.reason}`, { status: stop.status, attempt: lane.attempts });
  const inRun = waitMs !== undefined && (stop.afterMs ?? 0) <= waitMs;
  if (inRun) lane.waitUntilMs = clock.monotonicMs() + waitMs;
  else giveUp(lane, stop.reason);
  // A night offline says nothing of a refusal in the morning, which would otherwise be left alone for a day at once.
  const failures = lane.record.lastError?.status === (stop.status === "retry" ? "blocked" : "retry") ? 0 : lane.record.failures;
  // Recorded at once: an uploader that is killed while it waits must not leave a destination that looks healthy.
  lane.record = {
    ...lane.record,
    failures: inRun ? failures : failures + 1,
    nextAttemptAt: clock.now() + backoffMs(stop, failures, random),
    lastError: { at: new Date(clock.now()).toISOString(), status: stop.status, reason: stop.reason },
  };
}

interface ReceiptContext {
  readonly spool: Spool;
  readonly textOf?: TextOf | undefined;
}

function keepReceipts(lane: Lane, sent: readonly TelemetryEvent[], { spool, textOf }: ReceiptContext, fate: (event: TelemetryEvent) => Pick<Receipt, "outcome" | "reason">): void {
  const at = new Date(spool.ports.clock.now()).toISOString();
  const { description: destination } = lane.destination;
  const lost = writeReceipts(sent.map((event) => ({ at, destination, ...fate(event), event })), spool, textOf);
  if (lost > 0) lane.record = { ...lane.record, receiptsLost: lane.record.receiptsLost + lost };
}

function giveUp(lane: Lane, reason: string): void {
  lane.waitUntilMs = Number.POSITIVE_INFINITY;
  lane.failure = reason;
}
