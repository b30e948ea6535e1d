import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import type { DeliveryResult } from "@candor/backend";
import { spyBackend } from "@candor/testing";
import { totalLosses } from "../src/spool/loss-counts.ts";
import { backendOf, lasting } from "./fixtures.ts";
import { answer, collectorOn, trackNamed } from "./options.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
let intervals: jest.SpiedFunction<typeof setInterval>;
beforeEach(() => {
  intervals = jest.spyOn(globalThis, "setInterval");
});
afterEach(() => {
  // A leak has failed its test; it must not keep the runner alive as it would a tool.
  for (const timer of liveIntervals()) clearInterval(timer);
  jest.restoreAllMocks();
});

/** Intervals that were set in this test, and neither cleared nor unreferenced. */
function liveIntervals(): NodeJS.Timeout[] {
  return intervals.mock.results.map(({ value }) => value as NodeJS.Timeout).filter((timer) => Reflect.get(timer, "_destroyed") !== true && timer.hasRef());
}

const retry: DeliveryResult = { status: "retry", reason: "busy" };

describe("delivering from memory", () => {
  beforeEach(() => {
    answer(machine);
    machine.disk.makeReadOnly();
  });

  it("keeps the events when the backend throws", async () => {
    const collector = collectorOn(machine, { backend: spyBackend({ results: Array.from({ length: 4 }, () => new Error("oops")) }) });
    trackNamed(collector, 2);
    expect((await collector.flush()).status).toBe("pending");
    const { inMemory, lost } = collector.counts();
    expect(inMemory + totalLosses(lost)).toBe(2);
  });

  it.each<[string, () => Promise<DeliveryResult>]>([
    ["throws", () => Promise.reject(new Error("oops"))],
    ["answers nonsense", () => Promise.resolve(undefined as unknown as DeliveryResult)],
    ["asks for later", () => Promise.resolve(retry)],
  ])("leaves nothing that keeps the tool alive when the backend %s", async (_, send) => {
    const collector = collectorOn(machine, { backend: backendOf(send) });
    trackNamed(collector, 1);
    await collector.flush({ timeoutMs: 100 });
    expect(liveIntervals()).toEqual([]);
  });

  it("settles at its limit when the backend hangs and does not obey its signal", async () => {
    const collector = collectorOn(machine, { backend: backendOf(() => new Promise(() => undefined)) });
    trackNamed(collector, 2);
    const outcome = await Promise.race([collector.flush({ timeoutMs: 30 }), new Promise<string>((resolve) => setTimeout(resolve, 1_500, "hangs").unref())]);
    expect(outcome).toMatchObject({ status: "pending" });
    expect(collector.counts().inMemory).toBe(2);
  });

  it("ends at its limit although each request is quick", async () => {
    let requests = 0;
    const backend = backendOf(() => {
      requests++;
      machine.clock.advance(40);
      return Promise.resolve({ status: "accepted" });
    }, 1);
    const collector = collectorOn(machine, { backend });
    trackNamed(collector, 20);
    expect((await collector.flush({ timeoutMs: 100 })).status).toBe("pending");
    expect(requests).toBeLessThanOrEqual(3);
    expect(collector.counts().inMemory).toBe(20 - requests);
  });

  it("does not send to the healthy destination of a fan-out again because of a dead one", async () => {
    const healthy = spyBackend({ name: "healthy" });
    const dead = spyBackend({ name: "dead", results: [retry, retry] });
    const collector = collectorOn(machine, { backend: [lasting(healthy), lasting(dead)] });
    trackNamed(collector, 1);
    await collector.flush();
    await collector.flush();
    expect(healthy.events).toHaveLength(1);
    expect(dead.events.length).toBeGreaterThanOrEqual(2);
  });

  it("sends nothing twice when the author wants at most once", async () => {
    const backend = spyBackend({ results: [retry] });
    const collector = collectorOn(machine, { backend: lasting(backend), delivery: { mode: "at-most-once" } });
    trackNamed(collector, 1);
    await collector.flush();
    await collector.flush();
    expect(backend.events).toHaveLength(1);
    expect(collector.counts()).toEqual({ tracked: 1, lost: { "at-most-once": 1 }, inMemory: 0 });
  });

  it.each([undefined, {}, { status: "ok" }])("keeps the events when the backend answers %j", async (result) => {
    const collector = collectorOn(machine, { backend: backendOf(() => Promise.resolve(result as unknown as DeliveryResult)) });
    trackNamed(collector, 1);
    expect((await collector.flush()).status).toBe("pending");
    expect(collector.counts().inMemory).toBe(1);
  });
});
