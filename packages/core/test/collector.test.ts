import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "@jest/globals";
import type { DeliveryResult, TelemetryEvent } from "@candor/backend";
import { spyBackend } from "@candor/testing";
import { HANDOVER_VARIABLE } from "../src/uploader/handover.ts";
import { directoriesFor } from "../src/platform/paths.ts";
import type { Spool } from "../src/spool/spool.ts";
import { acquireLock } from "../src/uploader/uploader-lock.ts";
import { addBatch, lasting, namedEvents, names, pending, recordingLogger, spoolOn, stored } from "./fixtures.ts";
import { answer, collectorOn, CONSENT_ID, HTTP, spoolAsFound, trackNamed } from "./options.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();

const retry: DeliveryResult = { status: "retry", reason: "busy" };
const spool = (): Spool => spoolAsFound(machine);
const dataDirectory = (): string => directoriesFor("notes", machine.host).data;

describe("a collector that is on", () => {
  beforeEach(() => answer(machine));

  it("touches nothing before the first event", async () => {
    const collector = collectorOn(machine, { backend: HTTP });
    expect(collector.enabled).toBe(true);
    expect(machine.disk.mutations).toEqual([]);
    await collector.close();
    expect(machine.disk.mutations).toEqual([]);
    expect(machine.host.spawned).toEqual([]);
  });

  it("has an event on disk when `track` returns", () => {
    const collector = collectorOn(machine, { backend: HTTP });
    trackNamed(collector, 2);
    expect(stored(spool())).toEqual(["e1", "e2"]);
    expect(collector.counts()).toEqual({ tracked: 2, lost: {}, inMemory: 0 });
  });

  it("hands over to one detached uploader at its end, without secrets on the command line", async () => {
    const collector = collectorOn(machine, { backend: HTTP });
    trackNamed(collector, 2);
    machine.host.environment["NODE_OPTIONS"] = "--require /evil.js";
    await collector.close();
    await collector.close();
    expect(pending(spool())).toEqual(["e1", "e2"]);
    const [child] = machine.host.spawned;
    expect(machine.host.spawned).toHaveLength(1);
    expect(child?.args).toHaveLength(1);
    expect(child?.cwd).toBe(dataDirectory());
    expect(child?.env["NODE_OPTIONS"]).toBeUndefined();
    expect(JSON.parse(child?.env[HANDOVER_VARIABLE] ?? "")).toMatchObject({ tool: "notes", consentId: CONSENT_ID, backends: [HTTP], generation: 1 });
  });

  it("starts no second uploader within the minimum interval, nor one while a destination is backing off", async () => {
    for (const expected of [1, 1]) {
      const next = machine.startProcess();
      const collector = collectorOn(next, { backend: HTTP });
      trackNamed(collector, 1);
      await collector.close();
      expect(machine.host.spawned.length + next.host.spawned.length).toBeLessThanOrEqual(expected);
    }
  });

  it("starts no process for a live backend, whoever is to deliver", async () => {
    for (const by of ["detached", "inline", "interval"] as const) {
      const collector = collectorOn(machine, { backend: spyBackend({ results: ["hang", retry, retry] }), delivery: { by, minimumIntervalMs: 0, inlineTimeoutMs: 20 } });
      trackNamed(collector, 1);
      await collector.close();
      machine.clock.advance(60_000);
    }
    expect([...machine.host.spawned, ...machine.host.awaited]).toEqual([]);
    expect(pending(spool())).toEqual(["e1", "e1", "e1"]);
  });

  it("delivers in this process when it is flushed, and says so", async () => {
    const backend = spyBackend();
    const collector = collectorOn(machine, { backend });
    trackNamed(collector, 3);
    expect(await collector.flush()).toEqual({ status: "delivered" });
    expect(names(backend.acknowledged)).toEqual(["e1", "e2", "e3"]);
    expect(backend.acknowledged[0]).toMatchObject({ toolName: "notes", toolVersion: "1.2.3", type: "feature.used" });
    expect(await collector.flush()).toEqual({ status: "delivered" });
    expect(backend.batches).toHaveLength(1);
  });

  it("delivers again and again with the same live backend, and closes it at its own end only", async () => {
    const backend = spyBackend();
    const collector = collectorOn(machine, { backend });
    for (const first of [1, 2, 3]) {
      trackNamed(collector, 1, first);
      expect(await collector.flush()).toEqual({ status: "delivered" });
      expect(backend.closed).toBe(false);
    }
    expect(names(backend.acknowledged)).toEqual(["e1", "e2", "e3"]);
    await collector.close();
    expect(backend.closed).toBe(true);
  });

  it("delivers what earlier processes left", async () => {
    const earlier = machine.startProcess();
    trackNamed(collectorOn(earlier, { backend: HTTP }), 2);
    earlier.disk.crash();
    machine.host.living.delete(earlier.host.id);
    const backend = spyBackend();
    const collector = collectorOn(machine, { backend });
    trackNamed(collector, 1, 3);
    await collector.flush();
    expect(names(backend.acknowledged)).toEqual(["e1", "e2", "e3"]);
  });

  it("waits its turn while another process uploads, and gives up at its limit", async () => {
    const other = machine.startProcess();
    const outcome = acquireLock({ state: "running", kind: "in-process", lifetimeMs: 30_000, minimumIntervalMs: 0 }, directoriesFor("notes", other.host), other.ports);
    const backend = spyBackend();
    const collector = collectorOn(machine, { backend: lasting(backend) });
    trackNamed(collector, 1);
    expect(await collector.flush({ timeoutMs: 500 })).toEqual({ status: "pending", reason: "another process of the tool is uploading" });
    expect(backend.batches).toEqual([]);
    expect(machine.clock.waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(500);
    if (outcome.status === "held") outcome.lock.release();
    expect(await collector.flush()).toEqual({ status: "delivered" });
  });

  it("says what is pending and why", async () => {
    const collector = collectorOn(machine, { backend: spyBackend({ results: [{ status: "blocked", reason: "401" }] }) });
    trackNamed(collector, 1);
    expect(await collector.flush()).toEqual({ status: "pending", reason: "401" });
    expect(pending(spool())).toEqual(["e1"]);
  });

  it("ends a flush at once when it is aborted", async () => {
    const collector = collectorOn(machine, { backend: spyBackend({ results: ["hang"] }) });
    trackNamed(collector, 1);
    const stop = new AbortController();
    const flushed = collector.flush({ signal: stop.signal });
    stop.abort();
    expect((await flushed).status).toBe("pending");
    expect(pending(spool())).toEqual(["e1"]);
  });

  it("does not collect after its end", async () => {
    const collector = collectorOn(machine, { backend: spyBackend() });
    await collector.close();
    trackNamed(collector, 1);
    expect(collector.enabled).toBe(false);
    expect(await collector.flush()).toEqual({ status: "disabled" });
    expect(stored(spool())).toEqual([]);
  });

  it("drops everything collected and collects nothing more", async () => {
    const backend = spyBackend();
    const collector = collectorOn(machine, { backend });
    addBatch(spoolOn(machine), namedEvents(2));
    trackNamed(collector, 1);
    expect(collector.drop()).toEqual({ status: "empty" });
    trackNamed(collector, 1);
    await collector.flush();
    await collector.close();
    expect(backend.batches).toEqual([]);
    expect(existsSync(directoriesFor("notes", machine.host).spool)).toBe(false);
  });

  it("keeps events on the machine in local-only mode", async () => {
    answer(machine, { localOnly: true });
    const backend = spyBackend();
    const collector = collectorOn(machine, { backend });
    trackNamed(collector, 2);
    expect(collector.backendInfo()).toBe(`file (${join(dataDirectory(), "telemetry.log")})`);
    expect(await collector.flush()).toEqual({ status: "delivered" });
    expect(backend.batches).toEqual([]);
    expect(names(readFileSync(join(dataDirectory(), "telemetry.log"), "utf8").trim().split("\n").map((line) => JSON.parse(line) as TelemetryEvent))).toEqual(["e1", "e2"]);
  });

  it.each([[undefined], [[]], [{ use: "http", endpoint: "" }], [{ use: "http", endpoint: "https://x.example", apiKey: "" }]])("logs what it would send without a destination: %j", async (backend) => {
    const logger = recordingLogger();
    const collector = collectorOn(machine, { logger, ...(backend === undefined ? {} : { backend }) });
    trackNamed(collector, 1);
    expect(logger.lines.filter((line) => line.startsWith("debug: Telemetry event (dry-run)"))).toHaveLength(1);
    expect(await collector.flush()).toEqual({ status: "delivered" });
    await collector.close();
    expect(machine.disk.mutations).toEqual([]);
    expect(machine.host.spawned).toEqual([]);
  });
});

it("keeps its promises where an option is present but undefined", async () => {
  answer(machine);
  const nothing = undefined as unknown as number;
  const collector = collectorOn(machine, { backend: HTTP, bounds: { spoolBytes: nothing, batchBytes: nothing, bufferEvents: nothing }, delivery: { minimumIntervalMs: nothing, durability: undefined as unknown as "track", by: undefined as unknown as "detached" } });
  trackNamed(collector, 3);
  await collector.close();
  expect(pending(spool())).toEqual(["e1", "e2", "e3"]);
  expect(machine.host.spawned).toHaveLength(1);
});
