/**
 * Amplitude's two ways in, with their addresses and limits: the HTTP V2 API for events as they happen, and the Batch Event Upload API
 * for many at once. Pure; it reads no option and sends nothing. Source: https://amplitude.com/docs/apis/analytics/http-v2 and
 * https://amplitude.com/docs/apis/analytics/batch-event-upload.
 */
import type { BatchLimits } from "@candor/backend";

/** Where Amplitude keeps the project's data. */
export type ServerZone = "US" | "EU";

/** One way in. */
export interface IngestionApi {
  readonly path: string;
  /** The most events in a request. */
  readonly maxEvents: number;
  /** The most bytes of a request before compression. */
  readonly maxRequestBytes: number;
  /** Events in a request unless the author says otherwise. */
  readonly defaultBatchSize: number;
}

/** "Under 1 MB with fewer than 2000 events", the lower reading of a megabyte; 200 is the SDK's own `flushQueueSize`. */
export const httpApi: IngestionApi = { path: "/2/httpapi", maxEvents: 1_999, maxRequestBytes: 1_000_000, defaultBatchSize: 200 };

/** At most 20 MB, and 1,000 events a second from one device; the page names no count, so the other API's holds. */
export const batchApi: IngestionApi = { path: "/batch", maxEvents: 1_999, maxRequestBytes: 20_000_000, defaultBatchSize: 1_000 };

const hosts: Readonly<Record<ServerZone, string>> = { US: "https://api2.amplitude.com", EU: "https://api.eu.amplitude.com" };

/** What a request holds beside its events and its key. */
const ENVELOPE_BYTES = 256;

/**
 * How much longer an event may be as Amplitude's than as candor's JSON. Names differ and the SDK adds its own, some 100 bytes together;
 * values and metadata stay byte for byte as they are.
 */
const ADDED_BYTES_PER_EVENT = 128;

/** No request is larger than a slow line carries within its time limit, whatever Amplitude would take. */
const MAX_BATCH_BYTES = 1_048_576;

/** The address of an API in a zone. */
export function ingestionUrl(api: IngestionApi, zone: ServerZone): URL {
  return new URL(api.path, hosts[zone]);
}

/** Limits in candor's own JSON under which no request exceeds the API's, as long as an event fits by itself. */
export function limitsFor(api: IngestionApi, batchSize: number, apiKey: string): BatchLimits {
  const overheadBytes = ENVELOPE_BYTES + Buffer.byteLength(JSON.stringify(apiKey)) + batchSize * ADDED_BYTES_PER_EVENT;
  return { maxEvents: batchSize, maxBytes: Math.min(MAX_BATCH_BYTES, api.maxRequestBytes - overheadBytes) };
}
