/**
 * How the tests send: the otlp backend pointed at a collector, single attempts, and a sender that goes on until its
 * batch is accepted and remembers how often it tried.
 */
import { join } from "node:path";
import { type Backend, type BackendContext, type DeliveryResult, silentLogger, type TelemetryEvent } from "@candor/backend";
import { otlpBackend, type OtlpBackendOptions } from "@candor/backend-otel";
import type { RunningCollector } from "../collector.ts";

const CERTIFICATES = join(__dirname, "../../packages/backend/test/certificates");

/** A test certificate or key of packages/backend, as a path. */
export function certificateFile(name: "ca.pem" | "server.pem" | "server.key.pem" | "client.pem" | "client.key.pem"): string {
  return join(CERTIFICATES, `test-only-${name}`);
}

/** What a backend is built with here. */
export const context: BackendContext = { toolName: "notes", toolVersion: "1.2.3", dataDirectory: "/nonexistent", logger: silentLogger };

/** A backend that sends to `address` by plain http, or to `options.endpoint`. */
export function backendTo(address: string, options: Partial<OtlpBackendOptions> = {}): Backend {
  return otlpBackend({ endpoint: `http://${address}`, ...options }, context);
}

/** One attempt. */
export function send(backend: Backend, events: readonly TelemetryEvent[]): Promise<DeliveryResult> {
  return backend.send(events, { signal: new AbortController().signal });
}

/** Sends until accepted, waiting while the collector is down; answers how many attempts it took. */
export async function insist(backend: Backend, events: readonly TelemetryEvent[], collector: RunningCollector): Promise<number> {
  for (let attempts = 1; ; attempts++) {
    const result = await send(backend, events);
    if (result.status === "accepted") return attempts;
    if (result.status !== "retry") throw new Error(`a batch was answered with ${JSON.stringify(result)}`);
    await collector.untilReady();
  }
}

/** The ids of what arrived, sorted. */
export function uidsIn(collector: RunningCollector): readonly string[] {
  return sorted(collector.records().map(({ uid }) => uid));
}

/** The ids of events, sorted. */
export function uidsOf(events: readonly TelemetryEvent[]): readonly string[] {
  return sorted(events.map(({ id }) => id));
}

/** A sorted copy. */
export function sorted(texts: Iterable<string>): readonly string[] {
  return [...texts].sort((left, right) => left.localeCompare(right));
}

/** How often each id arrived. */
export function arrivals(collector: RunningCollector): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { uid } of collector.records()) counts.set(uid, (counts.get(uid) ?? 0) + 1);
  return counts;
}
