/**
 * A live backend that remembers what it was given and answers as scripted, for testing a tool or the
 * delivery without a destination. It keeps everything in memory and contacts nothing.
 */
import type { Backend, BatchLimits, DeliveryResult, TelemetryEvent } from "@candor/backend";

/**
 * What one `send` does: answer, throw (a defect that delivery must survive), or hang until the
 * signal aborts and then answer `retry`.
 */
export type ScriptedResult = DeliveryResult | Error | "hang";

export interface SpyBackendOptions {
  /** Used up one a `send`, in order; afterwards every `send` is accepted. Default: none. */
  readonly results?: readonly ScriptedResult[];
  /** Default: `spy`. */
  readonly name?: string;
  /** Default: 1,000 events, 1 MiB. */
  readonly limits?: BatchLimits;
}

export interface SpyBackend extends Backend {
  /** The batches of every attempt, whatever became of it; empty and late sends are not attempts. */
  readonly batches: readonly (readonly TelemetryEvent[])[];
  /** The events of every attempt, in order; an event sent twice stands here twice. */
  readonly events: readonly TelemetryEvent[];
  /** The events that were acknowledged. */
  readonly acknowledged: readonly TelemetryEvent[];
  readonly closed: boolean;
}

/** A backend that records; see `SpyBackendOptions` for its answers. */
export function spyBackend(options: SpyBackendOptions = {}): SpyBackend {
  const script = [...(options.results ?? [])];
  const batches: (readonly TelemetryEvent[])[] = [];
  const acknowledged: TelemetryEvent[] = [];
  let closed = false;

  function acknowledge(events: readonly TelemetryEvent[], result: DeliveryResult): DeliveryResult {
    if (result.status === "accepted") acknowledged.push(...events);
    if (result.status === "partial") {
      const refused = new Set(result.rejected.map(({ id }) => id));
      acknowledged.push(...events.filter(({ id }) => !refused.has(id)));
    }
    return result;
  }

  return {
    name: options.name ?? "spy",
    destination: "memory",
    limits: options.limits ?? { maxEvents: 1000, maxBytes: 1_048_576 },
    batches,
    acknowledged,
    get events() {
      return batches.flat();
    },
    get closed() {
      return closed;
    },
    async send(events, { signal }) {
      if (closed) return { status: "retry", reason: "the spy is closed" };
      if (signal.aborted) return { status: "retry", reason: "aborted" };
      if (events.length === 0) return { status: "accepted" };
      batches.push([...events]);
      const result = script.shift() ?? { status: "accepted" };
      if (result instanceof Error) throw result;
      return result === "hang" ? untilAborted(signal) : acknowledge(events, result);
    },
    async close() {
      closed = true;
    },
  };
}

function untilAborted(signal: AbortSignal): Promise<DeliveryResult> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve({ status: "retry", reason: "aborted" }), { once: true });
  });
}
