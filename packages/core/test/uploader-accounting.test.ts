import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import type { DeliveryResult } from "@candor/backend";
import { readJournal } from "../src/destination/destination-journal.ts";
import { foldLosses, recordLosses } from "../src/spool/losses.ts";
import { keepBound } from "../src/spool/spool.ts";
import { addBatch, destinationOf, namedEvents, runUpload, spoolOn, spyDestination } from "./fixtures.ts";
import { lossesOf, spoolPerTest } from "./spool-per-test.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
const spool = spoolPerTest(machine);

const losses = (): ReturnType<typeof lossesOf> => lossesOf(spool);
const retry: DeliveryResult = { status: "retry", reason: "busy" };

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

  it("are not told to a destination that has the events all the same, also when they have been added up", async () => {
    const small = spoolOn(machine, { spoolBytes: 1_500 });
    const [a, b] = [spyDestination("a"), spyDestination("b", { results: Array.from({ length: 20 }, () => retry) })];
    for (let command = 1; command <= 20; command++) {
      addBatch(small, namedEvents(1, command));
      keepBound(small);
      await runUpload(small, [a, b], { retryWaitsMs: [], ignoreBackoff: true });
    }
    const evicted = losses().evicted ?? 0;
    expect(evicted).toBeGreaterThan(10);
    recordLosses({ corrupt: 2 }, small.directories, machine.ports);
    writeFileSync(small.directories.lossesFile, `${readFileSync(small.directories.lossesFile, "utf8")}${"\n".repeat(70_000)}`);
    for (let round = 0; round < 3; round++) foldLosses(small.directories, machine.ports);
    addBatch(small, namedEvents(1, 21));
    await runUpload(small, [a, b], { ignoreBackoff: true });
    const told = ({ backend }: typeof a): number => backend.acknowledged.reduce((sum, { droppedEvents = 0 }) => sum + droppedEvents, 0);
    expect([told(a), told(b)]).toEqual([2, evicted + 2]);
    expect(a.backend.acknowledged).toHaveLength(21);
  });

  it("are told to every destination", async () => {
    recordLosses({ evicted: 3 }, spool.directories, machine.ports);
    addBatch(spool, namedEvents(1));
    const [a, b] = [spyDestination("a"), spyDestination("b")];
    await runUpload(spool, [a, b]);
    expect([a, b].map(({ backend }) => backend.events[0]?.droppedEvents)).toEqual([3, 3]);
  });
});
