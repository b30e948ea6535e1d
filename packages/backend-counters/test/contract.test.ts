import { describe, it } from "@jest/globals";
import type { Backend, TelemetryEvent } from "@candor/backend";
import { backendContract, startIntake } from "@candor/testing";
import type { CountersDocument } from "../src/counters.ts";
import { countersBackend } from "../src/index.ts";

/** How much a request counts in all. */
function totalOf(body: string): number {
  const { metric_points: points }: CountersDocument = JSON.parse(body);
  return Object.values(points).flatMap((codes) => Object.values(codes)).reduce((total, { cumulative_count: count }) => total + count, 0);
}

/**
 * Counts hold no ids, so what arrived is told from the sums: a request says at least as much more than was acknowledged before as the batch
 * it is for has events.
 */
function watched(backend: Backend): { readonly backend: Backend; readonly idsIn: (requests: readonly { readonly body: string }[]) => readonly string[] } {
  const batches: { readonly events: readonly TelemetryEvent[]; taken: boolean }[] = [];
  return {
    backend: {
      ...backend,
      async send(events, context) {
        const batch = { events, taken: false };
        batches.push(batch);
        const result = await backend.send(events, context);
        batch.taken = result.status === "accepted";
        return result;
      },
    },
    idsIn(requests) {
      const waiting = batches.filter(({ events }) => events.length > 0);
      let acknowledged = 0;
      // Of requests at a time the later may arrive first.
      const totals = requests.map(({ body }) => totalOf(body)).toSorted((left, right) => left - right);
      return totals.flatMap((total) => {
        const batch = waiting.shift();
        if (batch === undefined || total - acknowledged < batch.events.length) throw new Error(`a request counts ${total - acknowledged} more, as no batch does`);
        if (batch.taken) acknowledged += batch.events.length;
        return batch.events.map(({ id }) => id);
      });
    },
  };
}

describe("the counters backend", () => {
  backendContract({
    it,
    without: { credential: "the relay holds the key" },
    async make(context) {
      const intake = await startIntake({ reply: { action: "answer", status: 200, body: "OK" } });
      const { backend, idsIn } = watched(countersBackend({ endpoint: `${intake.url}/telemetry` }, context));
      return {
        backend,
        script: (reply) => intake.script(reply),
        requestCount: () => intake.requests.length,
        received: () => Promise.resolve(idsIn(intake.requests)),
        dispose: () => intake.close(),
      };
    },
  });
});
