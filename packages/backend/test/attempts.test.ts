import { describe, expect, it } from "@jest/globals";
import { createAttempts, type DeliveryResult, type TelemetryEvent } from "@candor/backend";

/** No attempt here looks into it. */
const event = { id: "1" } as TelemetryEvent;
const forever = new AbortController().signal;

/** An attempt that ends when its signal does, and the signals it got. */
function pending() {
  const signals: AbortSignal[] = [];
  const attempts = createAttempts((_events, signal) => {
    signals.push(signal);
    return new Promise<DeliveryResult>((resolve) => signal.addEventListener("abort", () => resolve({ status: "retry", reason: "stopped" })));
  });
  return { signals, attempts };
}

describe("an attempt", () => {
  it("answers what became of it, and gets the events", async () => {
    const events = [event];
    const attempts = createAttempts((given) => Promise.resolve({ status: "retry", reason: String(given === events) }));
    expect(await attempts.send(events, { signal: forever })).toEqual({ status: "retry", reason: "true" });
  });

  it("is not made for no events, and they are accepted", async () => {
    const { signals, attempts } = pending();
    expect(await attempts.send([], { signal: forever })).toEqual({ status: "accepted" });
    expect(signals).toEqual([]);
  });

  it("is not made when it was stopped before, nor after the backend was closed", async () => {
    const { signals, attempts } = pending();
    expect(await attempts.send([event], { signal: AbortSignal.abort() })).toEqual({ status: "retry", reason: "the attempt was stopped" });
    await attempts.close();
    await attempts.close();
    expect(await attempts.send([], { signal: forever })).toEqual({ status: "retry", reason: "the backend is closed" });
    expect(signals).toEqual([]);
  });

  it.each(["its caller", "the backend"])("ends with %s", async (ender) => {
    const { signals, attempts } = pending();
    const caller = new AbortController();
    const result = attempts.send([event], { signal: caller.signal });
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    if (ender === "its caller") caller.abort();
    else await attempts.close();
    expect(await result).toEqual({ status: "retry", reason: "stopped" });
  });

  it("lends a probe its end", async () => {
    const { attempts } = pending();
    const signal = attempts.untilClosed(forever);
    expect(signal.aborted).toBe(false);
    await attempts.close();
    expect(signal.aborted).toBe(true);
  });
});
