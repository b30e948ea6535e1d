import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import type { DeliveryResult } from "@candor/backend";
import { backoffMs, cutBySize, cutIntoRequests, nextStep, RETRY_WAITS_MS } from "../src/delivery/delivery.ts";
import { isReady, MAX_BACKOFF_MS, newDestination } from "../src/destination/destination-journal.ts";
import { formatLine } from "../src/spool/batch.ts";
import { namedEvents } from "./fixtures.ts";
import { vectorsOf } from "./vectors.ts";

const HOUR_MS = 3_600_000;

describe("cutting", () => {
  it.each(vectorsOf<{ event_json_sizes: readonly number[]; cap_bytes: number }, readonly (readonly number[])[]>("gtb.spill_split"))("$id", ({ input, expected }) => {
    const indexes = input.event_json_sizes.map((_, index) => index);
    const runs = cutBySize(indexes, (index) => input.event_json_sizes[index] ?? 0, { maxEvents: 1_000, maxBytes: input.cap_bytes });
    expect(runs).toEqual(expected);
  });

  it("keeps order and limits, loses nothing and makes no empty request", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 })), fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 120 }), (sizes, maxEvents, maxBytes) => {
        const runs = cutBySize(sizes, (size) => size, { maxEvents, maxBytes });
        expect(runs.flat()).toEqual(sizes);
        for (const run of runs) {
          expect(run.length).toBeGreaterThan(0);
          expect(run.length).toBeLessThanOrEqual(maxEvents);
          const bytes = run.reduce((sum, size) => sum + size, 0);
          expect(run.length === 1 || bytes <= maxBytes).toBe(true);
        }
      }),
    );
  });

  it("measures events in bytes, not in characters", () => {
    const events = namedEvents(2).map((event) => ({ ...event, name: "é".repeat(100) }));
    const [first] = events;
    const bytes = Buffer.byteLength(formatLine(first ?? events[1]!));
    expect(cutIntoRequests(events, { maxEvents: 10, maxBytes: 2 * bytes })).toHaveLength(1);
    expect(cutIntoRequests(events, { maxEvents: 10, maxBytes: 2 * bytes - 1 })).toHaveLength(2);
  });
});

describe("the next step", () => {
  const [a, b, c] = namedEvents(3);
  if (!a || !b || !c) throw new Error("no events");

  it.each<[string, DeliveryResult, object]>([
    ["accepted", { status: "accepted" }, { action: "settle", accepted: 3, rejected: [] }],
    ["partial", { status: "partial", rejected: [{ id: b.id, reason: "bad" }] }, { action: "settle", accepted: 2, rejected: [{ event: b, reason: "bad" }] }],
    ["partial with unknown ids", { status: "partial", rejected: [{ id: "x", reason: "bad" }] }, { action: "settle", accepted: 3, rejected: [] }],
    ["partial with an id twice", { status: "partial", rejected: [{ id: a.id, reason: "1" }, { id: a.id, reason: "2" }] }, { action: "settle", accepted: 2, rejected: [{ event: a, reason: "2" }] }],
    ["retry", { status: "retry", reason: "busy", afterMs: 5 }, { action: "stop", status: "retry", reason: "busy", afterMs: 5 }],
    ["blocked", { status: "blocked", reason: "401" }, { action: "stop", status: "blocked", reason: "401" }],
    ["rejected", { status: "rejected", reason: "400" }, { action: "split", halves: [[a, b], [c]] }],
    ["rejected with a culprit", { status: "rejected", reason: "400", rejected: [{ id: b.id, reason: "bad" }] }, { action: "sift", rejected: [{ event: b, reason: "bad" }], rest: [a, c] }],
    ["rejected with culprits that were not sent", { status: "rejected", reason: "400", rejected: [{ id: "x", reason: "bad" }] }, { action: "split", halves: [[a, b], [c]] }],
    [
      "rejected with every event at fault",
      { status: "rejected", reason: "400", rejected: [a, b, c].map(({ id }) => ({ id, reason: "bad" })) },
      { action: "settle", accepted: 0, rejected: [a, b, c].map((event) => ({ event, reason: "bad" })) },
    ],
  ])("after %s", (_, result, step) => {
    expect(nextStep(result, [a, b, c])).toEqual(step);
  });

  it.each([
    [1, 2, { count: 1, reason: "too old" }],
    [9, 0, { count: 3, reason: "too old" }],
    [0, 3, undefined],
  ])("counts %i refusals without a name, and no more than were sent", (count, accepted, unnamed) => {
    const step = nextStep({ status: "partial", rejected: [], unnamed: { count, reason: "too old" } }, [a, b, c]);
    expect(step).toEqual({ action: "settle", accepted, rejected: [], ...(unnamed ? { unnamed } : {}) });
  });

  it("sets a single rejected event aside", () => {
    expect(nextStep({ status: "rejected", reason: "400" }, [a])).toEqual({ action: "settle", accepted: 0, rejected: [{ event: a, reason: "400" }] });
  });
});

describe("back-off", () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  it("doubles from a minute to an hour, with jitter between half and the whole", () => {
    fc.assert(
      fc.property(fc.nat(2_000), random, (failures, at) => {
        const whole = Math.min(HOUR_MS, 60_000 * 2 ** failures);
        const ms = backoffMs({ status: "retry" }, failures, () => at);
        expect(ms).toBeGreaterThanOrEqual(whole / 2);
        expect(ms).toBeLessThanOrEqual(whole);
      }),
    );
  });

  it("is hours for a destination that refuses us, and never more than a day", () => {
    expect(backoffMs({ status: "blocked" }, 0, () => 0)).toBeGreaterThanOrEqual(HOUR_MS / 2);
    fc.assert(fc.property(fc.nat(2_000), random, (failures, at) => expect(backoffMs({ status: "blocked" }, failures, () => at)).toBeLessThanOrEqual(MAX_BACKOFF_MS)));
  });

  it("is never shorter than asked, never longer than a day", () => {
    expect(backoffMs({ status: "retry", afterMs: 2 * HOUR_MS }, 0, () => 0)).toBe(2 * HOUR_MS);
    expect(backoffMs({ status: "retry", afterMs: Number.POSITIVE_INFINITY }, 0, () => 0)).toBe(MAX_BACKOFF_MS);
    expect(backoffMs({ status: "retry", afterMs: -5 }, 0, () => 0)).toBe(30_000);
  });

  it("ignores a wish that is no number", () => {
    expect(backoffMs({ status: "retry", afterMs: Number.NaN }, 0, () => 0)).toBe(30_000);
  });

  it("waits one, two and four seconds within a run", () => {
    expect(RETRY_WAITS_MS).toEqual([1_000, 2_000, 4_000]);
  });

  it("is believed only while it is plausible", () => {
    const record = { ...newDestination("x"), nextAttemptAt: 10 * MAX_BACKOFF_MS };
    expect(isReady(undefined, 0)).toBe(true);
    expect(isReady(record, record.nextAttemptAt)).toBe(true);
    expect(isReady(record, record.nextAttemptAt - 1)).toBe(false);
    expect(isReady(record, record.nextAttemptAt - MAX_BACKOFF_MS)).toBe(false);
    expect(isReady(record, record.nextAttemptAt - MAX_BACKOFF_MS - 1)).toBe(true);
  });
});
