import { beforeEach, describe, expect, it } from "@jest/globals";
import type { DeliveryResult } from "@candor/backend";
import { readJournal } from "../src/destination/destination-journal.ts";
import { readLosses, recordLosses } from "../src/spool/losses.ts";
import type { Spool } from "../src/spool/spool.ts";
import { addBatch, destinationOf, namedEvents, names, runUpload, spoolOn, spyDestination, stored } from "./fixtures.ts";
import { vectorsOf } from "./vectors.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
let spool: Spool;
beforeEach(() => {
  spool = spoolOn(machine);
});

const losses = (): ReturnType<typeof readLosses> => readLosses(spool.directories, machine.ports);
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
      spool = spoolOn(machine);
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

describe("what a destination has settled", () => {
  it("is on record when the process dies while another destination is asked", async () => {
    recordLosses({ evicted: 3 }, spool.directories, machine.ports);
    addBatch(spool, namedEvents(3));
    const doomed = machine.startProcess();
    const a = spyDestination("a", { limits: { maxEvents: 1, maxBytes: 1e6 } });
    const b = destinationOf("b", async () => {
      while (a.backend.acknowledged.length < 3) await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
      doomed.disk.crash();
    });
    await runUpload(spoolOn(doomed), [a, b]).catch(() => undefined);
    expect(readJournal(spool.directories, machine.ports)["a"]).toMatchObject({ accepted: 3, reportedLosses: 3 });
  });

  it("is told of only the losses that were there before, not of what another has at stake", async () => {
    addBatch(spool, namedEvents(2));
    const [a, b] = [spyDestination("a"), spyDestination("b")];
    await runUpload(spool, [a, b], { mode: "at-most-once" });
    expect([a, b].flatMap(({ backend }) => backend.events.map(({ droppedEvents }) => droppedEvents))).toEqual([undefined, undefined, undefined, undefined]);
  });
});

describe("a destination that refuses everything", () => {
  it("is left alone after ten events, over any number of runs, and for longer each time", async () => {
    const asked: number[] = [];
    const a = destinationOf("a", () => (asked.push(machine.clock.now()), { status: "rejected", reason: "400" }));
    const hours: number[] = [];
    for (let command = 1; command <= 30; command++) {
      addBatch(spool, namedEvents(1, command));
      await runUpload(spool, [a]);
      const { nextAttemptAt = 0 } = readJournal(spool.directories, machine.ports)["a"] ?? {};
      if (nextAttemptAt <= machine.clock.now()) continue;
      hours.push((nextAttemptAt - machine.clock.now()) / 3_600_000);
      expect(readJournal(spool.directories, machine.ports)["a"]).toMatchObject({ lastError: { status: "blocked", reason: "it refuses every event: 400" } });
      machine.clock.advance(nextAttemptAt - machine.clock.now() + 1);
      if (hours.length === 4) break;
    }
    expect(asked).toHaveLength(13);
    expect(hours.map((wait, index) => wait >= 0.5 * 2 ** index && wait <= 2 ** index)).toEqual([true, true, true, true]);
    addBatch(spool, namedEvents(1, 31));
    await runUpload(spool, [spyDestination("a")]);
    expect(readJournal(spool.directories, machine.ports)["a"]).toMatchObject({ rejectedInARow: 0, failures: 0, rejected: 13 });
  });
});

describe("losses", () => {
  it("are told once, with the first event", async () => {
    recordLosses({ evicted: 3, corrupt: 1 }, spool.directories, machine.ports);
    addBatch(spool, namedEvents(2));
    addBatch(spool, namedEvents(2, 3));
    const a = spyDestination("a", { limits: { maxEvents: 1, maxBytes: 1e6 } });
    await runUpload(spool, [a]);
    expect(a.backend.events.map(({ droppedEvents }) => droppedEvents)).toEqual([4, undefined, undefined, undefined]);
    recordLosses({ evicted: 2 }, spool.directories, machine.ports);
    addBatch(spool, namedEvents(1, 5));
    await runUpload(spool, [a]);
    expect(a.backend.events.at(-1)?.droppedEvents).toBe(2);
  });

  it("are told again when the telling was not acknowledged", async () => {
    recordLosses({ evicted: 3 }, spool.directories, machine.ports);
    addBatch(spool, namedEvents(1));
    const a = spyDestination("a", { results: [retry] });
    await runUpload(spool, [a]);
    expect(a.backend.events.map(({ droppedEvents }) => droppedEvents)).toEqual([3, 3]);
  });

  it("are told once when the telling event is in a batch of which another is refused", async () => {
    recordLosses({ evicted: 3 }, spool.directories, machine.ports);
    const events = namedEvents(4);
    addBatch(spool, events);
    const a = spyDestination("a", { limits: { maxEvents: 2, maxBytes: 1e6 }, results: [{ status: "partial", rejected: [{ id: events[1]?.id ?? "", reason: "bad" }] }] });
    await runUpload(spool, [a]);
    expect(a.backend.events.filter(({ droppedEvents }) => droppedEvents !== undefined)).toHaveLength(1);
  });

  it("are told to every destination", async () => {
    recordLosses({ evicted: 3 }, spool.directories, machine.ports);
    addBatch(spool, namedEvents(1));
    const [a, b] = [spyDestination("a"), spyDestination("b")];
    await runUpload(spool, [a, b]);
    expect([a, b].map(({ backend }) => backend.events[0]?.droppedEvents)).toEqual([3, 3]);
  });
});
