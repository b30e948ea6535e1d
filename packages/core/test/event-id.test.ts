import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { createEventId, isEventId } from "../src/event/event-id.ts";

const timestampOf = (id: string): number => Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);

/** Later than any stamp another test of this file used, because the generator never goes back. */
let nowMs = 1_700_000_000_000;
const laterMs = (): number => (nowMs += 1_000_000);

describe("event id", () => {
  it("keeps its order when the clock goes back", () => {
    const startMs = laterMs();
    const first = createEventId(startMs);
    const second = createEventId(startMs - 60_000);
    expect(second > first).toBe(true);
    expect(timestampOf(second)).toBe(startMs);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 2 ** 48])("keeps its order when the clock answers %p", (nonsense) => {
    const first = createEventId(laterMs());
    const second = createEventId(nonsense);
    expect(isEventId(second)).toBe(true);
    expect(second > first).toBe(true);
  });

  it("sorts and stays unique over more ids than a millisecond's counter holds, whatever the random source answers", () => {
    const startMs = laterMs();
    const ids = Array.from({ length: 10_000 }, () => createEventId(startMs, () => 0.999_999_999));
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual(ids);
    expect(ids.every(isEventId)).toBe(true);
  });

  it("carries the time it was made", () => {
    const startMs = laterMs();
    expect(timestampOf(createEventId(startMs + 0.9))).toBe(startMs);
  });

  it("sets version 7 and the RFC variant for every random value", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (value) => {
        const id = createEventId(laterMs(), () => value);
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      }),
    );
  });

  it("differs between two processes that share a millisecond", () => {
    const startMs = laterMs();
    const tails = new Set(Array.from({ length: 1_000 }, () => createEventId(startMs).slice(-12)));
    expect(tails.size).toBe(1_000);
  });

  it.each(["", "x", "0198c0de-0000-4000-8000-000000000000", "0198C0DE-0000-7000-8000-000000000000", "0198c0de-0000-7000-c000-000000000000"])(
    "is not recognised in %p",
    (text) => {
      expect(isEventId(text)).toBe(false);
    },
  );
});
