/**
 * Events as entries of Datadog's logs intake, in GTB's form (GTB-59). Pure: the clock is an argument.
 *
 * Differences from GTB: `ddsource` is `candor` unless the author says otherwise; everything that the event
 * knows is there, not just its type and versions; tags are written so that content cannot forge one; and
 * a `timestamp` that Datadog would refuse is replaced, with the event's own time kept as `event_time`.
 */
import type { JsonValue, Rejection, TelemetryEvent } from "@candor/backend";
import { formatTag, joinTags } from "./tags.ts";

/**
 * One entry. The first five fields come in the order in which Datadog's client writes them; the attributes
 * follow. Metadata lies below `metadata`, where no name of it can be one that Datadog or candor gives a meaning.
 */
export interface LogEntry {
  readonly ddsource: string;
  readonly ddtags: string;
  readonly hostname: string;
  readonly message: string;
  readonly service: string;
  readonly [attribute: string]: JsonValue;
}

export interface EncodeOptions {
  /** When the entries are sent, in milliseconds since 1970. */
  readonly sentAtMs: number;
  readonly source: string;
  /** The author's tags as the text of `ddtags`. */
  readonly tags: string;
}

/** What became of the events of one batch. */
export interface EncodedBatch {
  readonly entries: readonly LogEntry[];
  /** Events that cannot be sent: too large, or not to be written as JSON. */
  readonly rejected: readonly Rejection[];
}

/** Datadog takes a larger entry and cuts it off without a word ("Send logs", limits per HTTP request: 1MB). */
const MAX_ENTRY_BYTES = 1_000_000;

/** Datadog takes 18 hours ("Send logs"); an hour is left for the way and for clocks that differ. */
const OLDEST_MS = 17 * 3_600_000;

/** Datadog's "Log collection" long said two hours; an hour is left here too. */
const NEWEST_MS = 3_600_000;

/** Turns events into entries, and names those that Datadog would not keep whole. */
export function encodeEvents(events: readonly TelemetryEvent[], options: EncodeOptions): EncodedBatch {
  const entries: LogEntry[] = [];
  const rejected: Rejection[] = [];
  for (const event of events) {
    const encoded = encodeWithin(event, options);
    if (typeof encoded === "string") rejected.push({ id: event.id, reason: encoded });
    else entries.push(encoded);
  }
  return { entries, rejected };
}

/** The entry, or why there is none. */
function encodeWithin(event: TelemetryEvent, options: EncodeOptions): LogEntry | string {
  try {
    const entry = encodeEvent(event, options);
    const isWhole = Buffer.byteLength(JSON.stringify(entry)) <= MAX_ENTRY_BYTES;
    return isWhole ? entry : `the event is larger than the ${MAX_ENTRY_BYTES} bytes that Datadog keeps of one log`;
  } catch {
    // It holds what its type forbids: a bigint, a cycle, a getter that throws.
    return "the event cannot be written as a log";
  }
}

function encodeEvent(event: TelemetryEvent, { sentAtMs, source, tags }: EncodeOptions): LogEntry {
  const { type, name, toolVersion, os, arch, durationMs, exitCode, signal, args, error, droppedEvents, metadata } = event;
  const durationNs = durationMs === undefined ? undefined : Math.round(durationMs * 1_000_000);
  const ownTags = [formatTag("event_type", type), formatTag("tool_version", toolVersion), formatTag("os", os), formatTag("arch", arch)];
  return {
    ddsource: source,
    ddtags: joinTags([...ownTags, tags]),
    hostname: wellFormed(event.machineId),
    message: wellFormed(`${type}: ${name}`),
    service: wellFormed(event.toolName),
    timestamp: officialTime(event.timestamp, sentAtMs),
    level: "info",
    event_id: wellFormed(event.id),
    event_time: wellFormed(event.timestamp),
    event_type: wellFormed(type),
    event_name: wellFormed(name),
    tool_version: wellFormed(toolVersion),
    os: wellFormed(os),
    arch: wellFormed(arch),
    ...(event.osVersion && { os_version: wellFormed(event.osVersion) }),
    ...(event.nodeVersion && { node_version: wellFormed(event.nodeVersion) }),
    // Datadog's standard attributes: `duration` is in nanoseconds, `error.message` has its place on the screen.
    ...(isMeasured(durationNs) && { duration: durationNs }),
    ...(error && { error: { message: wellFormed(error) } }),
    ...(isMeasured(exitCode) && { exit_code: exitCode }),
    ...(signal && { signal: wellFormed(signal) }),
    ...(args && args.length > 0 && { args: args.map(wellFormed) }),
    ...(isMeasured(droppedEvents) && { dropped_events: droppedEvents }),
    ...(metadata && Object.keys(metadata).length > 0 && { metadata: wellFormedJson(metadata) }),
  };
}

/** The event's own time where Datadog takes it, else the time of sending. */
function officialTime(timestamp: string, sentAtMs: number): string {
  const ownMs = Date.parse(timestamp);
  const isTaken = ownMs >= sentAtMs - OLDEST_MS && ownMs <= sentAtMs + NEWEST_MS;
  return new Date(isTaken ? ownMs : sentAtMs).toISOString();
}

function isMeasured(value: number | undefined): value is number {
  return Number.isFinite(value);
}

/** Replaces lone halves of surrogate pairs, which some JSON readers refuse with the whole request. */
function wellFormed(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, "\ufffd");
}

function wellFormedJson(value: JsonValue): JsonValue {
  if (typeof value === "string") return wellFormed(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(wellFormedJson);
  // Unlike an assignment, this keeps a property called __proto__ a property.
  return Object.fromEntries(Object.entries(value).map(([name, property]) => [wellFormed(name), wellFormedJson(property)]));
}
