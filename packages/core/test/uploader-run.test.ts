import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import type { DeliveryResult } from "@candor/backend";
import { runDelivery } from "../src/delivery/delivery-run.ts";
import type { Destination } from "../src/destination/destination.ts";
import { realPorts } from "../src/platform/ports.ts";
import type { Spool } from "../src/spool/spool.ts";
import { acquireLock, preemptLock, type UploaderLock } from "../src/uploader/uploader-lock.ts";
import { addBatch, destinationOf, namedEvents, names, pending, recordingLogger, runUpload, spyDestination, stored } from "./fixtures.ts";
import { spoolPerTest } from "./spool-per-test.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
const spool = spoolPerTest(machine);

const retry: DeliveryResult = { status: "retry", reason: "busy" };

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

  it("ends when nothing of what waits can be read", async () => {
    addBatch(spool, namedEvents(1));
    machine.disk.fail({ call: "readFileSync", path: ".ndjson", code: "EIO", forever: true });
    const a = spyDestination("a");
    expect(await runLocked(a)).toEqual({ accepted: 0, rejected: 0, failures: {} });
    expect(a.backend.batches).toEqual([]);
    machine.disk.heal();
    expect(pending(spool)).toEqual(["e1"]);
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
