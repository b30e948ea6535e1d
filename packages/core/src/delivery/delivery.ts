/**
 * Delivery: decides. Pure rules for cutting events into requests, for what follows an outcome, and for how
 * long to wait; `upload` acts on them.
 */
import type { BatchLimits, DeliveryResult, Rejection, TelemetryEvent, UnnamedRejections } from "@candor/backend";
import { MAX_BACKOFF_MS } from "../destination/destination-journal.ts";

/** Waits between attempts within one uploader's life; the DataRobot specification's schedule (1 s, 2 s, 4 s). */
export const RETRY_WAITS_MS: readonly number[] = [1_000, 2_000, 4_000];

/** First back-off between processes after the attempts of one run are used up. */
const FIRST_BACKOFF_MS = 60_000;

const MAX_RETRY_BACKOFF_MS = 60 * 60_000;

/** A destination that refuses us needs a person; asking more often than this helps nobody. */
const FIRST_BLOCKED_BACKOFF_MS = 60 * 60_000;

/** So many events refused one by one, with none accepted, is the destination's fault and not the events'. */
export const MAX_REJECTIONS_IN_A_ROW = 10;

/**
 * Cuts events into requests within the limits, in order. An event larger than the limit goes alone. `textOf` answers the JSON of an
 * event where it is known; default: it is made.
 */
export function cutIntoRequests(events: readonly TelemetryEvent[], limits: BatchLimits, textOf: TextOf = JSON.stringify): TelemetryEvent[][] {
  return cutBySize(events, (event) => Buffer.byteLength(textOf(event)) + LINE_END_BYTES, limits);
}

/** The JSON of an event. */
export type TextOf = (event: TelemetryEvent) => string;

/** In the spool each event ends its line. */
const LINE_END_BYTES = 1;

/** Cuts items into runs of at most `maxEvents` items and `maxBytes` bytes; a larger item stands alone. */
export function cutBySize<Item>(items: readonly Item[], sizeOf: (item: Item) => number, { maxEvents, maxBytes }: BatchLimits): Item[][] {
  const requests: Item[][] = [];
  let current: Item[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = sizeOf(item);
    if (current.length > 0 && (current.length >= maxEvents || bytes + size > maxBytes)) {
      requests.push(current);
      current = [];
      bytes = 0;
    }
    current.push(item);
    bytes += size;
  }
  if (current.length > 0) requests.push(current);
  return requests;
}

/** What follows an attempt. */
export type NextStep =
  | {
      readonly action: "settle";
      readonly accepted: number;
      readonly rejected: readonly RejectedEvent[];
      /** Refused events that the destination only counted. */
      readonly unnamed?: UnnamedRejections;
    }
  /** Give these up, and try the others in place of the whole. */
  | { readonly action: "sift"; readonly rejected: readonly RejectedEvent[]; readonly rest: readonly TelemetryEvent[] }
  /** Try the halves in place of the whole. */
  | { readonly action: "split"; readonly halves: readonly [readonly TelemetryEvent[], readonly TelemetryEvent[]] }
  /** Leave this destination for now. */
  | { readonly action: "stop"; readonly status: "retry" | "blocked"; readonly reason: string; readonly afterMs?: number };

export interface RejectedEvent {
  readonly event: TelemetryEvent;
  readonly reason: string;
}

/** Decides what follows the outcome of sending `events`. */
export function nextStep(result: DeliveryResult, events: readonly TelemetryEvent[]): NextStep {
  switch (result.status) {
    case "accepted":
      return { action: "settle", accepted: events.length, rejected: [] };
    case "partial": {
      const rejected = namedAmong(events, result.rejected);
      const unnamed = Math.min(result.unnamed?.count ?? 0, events.length - rejected.length);
      return {
        action: "settle",
        accepted: events.length - rejected.length - unnamed,
        rejected,
        ...(result.unnamed && unnamed > 0 ? { unnamed: { ...result.unnamed, count: unnamed } } : {}),
      };
    }
    case "rejected": {
      const [only] = events;
      const rejected = namedAmong(events, result.rejected ?? []);
      if (rejected.length === events.length) return { action: "settle", accepted: 0, rejected };
      if (rejected.length > 0) return { action: "sift", rejected, rest: without(events, rejected) };
      if (events.length === 1 && only) {
        return { action: "settle", accepted: 0, rejected: [{ event: only, reason: result.reason }] };
      }
      const middle = Math.ceil(events.length / 2);
      return { action: "split", halves: [events.slice(0, middle), events.slice(middle)] };
    }
    case "retry":
      return { action: "stop", ...result };
    case "blocked":
      return { action: "stop", ...result };
  }
}

/** The events of a request that the destination named; what it names besides is not ours. */
function namedAmong(events: readonly TelemetryEvent[], named: readonly Rejection[]): RejectedEvent[] {
  const reasons = new Map(named.map(({ id, reason }) => [id, reason]));
  return events.flatMap((event) => {
    const reason = reasons.get(event.id);
    return reason === undefined ? [] : [{ event, reason }];
  });
}

function without(events: readonly TelemetryEvent[], rejected: readonly RejectedEvent[]): TelemetryEvent[] {
  const gone = new Set(rejected.map(({ event }) => event));
  return events.filter((event) => !gone.has(event));
}

/** Whether a backend's answer is one of the contract's. Backends are other people's code. */
export function isDeliveryResult(value: unknown): value is DeliveryResult {
  const { status, reason, rejected, unnamed } = asRecord(value);
  switch (status) {
    case "accepted":
      return true;
    case "partial":
      return areRejections(rejected) && (unnamed === undefined || areUnnamed(unnamed));
    case "retry":
    case "blocked":
      return typeof reason === "string";
    case "rejected":
      return typeof reason === "string" && (rejected === undefined || areRejections(rejected));
    default:
      return false;
  }
}

function areRejections(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof asRecord(each)["id"] === "string" && typeof asRecord(each)["reason"] === "string");
}

function areUnnamed(value: unknown): boolean {
  const { count, reason } = asRecord(value);
  return Number.isSafeInteger(count) && Number(count) >= 1 && typeof reason === "string";
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/**
 * How long no process tries the destination again: doubling with jitter between half and the whole of it,
 * and never sooner than the destination asked for.
 */
export function backoffMs(
  stop: { readonly status: "retry" | "blocked"; readonly afterMs?: number },
  failures: number,
  random: () => number,
): number {
  const first = stop.status === "blocked" ? FIRST_BLOCKED_BACKOFF_MS : FIRST_BACKOFF_MS;
  const most = stop.status === "blocked" ? MAX_BACKOFF_MS : MAX_RETRY_BACKOFF_MS;
  const whole = Math.min(most, first * 2 ** Math.min(failures, 20));
  const jittered = whole / 2 + (random() * whole) / 2;
  const asked = stop.afterMs === undefined || Number.isNaN(stop.afterMs) ? 0 : stop.afterMs;
  return Math.min(MAX_BACKOFF_MS, Math.max(jittered, asked));
}
