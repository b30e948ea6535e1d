import { readdirSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import type { DeliveryResult } from "@candor/backend";
import { UNAVAILABLE } from "../src/destination/backend-registry.ts";
import type { Destination } from "../src/destination/destination.ts";
import { readJournal } from "../src/destination/destination-journal.ts";
import { addBatch, destinationOf, namedEvents, names, pending, recordingLogger, runUpload, spyDestination, stored } from "./fixtures.ts";
import { spoolPerTest } from "./spool-per-test.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
const spool = spoolPerTest(machine);

const retry: DeliveryResult = { status: "retry", reason: "busy" };

describe("a backend with a defect", () => {
  it("that throws counts as one that asks for later", async () => {
    addBatch(spool, namedEvents(1));
    const logger = recordingLogger();
    const a = spyDestination("a", { results: [new Error("oops")] });
    expect(await runUpload(spool, [a], { logger })).toMatchObject({ accepted: 1 });
    expect(logger.lines.some((line) => line.startsWith("error:") && line.includes("oops"))).toBe(true);
    expect(machine.clock.waits).toEqual([1_000]);
  });

  it("that throws at once, without a promise, counts as one that asks for later", async () => {
    addBatch(spool, namedEvents(1));
    const a = spyDestination("a");
    const broken: Destination = { ...a, backend: { ...a.backend, send: () => { throw new Error("oops"); } } };
    expect(await runUpload(spool, [broken], { retryWaitsMs: [] })).toMatchObject({ accepted: 0 });
    expect(pending(spool)).toEqual(["e1"]);
  });

  it.each([undefined, null, {}, { status: "ok" }, "accepted", { status: "partial" }, { status: "partial", rejected: null }, { status: "retry" }, { status: "blocked", reason: 7 },
    { status: "rejected", reason: "r", rejected: [null] }, { status: "rejected" }, { status: "partial", rejected: [{ id: "x" }] }, { status: "partial", rejected: [], unnamed: { count: -5, reason: "r" } },
  ])("that answers %j counts as one that asks for later", async (answer) => {
    addBatch(spool, namedEvents(2));
    const a = destinationOf("a", () => answer);
    const b = spyDestination("b");
    const { failures } = await runUpload(spool, [a, b], { retryWaitsMs: [] });
    expect(Object.keys(failures)).toEqual(["a"]);
    expect(b.backend.acknowledged).toHaveLength(2);
    expect(pending(spool)).toEqual(["e1", "e2"]);
  });

  it("that takes its list of events apart is settled all the same", async () => {
    addBatch(spool, namedEvents(3));
    const a = destinationOf("a", (events) => ((events as unknown[]).splice(0), { status: "accepted" }));
    const b = spyDestination("b");
    expect(await runUpload(spool, [a, b])).toEqual({ accepted: 6, rejected: 0, failures: {} });
    expect([a.got.length, b.backend.acknowledged.length, stored(spool)]).toEqual([1, 3, []]);
  });

  it("that hangs and does not obey its signal is given up", async () => {
    addBatch(spool, namedEvents(1));
    const a = destinationOf("a", () => new Promise(() => undefined));
    const b = spyDestination("b");
    const { failures } = await runUpload(spool, [a, b], { sendTimeoutMs: 20, retryWaitsMs: [] });
    expect(failures).toEqual({ a: expect.stringContaining("no answer in time") });
    expect(b.backend.acknowledged).toHaveLength(1);
    expect(pending(spool)).toEqual(["e1"]);
  });

  it("that hangs until its signal is given up in the words of a destination that does not answer", async () => {
    addBatch(spool, namedEvents(1));
    const a = spyDestination("a", { results: ["hang"] });
    expect((await runUpload(spool, [a], { sendTimeoutMs: 20, retryWaitsMs: [] })).failures).toEqual({ "a memory": "no complete answer within 20 ms" });
  });
});

describe("a backend that cannot be built any more", () => {
  it("keeps the name under which it got events", async () => {
    const a = spyDestination("a", { results: [{ status: "accepted" }, { status: "blocked", reason: "no such package" }] });
    const { description } = a;
    addBatch(spool, namedEvents(1));
    await runUpload(spool, [a]);
    addBatch(spool, namedEvents(1, 2));
    await runUpload(spool, [{ ...a, description: "memory (unavailable)", backend: { ...a.backend, destination: UNAVAILABLE } }]);
    expect(readJournal(spool.directories, machine.ports)["a"]).toMatchObject({ description, accepted: 1, lastError: { status: "blocked" } });
  });
});

describe("a fan-out", () => {
  it("neither blocks nor doubles the healthy destination when the other is dead", async () => {
    for (const first of [1, 2, 3]) addBatch(spool, namedEvents(1, first));
    const a = spyDestination("aaaaaaaa");
    const b = spyDestination("bbbbbbbb", { results: Array.from({ length: 8 }, () => retry) });
    await runUpload(spool, [a, b]);
    expect(names(a.backend.acknowledged)).toEqual(["e1", "e2", "e3"]);
    expect(pending(spool)).toEqual(["e1", "e2", "e3"]);
    expect(readdirSync(spool.pending).every((name) => name.includes(".aaaaaaaa."))).toBe(true);
    await runUpload(spool, [a, b], { ignoreBackoff: true });
    await runUpload(spool, [a, b], { ignoreBackoff: true });
    expect(a.backend.events).toHaveLength(3);
    expect(names(b.backend.acknowledged)).toEqual(["e1", "e2", "e3"]);
    expect(stored(spool)).toEqual([]);
  });

  it("gives each destination what it lacks when their limits and answers differ", async () => {
    addBatch(spool, namedEvents(6));
    const a = spyDestination("a", { limits: { maxEvents: 2, maxBytes: 1e6 }, results: [{ status: "accepted" }, retry] });
    const b = spyDestination("b", { limits: { maxEvents: 3, maxBytes: 1e6 }, results: [retry] });
    await runUpload(spool, [a, b]);
    expect([names(a.backend.acknowledged), names(b.backend.acknowledged)]).toEqual([names(namedEvents(6)), names(namedEvents(6))]);
    expect(stored(spool)).toEqual([]);
  });

  it("keeps everything when it has no destination at all", async () => {
    addBatch(spool, namedEvents(3));
    await runUpload(spool, []);
    expect(stored(spool)).toEqual(["e1", "e2", "e3"]);
  });
});
