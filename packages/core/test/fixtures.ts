/**
 * What tests of the spool and its delivery begin with: a spool on a fake machine, batches in it, destinations that
 * are spies, and the questions every such test asks in the end.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Backend, DeliveryResult, LogFields, Logger, TelemetryEvent } from "@candor/backend";
import { sampleEvent, spyBackend, type SpyBackend, type SpyBackendOptions } from "@candor/testing";
import { formatBatchName, formatLine, parseBatchName, parseLines } from "../src/spool/batch.ts";
import type { Destination } from "../src/destination/destination.ts";
import { createEventId } from "../src/event/event-id.ts";
import { directoriesFor } from "../src/platform/paths.ts";
import type { Segment } from "../src/spool/segment.ts";
import { createSpool, prepareSpool, type Spool } from "../src/spool/spool.ts";
import { upload, type UploadRequest } from "../src/delivery/upload.ts";
import type { FakeProcess } from "./fake-ports.ts";

export const BOUNDS = { batchBytes: 64 * 1024, spoolBytes: 1024 * 1024, receiptBytes: 256 * 1024 };

/** The spool of consent `1a2b3c4d` of the tool `notes`, with its directories made, and the one the lock would have made. */
export function spoolOn(machine: FakeProcess, bounds: Partial<typeof BOUNDS> = {}, consentId = "1a2b3c4d"): Spool {
  const spool = createSpool(consentId, directoriesFor("notes", machine.host), { ...BOUNDS, ...bounds }, machine.ports);
  const privacy = prepareSpool(spool);
  if (privacy.status !== "private") throw new Error(privacy.reason);
  mkdirSync(spool.directories.uploader, { recursive: true, mode: 0o700 });
  return spool;
}

/** Puts events into the spool as one pending batch; answers its name. */
export function addBatch(spool: Spool, events: readonly TelemetryEvent[], acknowledged: readonly string[] = []): string {
  const text = events.map(formatLine).join("");
  const name = formatBatchName({ id: createEventId(Date.now()), events: events.length, bytes: Buffer.byteLength(text), acknowledged });
  mkdirSync(spool.pending, { recursive: true });
  writeFileSync(join(spool.pending, name), text);
  return name;
}

/** Events named `e1`, `e2`, …; the names go on from `first`. */
export function namedEvents(count: number, first = 1): TelemetryEvent[] {
  return Array.from({ length: count }, (_, index) => sampleEvent({ name: `e${first + index}` }));
}

export function names(events: readonly { readonly name: string }[]): string[] {
  return events.map(({ name }) => name).sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
}

/** Names of the events in every batch and segment of the spool, wherever it lies. */
export function stored(spool: Spool): string[] {
  return names([...filesIn(spool.pending), ...filesIn(spool.open), ...filesIn(spool.claimed)].flatMap((path) => parseLines(readFileSync(path, "utf8")).events));
}

/** Names of the events in pending batches. */
export function pending(spool: Spool): string[] {
  return names(
    filesIn(spool.pending)
      .filter((path) => parseBatchName(path.slice(spool.pending.length + 1)))
      .flatMap((path) => parseLines(readFileSync(path, "utf8")).events),
  );
}

export function filesIn(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? filesIn(path) : [path];
  });
}

export interface SpyDestination extends Destination {
  readonly backend: SpyBackend;
}

/** A destination whose backend is a spy; `key` is what batch names record. */
export function spyDestination(key: string, options: SpyBackendOptions = {}): SpyDestination {
  const backend = spyBackend({ name: key, ...options });
  return { key, description: `${key} memory`, backend };
}

/** A logger that keeps its lines. */
export function recordingLogger(): Logger & { readonly lines: string[] } {
  const lines: string[] = [];
  const at =
    (level: string) =>
    (message: string, fields?: LogFields): void =>
      void lines.push(`${level}: ${message}${fields ? ` ${JSON.stringify(fields)}` : ""}`);
  return { lines, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** One run of the uploader. */
export function runUpload(spool: Spool, destinations: readonly Destination[], changes: Partial<UploadRequest> = {}): ReturnType<typeof upload> {
  return upload({
    spool,
    destinations,
    mode: "at-least-once",
    sendTimeoutMs: 5_000,
    signal: new AbortController().signal,
    mayContinue: () => true,
    logger: recordingLogger(),
    ...changes,
  });
}

/** The spy as a live backend that is never closed, for tests that are not about its end. */
export function lasting(spy: SpyBackend): Backend {
  const { name, destination, limits } = spy;
  return { name, destination, limits, send: (events, context) => spy.send(events, context), close: () => Promise.resolve() };
}

/** A live backend that answers as the function says. */
export function backendOf(send: (events: readonly TelemetryEvent[]) => Promise<DeliveryResult>, maxEvents = 1_000): Backend {
  return { name: "odd", destination: "memory", limits: { maxEvents, maxBytes: 1_048_576 }, send: (events) => send(events), close: () => Promise.resolve() };
}

/** A destination that answers as the function says. */
export function destinationOf(key: string, answer: (events: readonly TelemetryEvent[], signal: AbortSignal) => unknown, maxEvents = 1_000): Destination & { readonly got: string[][] } {
  const got: string[][] = [];
  return {
    got,
    key,
    description: key,
    backend: {
      name: key,
      destination: key,
      limits: { maxEvents, maxBytes: 1024 * 1024 },
      async send(events, { signal }) {
        got.push(events.map(({ name }) => name));
        return (await answer(events, signal)) as DeliveryResult;
      },
      close: () => Promise.resolve(),
    },
  };
}

/** Appends events to a segment. @throws when it refuses one. */
export function append(segment: Segment, count: number, first = 1): void {
  for (const event of namedEvents(count, first)) {
    const outcome = segment.append(formatLine(event));
    if (outcome.status !== "stored") throw new Error(`the segment refused ${event.name}: ${outcome.reason}`);
  }
}
