import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { DeliveryResult, TelemetryEvent } from "@candor/backend";
import { parseLines } from "../src/batch.ts";
import { runDelivery } from "../src/delivery-run.ts";
import { readJournal } from "../src/destination-journal.ts";
import type { Destination } from "../src/destination.ts";
import { readLosses, recordLosses } from "../src/losses.ts";
import { setAside } from "../src/rejected-events.ts";
import { realPorts } from "../src/ports.ts";
import type { Spool } from "../src/spool.ts";
import { acquireLock, preemptLock, type UploaderLock } from "../src/uploader-lock.ts";
import { type Workstation, workstation } from "./fake-ports.ts";
import { addBatch, namedEvents, names, pending, recordingLogger, runUpload, spoolOn, spyDestination, stored } from "./fixtures.ts";
import { vectorsOf } from "./vectors.ts";

let machine: Workstation;
let spool: Spool;
beforeEach(() => {
  machine = workstation();
  spool = spoolOn(machine);
});
afterEach(() => machine.dispose());

const journal = (key = "a"): ReturnType<typeof readJournal>[string] | undefined => readJournal(spool.directories, machine.ports)[key];
const losses = (): ReturnType<typeof readLosses> => readLosses(spool.directories, machine.ports);
const retry: DeliveryResult = { status: "retry", reason: "busy" };

/** A destination that answers as the function says. */
function destinationOf(key: string, answer: (events: readonly TelemetryEvent[], signal: AbortSignal) => unknown, maxEvents = 1_000): Destination & { readonly got: string[][] } {
  const got: string[][] = [];
  return {
    got,
    key,
    description: key,
    backend: {
      name: key,
      destination: key,
      limits: { maxEvents, maxBytes: 1024 * 1024 },
      async send(events, { signal }) {
        got.push(events.map(({ name }) => name));
        return (await answer(events, signal)) as DeliveryResult;
      },
      close: () => Promise.resolve(),
    },
  };
}

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

  it.each([undefined, null, {}, { status: "ok" }, "accepted", { status: "partial" }, { status: "partial", rejected: null }])("that answers %j counts as one that asks for later", async (answer) => {
    addBatch(spool, namedEvents(2));
    const a = destinationOf("a", () => answer);
    const b = spyDestination("b");
    const { failures } = await runUpload(spool, [a, b], { retryWaitsMs: [] });
    expect(Object.keys(failures)).toEqual(["a"]);
    expect(b.backend.acknowledged).toHaveLength(2);
    expect(pending(spool)).toEqual(["e1", "e2"]);
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

  it("that hangs until its signal is given up with its own answer", async () => {
    addBatch(spool, namedEvents(1));
    const a = spyDestination("a", { results: ["hang"] });
    expect((await runUpload(spool, [a], { sendTimeoutMs: 20, retryWaitsMs: [] })).failures).toEqual({ "a memory": "aborted" });
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
    if (expected.deleted) expect(onDisk).toHaveLength(expected.deleted === "before send" ? 0 : 2);
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

describe("a run on a disk that fails", () => {
  it("does not wedge later runs of the same process", async () => {
    const events = namedEvents(3);
    addBatch(spool, events);
    addBatch(spool, namedEvents(2, 4));
    const partial: DeliveryResult = { status: "partial", rejected: [] };
    machine.disk.fail({ call: "writeFileSync", path: spool.pending, code: "ENOSPC", forever: true });
    const a = destinationOf("a", (each) => (each.length > 1 ? (each[0]?.name === "e1" ? partial : retry) : retry), 2);
    await runUpload(spool, [a], { retryWaitsMs: [] }).catch(() => undefined);
    machine.disk.heal();
    const b = spyDestination("a");
    await runUpload(spool, [b], { ignoreBackoff: true });
    expect(names(b.backend.acknowledged)).toEqual(expect.arrayContaining(["e3", "e4", "e5"]));
    expect(stored(spool)).toEqual([]);
  });

  it("does not ask a blocked destination again and again when its journal cannot be written", async () => {
    addBatch(spool, namedEvents(1));
    const stop = new AbortController();
    const a = destinationOf("a", () => {
      if (a.got.length >= 30) stop.abort();
      return { status: "blocked", reason: "401" };
    });
    mkdirSync(spool.directories.destinationsFile, { recursive: true });
    await runLocked(a, { signal: stop.signal });
    expect(a.got.length).toBeLessThanOrEqual(2);
  });
});

function runLocked(destination: Destination, changes: Partial<Parameters<typeof runDelivery>[0]> = {}, lock: UploaderLock = held()): ReturnType<typeof runDelivery> {
  return runDelivery(
    {
      spool,
      destinations: [destination],
      mode: "at-least-once",
      sendTimeoutMs: 5_000,
      limitMs: 20_000,
      kind: "in-process",
      consent: () => ({ enabled: true, localOnly: false, source: "stored-choice", reason: "", consentId: spool.consentId }),
      logger: recordingLogger(),
      ...changes,
    },
    lock,
  );
}

function held(): UploaderLock {
  const outcome = acquireLock({ state: "running", kind: "in-process", lifetimeMs: 20_000, minimumIntervalMs: 0 }, spool.directories, machine.ports);
  if (outcome.status !== "held") throw new Error(outcome.status);
  return outcome.lock;
}

describe("a delivery run", () => {
  it("stops before the next request when consent is withdrawn", async () => {
    addBatch(spool, namedEvents(3));
    let enabled = true;
    const a = destinationOf("a", () => {
      enabled = false;
      return { status: "accepted" };
    }, 1);
    await runLocked(a, { consent: () => ({ enabled, localOnly: false, source: "stored-choice", reason: "", consentId: spool.consentId }) });
    expect(a.got).toEqual([["e1"]]);
  });

  it("sends nothing of another consent's", async () => {
    addBatch(spool, namedEvents(1));
    const a = spyDestination("a");
    await runLocked(a, { consent: () => ({ enabled: true, localOnly: false, source: "stored-choice", reason: "", consentId: "ffffffff" }) });
    expect(a.backend.batches).toEqual([]);
  });

  it("aborts the request under way and stops when the lock is taken away", async () => {
    addBatch(spool, namedEvents(3));
    const other = machine.startProcess();
    const a = destinationOf("a", (_, signal) => new Promise((resolve) => {
      preemptLock(spool.directories, other.ports);
      signal.addEventListener("abort", () => resolve(retry), { once: true });
    }), 1);
    await runLocked(a);
    expect(a.got).toEqual([["e1"]]);
    expect(pending(spool)).toEqual(["e1", "e2", "e3"]);
  });

  it("looks once more after releasing, and delivers what came in the last moment", async () => {
    addBatch(spool, namedEvents(1));
    const { renameSync } = machine.ports.fileSystem;
    let added = false;
    const late: Spool = { ...spool, ports: { ...spool.ports, fileSystem: { ...spool.ports.fileSystem, renameSync: (from, to) => {
      renameSync(from, to);
      if (!added && String(to).endsWith("1.json") && readFileSync(to, "utf8").includes("released")) {
        added = true;
        addBatch(spool, namedEvents(1, 2));
      }
    } } } };
    const a = spyDestination("a");
    const outcome = acquireLock({ state: "running", kind: "in-process", lifetimeMs: 20_000, minimumIntervalMs: 0 }, spool.directories, late.ports);
    if (outcome.status !== "held") throw new Error(outcome.status);
    const summary = await runLocked(a, { spool: late }, outcome.lock);
    expect(added).toBe(true);
    expect(summary.accepted).toBe(2);
    expect(stored(spool)).toEqual([]);
  });

  it("ends at its limit", async () => {
    addBatch(spool, namedEvents(1));
    const a = spyDestination("a", { results: ["hang"] });
    const { clock } = realPorts();
    await runLocked(a, { limitMs: 60, spool: { ...spool, ports: { ...spool.ports, clock } } });
    expect(pending(spool)).toEqual(["e1"]);
    expect(existsSync(spool.pending)).toBe(true);
  });

  it("gives back the lock although its release cannot be written at first", async () => {
    addBatch(spool, namedEvents(1));
    machine.disk.fail({ path: /uploader\/\d+\.json/, code: "ENOSPC", at: 2 });
    await runLocked(spyDestination("a")).catch(() => undefined);
    machine.disk.heal();
    expect(held().isHighest()).toBe(true);
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
