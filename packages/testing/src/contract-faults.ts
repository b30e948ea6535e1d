/**
 * Contract cases about the wire failing under a request, and about giving up in time: every fault is an
 * answer, and it is always `retry`.
 */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { DeliveryResult, TelemetryEvent } from "@candor/backend";
import { assertStatus, type Bench, type ContractCase, send } from "./contract-case.ts";
import { sampleEvent } from "./sample-event.ts";

/** The contract says 100 ms; the rest is for a loaded machine. */
const ABORT_LIMIT_MS = 500;

/** One round trip on the loopback interface, on a loaded machine. */
const BESIDE_LIMIT_MS = 2_000;

export const faultCases: readonly ContractCase[] = [
  ...(["before-body", "after-body"] as const).map(
    (when): ContractCase => ({
      name: `answers retry to a connection reset ${when === "before-body" ? "before" : "after"} the request was read`,
      needs: ["wire"],
      async run({ backend, script }) {
        await script({ action: "reset", when });
        assertStatus(await send(backend, [sampleEvent()]), "retry", "a reset connection");
      },
    }),
  ),
  {
    name: "answers retry when nothing listens",
    needs: ["wire"],
    async run({ backend, script }) {
      await script({ action: "refuse" });
      assertStatus(await send(backend, [sampleEvent()]), "retry", "a refused connection");
    },
  },
  {
    name: "settles promptly when aborted before any answer",
    needs: ["wire"],
    run: (bench) => abortDuring(bench, "hang"),
  },
  {
    name: "settles promptly when aborted amid an answer without end",
    needs: ["wire"],
    run: (bench) => abortDuring(bench, "trickle"),
  },
  {
    name: "lets no hanging send hold up another",
    needs: ["wire"],
    async run(bench) {
      const { result, abort } = await sendInto(bench, "hang", [sampleEvent()]);
      const beside = await within(BESIDE_LIMIT_MS, send(bench.backend, [sampleEvent()]), "a send beside a hanging one had not settled");
      assertStatus(beside, "accepted", "a send beside a hanging one");
      abort();
      assertStatus(await afterAbort(result), "retry", "the hanging send, aborted");
    },
  },
  {
    name: "delivers again after a fault",
    needs: ["wire"],
    async run({ backend, script }) {
      await script({ action: "reset", when: "after-body" });
      assertStatus(await send(backend, [sampleEvent()]), "retry", "a reset connection");
      assertStatus(await send(backend, [sampleEvent()]), "accepted", "the next send");
    },
  },
];

async function abortDuring(bench: Bench, action: "hang" | "trickle"): Promise<void> {
  const { result, abort } = await sendInto(bench, action, [sampleEvent()]);
  abort();
  assertStatus(await afterAbort(result), "retry", "an aborted send");
}

/** Begins a send and comes back when the destination has it and will never finish answering. */
async function sendInto(
  { backend, script }: Bench,
  action: "hang" | "trickle",
  events: readonly TelemetryEvent[],
): Promise<{ readonly result: Promise<DeliveryResult>; readonly abort: () => void }> {
  const controller = new AbortController();
  let result: Promise<DeliveryResult> | undefined;
  const reached = new Promise<void>((resolve) => {
    result = Promise.resolve(script({ action, onReached: resolve })).then(() => send(backend, events, controller.signal));
  });
  assert.ok(result !== undefined);
  const early = await Promise.race([reached.then(() => undefined), result]);
  if (early !== undefined) throw new assert.AssertionError({ message: `send answered ${early.status} although no answer was complete` });
  return { result, abort: () => controller.abort() };
}

function afterAbort(result: Promise<DeliveryResult>): Promise<DeliveryResult> {
  return within(ABORT_LIMIT_MS, result, "send had not settled after its signal aborted");
}

async function within(limitMs: number, result: Promise<DeliveryResult>, complaint: string): Promise<DeliveryResult> {
  const timer = new AbortController();
  const limit = delay(limitMs, undefined, { signal: timer.signal }).then(
    () => undefined,
    () => undefined,
  );
  const settled = await Promise.race([result, limit]);
  timer.abort();
  if (settled === undefined) throw new assert.AssertionError({ message: `${complaint} within ${limitMs} ms` });
  return settled;
}
