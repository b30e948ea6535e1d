/**
 * Contract cases about the conduct of any backend, whatever it speaks: what it says of itself, what it
 * leaves alone, what it does before, between and after sends.
 */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { TelemetryEvent } from "@candor/backend";
import { assertReceived, assertSame, assertStatus, type ContractCase, patience, send } from "./contract-case.ts";
import { sampleEvent, sampleEvents } from "./sample-event.ts";

/** An event encodes to less than this, so that a batch by this measure fits `limits.maxBytes`. */
const ROOM_PER_EVENT_BYTES = 2048;

export const conductCases: readonly ContractCase[] = [
  {
    name: "states a stable name, destination and limits",
    needs: [],
    async run({ backend }) {
      const { name, destination, limits } = backend;
      assert.match(name, /^[a-z][a-z0-9-]*$/, "the name is a short lower-case word");
      assert.ok(destination.trim() !== "", "the destination is not empty");
      assert.doesNotMatch(destination, /\/\/[^/]*@/, "the destination holds no user information");
      for (const limit of [limits.maxEvents, limits.maxBytes]) assert.ok(Number.isSafeInteger(limit) && limit > 0, "limits are whole and positive");
      const before = structuredClone({ name, destination, limits });
      await send(backend, [sampleEvent()]);
      assertSame({ name: backend.name, destination: backend.destination, limits: { ...backend.limits } }, before, "they do not change");
    },
  },
  {
    name: "does nothing when it is built",
    needs: [],
    async run({ backend, harness, context, requestCount }) {
      await nextTurn();
      assertSame(readdirSync(context.dataDirectory), [], "files made by building");
      assertSame(await harness.received(), [], "events sent by building");
      // A request begun by building would have arrived before the answer to this one.
      assertStatus(await send(backend, [sampleEvent()]), "accepted", "the first send");
      if (harness.requestCount !== undefined) assert.equal(requestCount(), 1, "requests after building and one send");
    },
  },
  {
    name: "accepts an empty batch without a request",
    needs: [],
    async run({ backend, harness, context, requestCount }) {
      assertStatus(await send(backend, []), "accepted", "an empty batch");
      assertSame(readdirSync(context.dataDirectory), [], "files made by an empty batch");
      if (harness.requestCount !== undefined) assert.equal(requestCount(), 0, "requests made by an empty batch");
    },
  },
  {
    name: "delivers each event once",
    needs: [],
    async run({ backend, harness }) {
      const events = sampleEvents(3);
      assertStatus(await send(backend, events), "accepted", "three events");
      await assertReceived(harness, events);
    },
  },
  {
    name: "delivers a batch as large as its limits",
    needs: [],
    async run({ backend, harness }) {
      const { maxEvents, maxBytes } = backend.limits;
      const events = sampleEvents(Math.max(1, Math.min(maxEvents, Math.floor(maxBytes / ROOM_PER_EVENT_BYTES), 1000)));
      assertStatus(await send(backend, events), "accepted", `${events.length} events`);
      await assertReceived(harness, events);
    },
  },
  {
    name: "delivers awkward text",
    needs: [],
    async run({ backend, harness }) {
      const events = [
        sampleEvent({ name: 'line\nbreak\r\u2028 "quoted" \\ \u0000', error: "\ud800 half a surrogate pair" }),
        sampleEvent({ name: "漢字 🙂 ".repeat(40), metadata: { "": "", nested: { list: [1, null, true, { deep: "x" }] } } }),
        sampleEvent({ args: ["", "--flag"], metadata: {}, durationMs: 0, exitCode: 255, signal: "SIGINT", droppedEvents: 7 }),
      ];
      assertStatus(await send(backend, events), "accepted", "awkward text");
      await assertReceived(harness, events);
    },
  },
  {
    name: "leaves the events as they are",
    needs: [],
    async run({ backend }) {
      const events = [sampleEvent({ args: ["a"], metadata: { nested: { list: ["b"] } } }), sampleEvent()];
      const before = JSON.stringify(events);
      deepFreeze(events);
      assertStatus(await send(backend, events), "accepted", "frozen events");
      assert.equal(JSON.stringify(events), before, "the events changed");
    },
  },
  {
    name: "keeps concurrent sends apart",
    needs: [],
    async run({ backend, harness }) {
      const batches = Array.from({ length: 8 }, () => sampleEvents(3));
      const results = await Promise.all(batches.map((batch) => send(backend, batch)));
      for (const result of results) assertStatus(result, "accepted", "one of eight concurrent sends");
      await assertReceived(harness, batches.flat());
    },
  },
  {
    name: "sends nothing when the signal is already aborted",
    needs: [],
    async run({ backend, harness, context, requestCount }) {
      assertStatus(await send(backend, [sampleEvent()], AbortSignal.abort()), "retry", "an aborted signal");
      await nextTurn();
      assertSame(await harness.received(), [], "events sent after the abort");
      assertSame(readdirSync(context.dataDirectory), [], "files made after the abort");
      if (harness.requestCount !== undefined) assert.equal(requestCount(), 0, "requests made after the abort");
    },
  },
  {
    name: "sends the same ids when a batch is sent again",
    needs: [],
    async run({ backend, harness }) {
      const events = sampleEvents(2);
      await harness.script?.({ action: "answer", status: 503 });
      assertStatus(await send(backend, events), harness.script === undefined ? "accepted" : "retry", "the first attempt");
      assertStatus(await send(backend, events), "accepted", "the second attempt");
      await assertReceived(harness, [...events, ...events]);
    },
  },
  {
    name: "closes more than once",
    needs: [],
    async run({ backend }) {
      await send(backend, [sampleEvent()]);
      await Promise.all([backend.close(), backend.close()]);
      await backend.close();
    },
  },
  {
    name: "answers retry and sends nothing after close",
    needs: [],
    async run({ backend, harness }) {
      await backend.close();
      assertStatus(await send(backend, [sampleEvent()]), "retry", "a send after close");
      assertSame(await harness.received(), [], "events sent after close");
    },
  },
  {
    name: "answers by a promise, never by a throw",
    needs: [],
    async run({ backend }) {
      const situations: (() => Promise<unknown>)[] = [
        () => backend.send([sampleEvent()], { signal: patience() }),
        () => backend.send([], { signal: AbortSignal.abort(new Error("stop")) }),
        () => backend.send(awkwardButTyped(), { signal: patience() }),
        () => backend.close(),
        () => backend.send([sampleEvent()], { signal: patience() }),
      ];
      for (const situation of situations) {
        let promise: Promise<unknown> | undefined;
        assert.doesNotThrow(() => {
          promise = situation();
        }, "it threw instead of answering");
        assert.ok(typeof promise?.then === "function", "it answered without a promise");
        await assert.doesNotReject(promise, "its promise was rejected");
      }
    },
  },
  {
    name: "leaves no timer behind after close",
    needs: [],
    async run({ backend, liveTimers }) {
      await send(backend, [sampleEvent()]);
      await backend.close();
      await nextTurn();
      assert.equal(liveTimers(), 0, "a timer outlives the backend");
    },
  },
];

/** Values the types allow and an author seldom thinks of. */
function awkwardButTyped(): readonly TelemetryEvent[] {
  return [sampleEvent({ type: "", name: "", machineId: "", timestamp: "not a time", durationMs: -1, exitCode: Number.NaN })];
}

function deepFreeze(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
}
