/**
 * The contract of a destination. A backend makes one attempt and answers what became of it; delivery
 * owns retry, back-off and splitting.
 */
import type { Logger } from "./logger.ts";
import type { TelemetryEvent } from "./event.ts";

/** The largest batch a destination takes, from its vendor's documentation. */
export interface BatchLimits {
  readonly maxEvents: number;
  /** Bytes of the encoded request before compression. */
  readonly maxBytes: number;
}

/** One event that the destination refused, whatever became of the others. */
export interface Rejection {
  readonly id: string;
  readonly reason: string;
}

/** Events that the destination refused without saying which. None of them may be sent again. */
export interface UnnamedRejections {
  /** At least 1, and less than the size of the batch. */
  readonly count: number;
  readonly reason: string;
}

/** What became of one attempt. `reason` is plain words for `telemetry status`, never a credential. */
export type DeliveryResult =
  /** The destination confirmed every event. */
  | { readonly status: "accepted" }
  /** The destination took the batch for good, all events but these. */
  | { readonly status: "partial"; readonly rejected: readonly Rejection[]; readonly unnamed?: UnnamedRejections }
  /** Not now: the network, 408, 425, 429, 5xx, or an answer that is not the destination's own. */
  | { readonly status: "retry"; readonly reason: string; readonly afterMs?: number }
  /** The destination refuses us, not the data: 401, 403, 404, a redirect. The data is kept. */
  | { readonly status: "blocked"; readonly reason: string }
  /**
   * The destination refuses the data and took none of it: 400, 413, 422. Where it says which events are at fault, `rejected` names
   * them and the others are sent again; otherwise delivery splits the batch to find the culprit.
   */
  | { readonly status: "rejected"; readonly reason: string; readonly rejected?: readonly Rejection[] };

export interface SendContext {
  /**
   * Aborts the attempt; the backend settles within 100 ms and answers `retry`. `post` sees by it whether the process may end meanwhile, so a
   * backend hands it on, or joins it with its own by `anySignal`.
   */
  readonly signal: AbortSignal;
}

/**
 * A destination for events.
 *
 * Faults of the wire are returned, never thrown; a throw counts as `retry` and is logged as a defect
 * of the backend. Safe for concurrent use. Writes nothing to stdout or stderr, and leaves no timer
 * or socket behind after `close`.
 */
export interface Backend {
  /** Short name for status lines: `http`. */
  readonly name: string;
  /** Where events go, for people to read; never holds a credential. */
  readonly destination: string;
  readonly limits: BatchLimits;
  /** Sends the events in one attempt. An empty list makes no request and is `accepted`. */
  send(events: readonly TelemetryEvent[], context: SendContext): Promise<DeliveryResult>;
  /**
   * Asks whether the destination would take events, without sending any: an empty request, say. For `telemetry doctor`. A backend
   * that cannot ask without sending data leaves it out.
   */
  probe?(context: SendContext): Promise<DeliveryResult>;
  /** Releases what the backend holds; may be called more than once. A later `send` answers `retry`. */
  close(): Promise<void>;
}

/** What candor gives a backend when it builds one. */
export interface BackendContext {
  readonly toolName: string;
  readonly toolVersion: string;
  /** The tool's private data directory; absolute. */
  readonly dataDirectory: string;
  readonly logger: Logger;
}

/**
 * The default export of a backend package. Building a backend reads its options and does nothing
 * else: no request, no file, no timer.
 *
 * @throws CandorError `ERR_CANDOR_CONFIG` naming the option and the fix.
 */
export type BackendFactory<Options = Record<string, unknown>> = (options: Options, context: BackendContext) => Backend;
