import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import type { DeliveryResult } from "@candor/backend";
import { parseLines } from "../src/spool/batch.ts";
import { readJournal } from "../src/destination/destination-journal.ts";
import { setAside } from "../src/delivery/rejected-events.ts";
import { addBatch, destinationOf, namedEvents, names, pending, recordingLogger, runUpload, spyDestination, stored } from "./fixtures.ts";
import { lossesOf, spoolPerTest } from "./spool-per-test.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
const spool = spoolPerTest(machine);

const journal = (key = "a"): ReturnType<typeof readJournal>[string] | undefined => readJournal(spool.directories, machine.ports)[key];
const losses = (): ReturnType<typeof lossesOf> => lossesOf(spool);
const retry: DeliveryResult = { status: "retry", reason: "busy" };

describe("an upload", () => {
  it("delivers everything in order and leaves nothing", async () => {
    addBatch(spool, namedEvents(2));
    addBatch(spool, namedEvents(2, 3));
    const a = spyDestination("a");
    expect(await runUpload(spool, [a])).toEqual({ accepted: 4, rejected: 0, failures: {} });
    expect(a.backend.acknowledged.map(({ name }) => name)).toEqual(["e1", "e2", "e3", "e4"]);
    expect(stored(spool)).toEqual([]);
    expect(readdirSync(spool.claimed)).toEqual([]);
    expect(journal()).toMatchObject({ accepted: 4, failures: 0, nextAttemptAt: 0, lastSuccessAt: expect.any(String) });
  });

  it("says of each request what was confirmed, to whoever asked to see it", async () => {
    addBatch(spool, namedEvents(3));
    const logger = recordingLogger();
    await runUpload(spool, [spyDestination("a", { limits: { maxEvents: 2, maxBytes: 1024 * 1024 } })], { logger });
    expect(logger.lines).toEqual(['debug: a memory: confirmed {"events":2}', 'debug: a memory: confirmed {"events":1}']);
  });

  it("cuts by the destination's limits", async () => {
    addBatch(spool, namedEvents(5));
    const a = spyDestination("a", { limits: { maxEvents: 2, maxBytes: 1024 * 1024 } });
    await runUpload(spool, [a]);
    expect(a.backend.batches.map((batch) => batch.length)).toEqual([2, 2, 1]);
  });

  it("sets aside and counts what a partial answer refused, and sends the rest once", async () => {
    const events = namedEvents(3);
    addBatch(spool, events);
    const a = spyDestination("a", { results: [{ status: "partial", rejected: [{ id: events[1]?.id ?? "", reason: "no such field" }] }] });
    expect(await runUpload(spool, [a])).toMatchObject({ accepted: 2, rejected: 1 });
    expect(a.backend.batches).toHaveLength(1);
    expect(stored(spool)).toEqual([]);
    expect(JSON.parse(readFileSync(spool.directories.rejectedFile, "utf8"))).toMatchObject({ reason: "no such field", event: { name: "e2" } });
    expect(journal()).toMatchObject({ accepted: 2, rejected: 1, lastError: { status: "rejected" } });
  });

  it("does nothing while a destination is backing off, unless a person insists", async () => {
    addBatch(spool, namedEvents(1));
    await runUpload(spool, [spyDestination("a", { results: [{ status: "blocked", reason: "401" }] })]);
    const a = spyDestination("a");
    expect(await runUpload(spool, [a])).toMatchObject({ accepted: 0, failures: { "a memory": "401" } });
    expect(a.backend.batches).toEqual([]);
    await runUpload(spool, [a], { ignoreBackoff: true });
    expect(a.backend.acknowledged).toHaveLength(1);
    expect(journal()).toMatchObject({ failures: 0, nextAttemptAt: 0 });
  });
});

describe("retrying", () => {
  it("waits one, two and four seconds and then backs off across processes", async () => {
    addBatch(spool, namedEvents(2));
    const a = spyDestination("a", { results: [retry, retry, retry, retry] });
    expect(await runUpload(spool, [a])).toEqual({ accepted: 0, rejected: 0, failures: { "a memory": "busy" } });
    expect(machine.clock.waits).toEqual([1_000, 2_000, 4_000]);
    expect(a.backend.batches).toHaveLength(4);
    expect(pending(spool)).toEqual(["e1", "e2"]);
    const { failures, nextAttemptAt = 0 } = journal() ?? {};
    expect(failures).toBe(1);
    expect(nextAttemptAt - machine.clock.now()).toBeGreaterThanOrEqual(30_000);
    expect(nextAttemptAt - machine.clock.now()).toBeLessThanOrEqual(60_000);
  });

  it("begins anew where a destination that was away refuses, and the other way round", async () => {
    addBatch(spool, namedEvents(1));
    const waited: number[] = [];
    const blocked: DeliveryResult = { status: "blocked", reason: "401" };
    for (const result of [...Array.from({ length: 8 }, () => retry), blocked, blocked, retry]) {
      await runUpload(spool, [spyDestination("a", { results: [result] })], { ignoreBackoff: true, retryWaitsMs: [] });
      waited.push(((journal()?.nextAttemptAt ?? 0) - machine.clock.now()) / 60_000);
    }
    // Random lies at one half, so each is three quarters of the whole.
    expect(waited.slice(-4).map(Math.round)).toEqual([45, 45, 90, 1]);
  });

  it("sends the same ids again", async () => {
    addBatch(spool, namedEvents(2));
    const a = spyDestination("a", { results: [retry] });
    await runUpload(spool, [a]);
    const [first, second] = a.backend.batches.map((batch) => batch.map(({ id }) => id));
    expect(second).toEqual(first);
    expect(machine.clock.waits).toEqual([1_000]);
  });

  it("honours a wish to wait longer than a run does", async () => {
    addBatch(spool, namedEvents(1));
    const a = spyDestination("a", { results: [{ ...retry, afterMs: 7_200_000 }] });
    await runUpload(spool, [a]);
    expect(a.backend.batches).toHaveLength(1);
    expect(machine.clock.waits).toEqual([]);
    expect((journal()?.nextAttemptAt ?? 0) - machine.clock.now()).toBe(7_200_000);
  });

  it("keeps the data for hours when the destination refuses us", async () => {
    addBatch(spool, namedEvents(2));
    const a = spyDestination("a", { results: [{ status: "blocked", reason: "401" }] });
    await runUpload(spool, [a]);
    expect(a.backend.batches).toHaveLength(1);
    expect(pending(spool)).toEqual(["e1", "e2"]);
    expect((journal()?.nextAttemptAt ?? 0) - machine.clock.now()).toBeGreaterThanOrEqual(1_800_000);
    expect(journal()?.lastError).toMatchObject({ status: "blocked", reason: "401" });
  });

  it("does not count an abort against the destination", async () => {
    addBatch(spool, namedEvents(1));
    const stop = new AbortController();
    const a = destinationOf("a", (_, signal) => {
      stop.abort();
      return signal.aborted ? retry : { status: "accepted" };
    });
    await runUpload(spool, [a], { signal: stop.signal });
    expect(pending(spool)).toEqual(["e1"]);
    expect(journal()).toMatchObject({ failures: 0, nextAttemptAt: 0 });
  });
});

describe("a destination that refuses the data", () => {
  it("costs one event when one among 500 is poison", async () => {
    addBatch(spool, namedEvents(500));
    const a = destinationOf("a", (events) => (events.some(({ name }) => name === "e137") ? { status: "rejected", reason: "poison" } : { status: "accepted" }));
    expect(await runUpload(spool, [a])).toMatchObject({ accepted: 499, rejected: 1 });
    expect(stored(spool)).toEqual([]);
    expect(JSON.parse(readFileSync(spool.directories.rejectedFile, "utf8"))).toMatchObject({ event: { name: "e137" } });
    expect(a.got.length).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(500)) + 1);
  });

  it("costs the events it names, however many, and one more request", async () => {
    addBatch(spool, namedEvents(500));
    const isBad = ({ name }: { name: string }): boolean => name.endsWith("7");
    const a = destinationOf("a", (events) => {
      const rejected = events.filter(isBad).map(({ id }) => ({ id, reason: "no such field" }));
      return rejected.length > 0 ? { status: "rejected", reason: "400", rejected } : { status: "accepted" };
    });
    expect(await runUpload(spool, [a])).toMatchObject({ accepted: 450, rejected: 50, failures: {} });
    expect(stored(spool)).toEqual([]);
    expect(a.got).toHaveLength(2);
  });

  it("is blocked after ten in a row, and the rest is kept", async () => {
    addBatch(spool, namedEvents(100));
    const a = destinationOf("a", () => ({ status: "rejected", reason: "never" }));
    expect(await runUpload(spool, [a])).toMatchObject({ accepted: 0, rejected: 10 });
    expect(pending(spool)).toHaveLength(90);
    expect(journal()).toMatchObject({ rejected: 10, lastError: { status: "blocked", reason: expect.stringContaining("never") } });
    expect((journal()?.nextAttemptAt ?? 0)).toBeGreaterThan(machine.clock.now());
  });

  it("fills a bounded file, measured in bytes, with the newest in it", () => {
    const a = spyDestination("a");
    for (let round = 0; round < 12; round++) {
      setAside(namedEvents(1, round + 1).map((event) => ({ event: { ...event, error: "漢".repeat(100_000) }, reason: "x" })), a, spool);
      expect(statSync(spool.directories.rejectedFile).size).toBeLessThanOrEqual(1024 * 1024);
    }
    expect(readFileSync(spool.directories.rejectedFile, "utf8")).toContain('"name":"e12"');
  });
});

it("counts the corrupt lines of a batch once and delivers the rest", async () => {
  const name = addBatch(spool, namedEvents(2));
  const path = `${spool.pending}/${name}`;
  writeFileSync(path, `\u0000garbage\n${readFileSync(path, "utf8")}`);
  const a = spyDestination("a", { results: [retry, retry] });
  await runUpload(spool, [a]);
  expect(names(a.backend.acknowledged)).toEqual(["e1", "e2"]);
  expect(losses()).toEqual({ corrupt: 1 });
  expect(parseLines("").corrupt).toBe(0);
});
