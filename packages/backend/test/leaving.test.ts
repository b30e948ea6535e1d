import { describe, expect, it } from "@jest/globals";
import { anySignal, isLeavable, leavable } from "../src/leaving.ts";

describe("a signal whose attempt may be left", () => {
  it("is one that was marked, and no other", () => {
    const { signal } = new AbortController();
    expect([isLeavable(signal), isLeavable(undefined)]).toEqual([false, false]);
    expect(leavable(signal)).toBe(signal);
    expect(isLeavable(signal)).toBe(true);
  });

  it("may be marked twice", () => {
    const { signal } = new AbortController();
    expect(isLeavable(leavable(leavable(signal)))).toBe(true);
  });

  it("is one that is joined from such a one, and ends with the first of them", () => {
    const [first, second] = [new AbortController(), new AbortController()];
    leavable(second.signal);
    const joined = anySignal(first.signal, second.signal);
    expect([isLeavable(joined), isLeavable(anySignal(first.signal))]).toEqual([true, false]);
    first.abort();
    expect(joined.aborted).toBe(true);
  });
});
