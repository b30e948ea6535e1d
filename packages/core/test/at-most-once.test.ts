import { describe, expect, it } from "@jest/globals";
import type { DeliveryResult } from "@candor/backend";
import { recordLosses } from "../src/spool/losses.ts";
import { addBatch, destinationOf, namedEvents, names, runUpload, spoolOn, spyDestination, stored } from "./fixtures.ts";
import { vectorsOf } from "./vectors.ts";
import { lossesOf, spoolPerTest } from "./spool-per-test.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
const spool = spoolPerTest(machine);

const losses = (): ReturnType<typeof lossesOf> => lossesOf(spool);
const retry: DeliveryResult = { status: "retry", reason: "busy" };

describe("at most once", () => {
  const once = { mode: "at-most-once", retryWaitsMs: [] } as const;

  it.each(vectorsOf<{ mode: string; backend_ok: boolean }, { sent: boolean; file_after: string; deleted?: string }>("gtb.delivery_spill_file"))("$id", async ({ input, expected }) => {
    addBatch(spool, namedEvents(2));
    let onDisk: string[] = [];
    const a = destinationOf("a", () => {
      onDisk = stored(spool);
      return input.backend_ok ? { status: "accepted" } : retry;
    });
    const { accepted } = await runUpload(spool, [a], { mode: input.mode === "at_most_once" ? "at-most-once" : "at-least-once", retryWaitsMs: [] });
    expect(accepted > 0).toBe(expected.sent);
    expect(stored(spool)).toHaveLength(expected.file_after === "deleted" ? 0 : 2);
    expect(onDisk).toHaveLength(expected.deleted === "before send" ? 0 : 2);
  });

  it.each(vectorsOf<{ mode: string }, { re_spilled: boolean; dropped?: boolean }>("gtb.delivery_buffer_failure"))("$id", async ({ input, expected }) => {
    addBatch(spool, namedEvents(2));
    const mode = input.mode === "at_most_once" ? "at-most-once" : "at-least-once";
    const { failures } = await runUpload(spool, [spyDestination("a", { results: [retry] })], { mode, retryWaitsMs: [] });
    expect(stored(spool)).toHaveLength(expected.re_spilled ? 2 : 0);
    expect(losses()).toEqual(expected.dropped ? { "at-most-once": 2 } : {});
    expect(Object.keys(failures)).toHaveLength(1);
  });

  it("counts what was recorded as sent and then was not, after a split", async () => {
    addBatch(spool, namedEvents(4));
    const a = spyDestination("a", { results: [{ status: "rejected", reason: "400" }, retry] });
    await runUpload(spool, [a], once);
    const lost = losses()["at-most-once"] ?? 0;
    expect(a.backend.acknowledged.length + stored(spool).length + lost).toBe(4);
  });

  it("counts what was recorded as sent when it refuses everything", async () => {
    addBatch(spool, namedEvents(40));
    const a = destinationOf("a", () => ({ status: "rejected", reason: "never" }));
    const { rejected } = await runUpload(spool, [a], once);
    expect(rejected + stored(spool).length + (losses()["at-most-once"] ?? 0)).toBe(40);
  });

  it("counts what was recorded as sent when the run ends in the middle", async () => {
    addBatch(spool, namedEvents(4));
    const stop = new AbortController();
    const a = destinationOf("a", () => {
      stop.abort();
      return { status: "rejected", reason: "400" };
    });
    await runUpload(spool, [a], { ...once, signal: stop.signal });
    expect(stored(spool).length + (losses()["at-most-once"] ?? 0)).toBe(4);
  });

  it("keeps what was not tried", async () => {
    addBatch(spool, namedEvents(4));
    const a = spyDestination("a", { limits: { maxEvents: 2, maxBytes: 1e6 }, results: [retry] });
    await runUpload(spool, [a], once);
    expect(stored(spool)).toEqual(["e3", "e4"]);
    expect(losses()).toEqual({ "at-most-once": 2 });
  });

  it("counts the one request that was under way when the process died, and sends the rest", async () => {
    addBatch(spool, namedEvents(6));
    const doomed = machine.startProcess();
    const limits = { maxEvents: 2, maxBytes: 1e6 };
    const dying = destinationOf("a", () => (doomed.disk.crash(), { status: "accepted" }), limits.maxEvents);
    await runUpload(spoolOn(doomed), [dying], once).catch(() => undefined);
    machine.host.living.delete(doomed.host.id);
    expect(losses()).toEqual({ "at-most-once": 2 });
    const a = spyDestination("a", { limits });
    await runUpload(spool, [a], once);
    expect(names(a.backend.acknowledged)).toEqual(["e3", "e4", "e5", "e6"]);
    expect(losses()).toEqual({ "at-most-once": 2 });
  });

  it("hides no event when the process dies at any step: it is sent, waits, or is counted, and none is sent twice", async () => {
    for (let steps = 0; steps < 40; steps++) {
      machine.renew();
      spool.renew();
      addBatch(spool, namedEvents(4));
      const doomed = machine.startProcess();
      const theirs = spoolOn(doomed);
      doomed.disk.crashAfter(steps);
      const got: string[] = [];
      const a = destinationOf("a", (events) => (got.push(...names(events)), { status: "accepted" }), 2);
      await runUpload(theirs, [a], once).catch(() => undefined);
      machine.host.living.delete(doomed.host.id);
      await runUpload(spool, [a], once);
      expect({ steps, twice: got.length - new Set(got).size }).toEqual({ steps, twice: 0 });
      expect({ steps, known: got.length + stored(spool).length + (losses()["at-most-once"] ?? 0) >= 4 }).toEqual({ steps, known: true });
    }
  });

  it("takes back no count that a full disk did not take, which would hide other losses", async () => {
    recordLosses({ evicted: 5 }, spool.directories, machine.ports);
    addBatch(spool, namedEvents(2));
    machine.disk.fail({ call: "openSync", path: "losses", code: "EIO" });
    await runUpload(spool, [spyDestination("a")], once);
    expect(losses()).toEqual({ evicted: 5 });
  });

  it("loses nothing to a destination that refuses to talk to us", async () => {
    addBatch(spool, namedEvents(4));
    await runUpload(spool, [spyDestination("a", { limits: { maxEvents: 2, maxBytes: 1e6 }, results: [{ status: "blocked", reason: "401" }] })], once);
    expect(stored(spool).sort()).toEqual(["e1", "e2", "e3", "e4"]);
    expect(losses()).toEqual({});
  });

  it("sends nothing twice when the process dies between two requests of one batch", async () => {
    addBatch(spool, namedEvents(3));
    const doomed = machine.startProcess();
    const got: string[] = [];
    const a = destinationOf("a", (events) => {
      got.push(...events.map(({ name }) => name));
      if (got.length === 2) doomed.disk.crash();
      return { status: "accepted" };
    }, 1);
    await runUpload(spoolOn(doomed), [a], once).catch(() => undefined);
    machine.host.living.delete(doomed.host.id);
    await runUpload(spool, [a], once);
    expect(names(got.map((name) => ({ name })))).toEqual(["e1", "e2", "e3"]);
  });
});
