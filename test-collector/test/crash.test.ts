/**
 * A collector that ends in mid-stream, in order or by SIGKILL: whatever the moment, every event arrives, and one that
 * arrives twice carries the same id and belongs to a batch that was tried twice.
 */
import { randomInt } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { TelemetryEvent } from "@candor/backend";
import { sampleEvents } from "@candor/testing";
import { type RunningCollector, startCollector } from "../collector.ts";
import { describeWithCollector } from "./collector-suite.ts";
import { type BreakingPoint, type Relay, startRelay } from "./relay.ts";
import { arrivals, backendTo, insist, send, uidsIn, uidsOf } from "./sending.ts";

const SENDERS = 4;
const BATCHES_EACH = 30;
const BATCH = 25;

let collector: RunningCollector;
let relay: Relay;

beforeEach(async () => {
  collector = await startCollector({ configurations: ["plain"] });
  relay = await startRelay(collector.address);
});

afterEach(async () => {
  await relay.close();
  await collector.dispose();
});

interface SentBatch {
  readonly events: readonly TelemetryEvent[];
  readonly attempts: number;
}

/** Concurrent senders, each with one batch after the other; `interrupt` runs beside them after every `every` batches. */
async function stream(interrupt: () => Promise<void>, every: number): Promise<readonly SentBatch[]> {
  const backend = backendTo(collector.address);
  const sent: SentBatch[] = [];
  let interrupting = Promise.resolve();
  const sender = async (): Promise<void> => {
    for (let index = 0; index < BATCHES_EACH; index++) {
      const events = sampleEvents(BATCH);
      sent.push({ events, attempts: await insist(backend, events, collector) });
      if (sent.length % every === 0) interrupting = interrupting.then(interrupt);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
  await interrupting;
  return sent;
}

function expectNoLoss(sent: readonly SentBatch[]): void {
  const counts = arrivals(collector);
  expect(sent.flatMap(({ events }) => events).filter(({ id }) => !counts.has(id))).toEqual([]);
  expect(counts.size).toBe(sent.length * BATCH);
  const excess = sent.flatMap(({ events, attempts }) => events.filter(({ id }) => (counts.get(id) ?? 0) > attempts));
  expect(excess).toEqual([]);
}

describeWithCollector("a stream of batches", () => {
  it.each(["restart", "kill"] as const)("survives a collector that is ended by %s, without loss", async (how) => {
    const interrupt = async (): Promise<void> => {
      if (how === "restart") return collector.restart();
      await collector.kill();
      return collector.start();
    };
    const sent = await stream(interrupt, 20);
    expectNoLoss(sent);
    // Otherwise the senders have not noticed anything.
    expect(sent.some(({ attempts }) => attempts > 1)).toBe(true);
  });
});

describeWithCollector("a collector killed after it answered", () => {
  it("has written every event it accepted, however small the requests", async () => {
    const backend = backendTo(collector.address);
    const events = sampleEvents(20);
    for (const event of events) expect(await send(backend, [event])).toEqual({ status: "accepted" });
    await collector.kill();
    expect(uidsIn(collector)).toEqual(uidsOf(events));
  });
});

describeWithCollector("a collector killed while a request is under way", () => {
  /** A request of this many events is some 40 KB. */
  const EVENTS = 50;
  const ROUNDS = 20;

  async function deliverThroughCrash(events: readonly TelemetryEvent[], point: BreakingPoint): Promise<void> {
    const backend = backendTo(relay.address, { gzip: false });
    const killed = new Promise<void>((resolve, reject) => relay.breakAt(point, () => void collector.kill().then(resolve, reject)));
    expect(await send(backend, events)).toMatchObject({ status: "retry" });
    await killed;
    await collector.start();
    expect(await send(backend, events)).toEqual({ status: "accepted" });
  }

  /** Requests of as many events are equally long: nothing in them varies in length. */
  async function sizeOfRequest(): Promise<number> {
    expect(await send(backendTo(relay.address, { gzip: false }), sampleEvents(EVENTS))).toEqual({ status: "accepted" });
    return relay.lastRequestBytes();
  }

  it("doubles a batch whose answer was lost, under the same ids", async () => {
    const events = sampleEvents(EVENTS);
    await deliverThroughCrash(events, { when: "answer" });
    expect(uidsIn(collector)).toEqual(uidsOf([...events, ...events]));
  });

  it("has nothing of a request that it had only begun to read", async () => {
    const events = sampleEvents(EVENTS);
    await deliverThroughCrash(events, { when: "request", bytes: 1000 });
    expect(uidsIn(collector)).toEqual(uidsOf(events));
  });

  describe("at a random byte", () => {
    it("loses nothing, and doubles at most the batch under way", async () => {
      const size = await sizeOfRequest();
      const batches = Array.from({ length: ROUNDS }, () => ({ events: sampleEvents(EVENTS), bytes: randomInt(1, size) }));
      for (const { events, bytes } of batches) await deliverThroughCrash(events, { when: "request", bytes });
      const counts = arrivals(collector);
      for (const { events, bytes } of batches) {
        for (const { id } of events) expect([bytes, counts.get(id)]).toEqual([bytes, 1]);
      }
    });

    it("loses nothing when the whole request had been read", async () => {
      const size = await sizeOfRequest();
      const batches = Array.from({ length: ROUNDS }, () => sampleEvents(EVENTS));
      for (const events of batches) await deliverThroughCrash(events, { when: "request", bytes: size });
      const counts = arrivals(collector);
      expect(batches.flat().filter(({ id }) => ![1, 2].includes(counts.get(id) ?? 0))).toEqual([]);
    });
  });
});
