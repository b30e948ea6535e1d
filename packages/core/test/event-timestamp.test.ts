/** The timestamp: the same text as the platform's own, without its price. */
import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { createTimestamps } from "../src/event/timestamp.ts";

describe("a timestamp", () => {
  it("is what the platform writes, for every time that has one", () => {
    const timestamp = createTimestamps();
    const times = fc.oneof(fc.integer({ min: 0, max: 253_402_300_799_999 }), fc.integer({ min: -8_640_000_000_000_000, max: 8_640_000_000_000_000 }), fc.double({ min: -10, max: 4e12, noNaN: true }));
    fc.assert(fc.property(times, (ms) => expect(timestamp(ms)).toBe(new Date(ms).toISOString())));
  });

  it("is right on both sides of a second, of a leap day and of the last year with four digits", () => {
    const timestamp = createTimestamps();
    for (const [ms, text] of [
      [999, "1970-01-01T00:00:00.999Z"],
      [1_000, "1970-01-01T00:00:01.000Z"],
      [Date.UTC(2024, 1, 29, 23, 59, 59, 999), "2024-02-29T23:59:59.999Z"],
      [Date.UTC(2024, 1, 29, 23, 59, 59, 999) + 1, "2024-03-01T00:00:00.000Z"],
      [253_402_300_799_999, "9999-12-31T23:59:59.999Z"],
      [253_402_300_800_000, "+010000-01-01T00:00:00.000Z"],
      [-1, "1969-12-31T23:59:59.999Z"],
    ] as const) {
      expect(timestamp(ms)).toBe(text);
    }
  });

  it("is refused where there is no time", () => {
    const timestamp = createTimestamps();
    for (const ms of [Number.NaN, Number.POSITIVE_INFINITY, 8_640_000_000_000_001]) expect(() => timestamp(ms)).toThrow(RangeError);
  });
});
