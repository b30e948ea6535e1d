import { statSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import type { DeliveryResult, TelemetryEvent } from "@candor/backend";
import { readReceipts, type ReceiptBook } from "../src/delivery/receipts.ts";
import { readLosses, recordLosses } from "../src/spool/losses.ts";
import { addBatch, destinationOf, namedEvents, runUpload, spyDestination, stored } from "./fixtures.ts";
import { spoolPerTest } from "./spool-per-test.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
const spool = spoolPerTest(machine);

const book = (): ReceiptBook => readReceipts(spool.directories, machine.ports);
const shown = (): unknown => book().receipts.map(({ destination, outcome, event }) => [destination, outcome, event.name]);

describe("a receipt", () => {
  const deliver = async (result: DeliveryResult, changes: Parameters<typeof runUpload>[2] = {}, count = 3): Promise<TelemetryEvent[]> => {
    const events = namedEvents(count);
    addBatch(spool, events);
    await runUpload(spool, [spyDestination("a", { results: [result] })], { retryWaitsMs: [], ...changes });
    return events;
  };

  it("says that an event was refused, and why, beside those that were accepted", async () => {
    const events = namedEvents(3);
    addBatch(spool, events);
    await runUpload(spool, [spyDestination("a", { results: [{ status: "partial", rejected: [{ id: events[1]?.id ?? "", reason: "too old" }] }] })]);
    expect(shown()).toEqual([["a memory", "accepted", "e1"], ["a memory", "rejected", "e2"], ["a memory", "accepted", "e3"]]);
    expect(book().receipts[1]?.reason).toBe("too old");
  });

  it("does not claim to know what a destination did not say", async () => {
    await deliver({ status: "partial", rejected: [], unnamed: { count: 1, reason: "a bad one" } });
    expect(book().receipts.map(({ outcome }) => outcome)).toEqual(["unclear", "unclear", "unclear"]);
    expect(book().receipts[0]?.reason).toContain("it refused 1 of this request: a bad one");
  });

  it("is written for the culprit of a refused request and, when they are accepted, for the others", async () => {
    const events = namedEvents(3);
    addBatch(spool, events);
    await runUpload(spool, [spyDestination("a", { results: [{ status: "rejected", reason: "400", rejected: [{ id: events[0]?.id ?? "", reason: "no name" }] }] })]);
    expect(shown()).toEqual([["a memory", "rejected", "e1"], ["a memory", "accepted", "e2"], ["a memory", "accepted", "e3"]]);
  });

  it("is not written while nothing is settled: the event still waits", async () => {
    await deliver({ status: "retry", reason: "503" });
    expect(shown()).toEqual([]);
    expect(stored(spool)).toEqual(["e1", "e2", "e3"]);
  });

  it("holds the event exactly as it was sent, the losses it told of included", async () => {
    recordLosses({ evicted: 7 }, spool.directories, machine.ports);
    const a = spyDestination("a");
    addBatch(spool, namedEvents(2));
    await runUpload(spool, [a]);
    expect(book().receipts.map(({ event }) => event)).toEqual(a.backend.acknowledged);
    expect(book().receipts.map(({ event }) => event.droppedEvents)).toEqual([7, undefined]);
    expect(readLosses(spool.directories, machine.ports)).toEqual({ evicted: 7 });
  });

  it("is one for each destination", async () => {
    addBatch(spool, namedEvents(1));
    await runUpload(spool, [spyDestination("a"), spyDestination("b")]);
    expect(shown()).toEqual([["a memory", "accepted", "e1"], ["b memory", "accepted", "e1"]]);
  });

  it("says that nobody knows, where the one attempt had no answer", async () => {
    await deliver({ status: "retry", reason: "no answer in time" }, { mode: "at-most-once" });
    expect(book().receipts.map(({ outcome, reason }) => [outcome, reason])).toEqual(Array.from({ length: 3 }, () => ["unacknowledged", "no answer in time"]));
  });

  it("says that nobody knows, where a no stopped the request", async () => {
    const stop = new AbortController();
    let consented = true;
    const withdrawing = destinationOf("a", (_, signal) => {
      consented = false;
      stop.abort();
      return signal.aborted ? { status: "retry", reason: "stopped" } : undefined;
    });
    addBatch(spool, namedEvents(1));
    await runUpload(spool, [withdrawing], { signal: stop.signal, isConsented: () => consented });
    expect(shown()).toEqual([["a", "unacknowledged", "e1"]]);
  });

  it("is not written where only the time was up: the event is sent again", async () => {
    const stop = new AbortController();
    const slow = destinationOf("a", () => {
      stop.abort();
      return { status: "retry", reason: "stopped" };
    });
    addBatch(spool, namedEvents(1));
    await runUpload(spool, [slow], { signal: stop.signal, isConsented: () => true });
    expect(shown()).toEqual([]);
    expect(stored(spool)).toEqual(["e1"]);
  });

  it("can be read by its owner alone", async () => {
    await deliver({ status: "accepted" });
    expect(statSync(spool.directories.receiptsFile).mode & 0o777).toBe(0o600);
  });

  it("costs one write a request", async () => {
    await deliver({ status: "accepted" }, {}, 50);
    expect(machine.disk.mutations.filter(({ name, path }) => name === "writeSync" && path.includes("receipts"))).toHaveLength(1);
  });
});
