/**
 * The attempts: what every backend that makes requests owes `send` and `close`, whatever it sends. It knows no request, no vendor and no
 * answer.
 */
import type { Backend, DeliveryResult } from "./backend.ts";
import type { TelemetryEvent } from "./event.ts";
import { anySignal } from "./leaving.ts";

/** Makes one request and answers what became of it; ends with `signal`. Gets at least one event. */
export type Attempt = (events: readonly TelemetryEvent[], signal: AbortSignal) => Promise<DeliveryResult>;

export interface Attempts extends Pick<Backend, "send" | "close"> {
  /** A signal that ends with `signal` and with `close`; for a `probe`. */
  untilClosed(signal: AbortSignal): AbortSignal;
}

/**
 * Answers a backend's `send` and `close` for one attempt. `send` makes no request for an empty list, for an attempt that was stopped
 * before it began, and after `close`; `close` ends the attempts under way, so that none of them keeps the process alive.
 */
export function createAttempts(attempt: Attempt): Attempts {
  const closing = new AbortController();
  const untilClosed = (signal: AbortSignal): AbortSignal => anySignal(signal, closing.signal);
  return {
    untilClosed,
    async send(events, { signal }) {
      if (closing.signal.aborted) return { status: "retry", reason: "the backend is closed" };
      if (events.length === 0) return { status: "accepted" };
      if (signal.aborted) return { status: "retry", reason: "the attempt was stopped" };
      return attempt(events, untilClosed(signal));
    },
    close() {
      closing.abort();
      return Promise.resolve();
    },
  };
}
