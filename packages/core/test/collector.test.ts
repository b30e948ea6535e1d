import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import type { Backend, DeliveryResult, TelemetryEvent } from "@candor/backend";
import { spyBackend, type SpyBackend } from "@candor/testing";
import type { Collector } from "../src/collector.ts";
import { HANDOVER_VARIABLE } from "../src/handover.ts";
import { readLosses, totalLosses } from "../src/losses.ts";
import { directoriesFor } from "../src/paths.ts";
import { createSpool, measureSpool } from "../src/spool.ts";
import { acquireLock } from "../src/uploader-lock.ts";
import { type FakeProcess, type Workstation, workstation } from "./fake-ports.ts";
import { addBatch, BOUNDS, filesIn, namedEvents, names, pending, recordingLogger, spoolOn, stored } from "./fixtures.ts";
import { answer, closeAll, collectorOn, CONSENT_ID, writeConsent } from "./options.ts";

let machine: Workstation;
let intervals: jest.SpiedFunction<typeof setInterval>;
beforeEach(() => {
  machine = workstation();
  intervals = jest.spyOn(globalThis, "setInterval");
});
afterEach(async () => {
  await closeAll();
  machine.dispose();
  // A leak has failed its test; it must not keep the runner alive as it would a tool.
  for (const timer of liveIntervals()) clearInterval(timer);
  jest.restoreAllMocks();
});

/** Intervals that were set in this test, and neither cleared nor unreferenced. */
function liveIntervals(): NodeJS.Timeout[] {
  return intervals.mock.results.map(({ value }) => value as NodeJS.Timeout).filter((timer) => Reflect.get(timer, "_destroyed") !== true && timer.hasRef());
}

const HTTP = { use: "http", endpoint: "https://collector.example.com" } as const;
const retry: DeliveryResult = { status: "retry", reason: "busy" };

function trackNamed(collector: Collector, count: number, first = 1): void {
  for (let index = first; index < first + count; index++) collector.track("feature.used", `e${index}`);
}

const spool = (of: FakeProcess = machine): ReturnType<typeof createSpool> => createSpool(CONSENT_ID, directoriesFor("notes", of.host), BOUNDS, of.ports);
const losses = (): ReturnType<typeof readLosses> => readLosses(directoriesFor("notes", machine.host), machine.ports);
const dataDirectory = (): string => directoriesFor("notes", machine.host).data;

/** The spy as a live backend that is never closed, for tests that are not about its end. */
function lasting({ name, destination, limits, send }: SpyBackend): Backend {
  return { name, destination, limits, send, close: () => Promise.resolve() };
}

/** A live backend that answers as the function says. */
function backendOf(send: (events: readonly TelemetryEvent[]) => Promise<DeliveryResult>, maxEvents = 1_000): Backend {
  return { name: "odd", destination: "memory", limits: { maxEvents, maxBytes: 1_048_576 }, send: (events) => send(events), close: () => Promise.resolve() };
}

describe("a collector that is off", () => {
  it.each<[string, () => Partial<Parameters<typeof collectorOn>[1]>]>([
    ["nobody has said yes", () => ({})],
    ["the user has said no", () => (answer(machine, { enabled: false }), {})],
    ["DO_NOT_TRACK is set", () => (answer(machine), (machine.host.environment["DO_NOT_TRACK"] = "1"), {})],
    ["the author has switched it off", () => (answer(machine), { enabled: false })],
    ["it runs in an uploader", () => (answer(machine), (machine.host.environment[HANDOVER_VARIABLE] = "{}"), {})],
    ["the record is torn", () => (writeConsent(machine, "{"), { consent: { model: "enforced" as const } })],
    ["the notice has not been shown", () => ({ consent: { model: "opt-out" as const } })],
  ])("because %s changes no file, derives no id and starts no process", async (_, prepare) => {
    const collector = collectorOn(machine, { backend: HTTP, ...prepare() });
    const before = filesIn(machine.home.path);
    expect(collector.enabled).toBe(false);
    collector.trackCommand("notes list", { durationMs: 1, exitCode: 0 }, { a: 1 });
    collector.trackCommandExtended("notes list", ["--token", "x"], { durationMs: 1, exitCode: 1, error: "x" });
    expect(await collector.flush()).toEqual({ status: "disabled" });
    await collector.close();
    expect(machine.disk.mutations).toEqual([]);
    expect(filesIn(machine.home.path)).toEqual(before);
    expect([...machine.disk.reads].filter(({ path }) => path.includes("identity.json"))).toEqual([]);
    expect([...machine.host.spawned, ...machine.host.awaited]).toEqual([]);
    expect(collector.counts()).toEqual({ tracked: 0, lost: {}, inMemory: 0 });
    expect(collector.backendInfo()).toBe("noop (disabled)");
  });
});

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

  it("has events in memory until the spill when the author prefers that", async () => {
    const collector = collectorOn(machine, { backend: HTTP, delivery: { durability: "spill" }, bounds: { bufferEvents: 3 } });
    trackNamed(collector, 2);
    expect(stored(spool())).toEqual([]);
    expect(collector.counts().inMemory).toBe(2);
    trackNamed(collector, 1, 3);
    expect(stored(spool())).toEqual(["e1", "e2", "e3"]);
    trackNamed(collector, 1, 4);
    await collector.close();
    expect(pending(spool())).toEqual(["e1", "e2", "e3", "e4"]);
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

describe("when consent is withdrawn while a tool runs", () => {
  beforeEach(() => answer(machine));

  it("sends nothing more and keeps nothing", async () => {
    const backend = spyBackend();
    const collector = collectorOn(machine, { backend });
    trackNamed(collector, 2);
    answer(machine, { enabled: false });
    expect(await collector.flush()).toEqual({ status: "disabled" });
    await collector.close();
    expect(backend.batches).toEqual([]);
    expect(stored(spool())).toEqual([]);
  });

  it("leaves no batch behind when the tool ends without a flush", async () => {
    const collector = collectorOn(machine, { backend: HTTP });
    trackNamed(collector, 2);
    answer(machine, { enabled: false });
    await collector.close();
    expect(pending(spool())).toEqual([]);
    expect(machine.host.spawned).toEqual([]);
  });

  it("leaves alone what others collected under a new yes", async () => {
    const collector = collectorOn(machine, { backend: spyBackend() });
    trackNamed(collector, 1);
    answer(machine, { consentId: "99999999" });
    const other = machine.startProcess();
    const theirs = collectorOn(other, { backend: HTTP });
    trackNamed(theirs, 2, 10);
    await theirs.close();
    await collector.flush();
    await collector.close();
    expect(stored(spoolOn(other, BOUNDS, "99999999"))).toEqual(["e10", "e11"]);
  });
});

describe("when the disk is dead", () => {
  beforeEach(() => answer(machine));

  const deaths: readonly [string, () => void][] = [
    ["read-only", () => machine.disk.makeReadOnly()],
    ["full", () => machine.disk.fail({ code: "ENOSPC", forever: true })],
    ["somebody else's", () => {
      mkdirSync(dataDirectory(), { recursive: true, mode: 0o700 });
      machine.host.user = 12_345;
    }],
    ["behind a symbolic link", () => {
      mkdirSync(dirname(dataDirectory()), { recursive: true });
      mkdirSync(join(machine.home.path, "elsewhere"), { mode: 0o700 });
      symlinkSync(join(machine.home.path, "elsewhere"), dataDirectory());
    }],
    ["open to other users", () => {
      mkdirSync(dataDirectory(), { recursive: true });
      chmodSync(dataDirectory(), 0o777);
    }],
  ];

  it.each(deaths)("(%s) keeps events in memory and delivers them from there", async (_, kill) => {
    kill();
    const backend = spyBackend();
    const collector = collectorOn(machine, { backend });
    trackNamed(collector, 3);
    expect(collector.counts()).toMatchObject({ tracked: 3, inMemory: 3 });
    expect(await collector.flush({ timeoutMs: 200 })).toEqual({ status: "delivered" });
    expect(names(backend.acknowledged)).toEqual(["e1", "e2", "e3"]);
    expect(collector.counts().inMemory).toBe(0);
  });

  it.each(deaths)("(%s) counts what was lost in the end and writes nothing where it must not", async (_, kill) => {
    kill();
    const collector = collectorOn(machine, { backend: HTTP, bounds: { bufferEvents: 2 } });
    trackNamed(collector, 3);
    await collector.close();
    expect(collector.counts()).toEqual({ tracked: 3, lost: { "buffer-full": 1, "not-stored": 2 }, inMemory: 0 });
    expect(filesIn(dataDirectory())).toEqual([]);
    expect(machine.host.spawned).toEqual([]);
  });

  it("touches nothing of another place when everything is dropped", () => {
    const elsewhere = join(machine.home.path, "elsewhere");
    mkdirSync(join(elsewhere, "spool", "v1"), { recursive: true, mode: 0o700 });
    writeFileSync(join(elsewhere, "spool", "v1", "theirs"), "");
    mkdirSync(dirname(dataDirectory()), { recursive: true });
    symlinkSync(elsewhere, dataDirectory());
    collectorOn(machine, { backend: HTTP }).drop();
    expect(readdirSync(join(elsewhere, "spool", "v1"))).toEqual(["theirs"]);
  });

  it("bounds memory and calls to the disk for 100,000 events with a dead destination", async () => {
    machine.disk.makeReadOnly();
    const collector = collectorOn(machine, { backend: spyBackend({ results: Array.from({ length: 12 }, () => retry) }) });
    for (let index = 0; index < 100_000; index++) collector.track("feature.used", "e");
    expect(collector.counts()).toEqual({ tracked: 100_000, lost: { "buffer-full": 99_000 }, inMemory: 1_000 });
    expect(machine.disk.mutations.length).toBeLessThan(20);
    expect(await collector.flush()).toMatchObject({ status: "pending" });
    expect(collector.counts().inMemory).toBe(1_000);
    await collector.close();
    expect(totalLosses(collector.counts().lost)).toBe(100_000);
  });

  it("moves events to the disk as soon as it is well again", () => {
    machine.disk.makeReadOnly();
    const collector = collectorOn(machine, { backend: HTTP });
    trackNamed(collector, 2);
    machine.disk.heal();
    trackNamed(collector, 1, 3);
    expect(stored(spool())).toEqual([]);
    machine.clock.advance(1_000);
    trackNamed(collector, 1, 4);
    expect(stored(spool())).toEqual(["e1", "e2", "e3", "e4"]);
    expect(collector.counts()).toEqual({ tracked: 4, lost: {}, inMemory: 0 });
  });

  it("keeps the order and the rest when it dies in the middle", async () => {
    const collector = collectorOn(machine, { backend: HTTP });
    trackNamed(collector, 2);
    machine.disk.fail({ call: "writeSync", code: "ENOSPC", forever: true });
    trackNamed(collector, 2, 3);
    expect(collector.counts()).toMatchObject({ tracked: 4, inMemory: 2 });
    machine.disk.heal();
    await collector.close();
    expect(pending(spool())).toEqual(["e1", "e2", "e3", "e4"]);
  });

  it("does not lose an event when a full segment cannot be sealed", async () => {
    const backend = spyBackend();
    const collector = collectorOn(machine, { backend: lasting(backend), bounds: { batchBytes: 1_024 } });
    machine.disk.fail({ call: "renameSync", path: "pending", code: "EIO" });
    trackNamed(collector, 12);
    const { lost, inMemory } = collector.counts();
    expect(stored(spool()).length + inMemory + totalLosses(lost)).toBe(12);
    expect(await collector.flush()).toEqual({ status: "delivered" });
    expect(names(backend.acknowledged)).toEqual(names(namedEvents(12)));
  });

  it("does not call delivered what could not be sealed", async () => {
    const collector = collectorOn(machine, { backend: spyBackend() });
    trackNamed(collector, 1);
    machine.disk.fail({ call: "renameSync", path: "pending", code: "EIO" });
    const { status } = await collector.flush();
    expect(status === "delivered" && stored(spool()).length > 0).toBe(false);
  });
});

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

describe("the spool's bound", () => {
  it("is kept by a collector that nobody delivers for, and every loss is counted", async () => {
    answer(machine);
    const bounds = { batchBytes: 2_048, spoolBytes: 10_240 };
    const collector = collectorOn(machine, { backend: HTTP, bounds });
    trackNamed(collector, 200);
    await collector.close();
    expect(measureSpool(spool()).bytes).toBeLessThanOrEqual(bounds.spoolBytes);
    expect(pending(spool()).length + (losses().evicted ?? 0)).toBe(200);
    expect(pending(spool()).at(-1)).toBe("e200");
  });

  it("counts an event that is larger than a batch", async () => {
    answer(machine);
    const collector = collectorOn(machine, { backend: HTTP, bounds: { batchBytes: 1_024 } });
    collector.track("feature.used", "e1", { a: "word ".repeat(200) });
    collector.track("feature.used", "e2");
    await collector.close();
    expect(pending(spool())).toEqual(["e2"]);
    expect(losses()).toEqual({ "too-large": 1 });
  });
});

describe("track", () => {
  beforeEach(() => answer(machine));

  const read = (): TelemetryEvent[] => filesIn(spool().open).flatMap((path) => readFileSync(path, "utf8").trim().split("\n").map((line) => JSON.parse(line) as TelemetryEvent));

  it.each([[undefined, "x"], ["x", undefined], [1, "x"], ["x", null], ["", "x"], ["x", " "], [{}, []], [Symbol("x"), "x"]])("passes over %p as type and %p as name with one debug line", (type, name) => {
    const logger = recordingLogger();
    const collector = collectorOn(machine, { backend: HTTP, logger });
    collector.track(type as string, name as string, { a: 1 });
    expect(logger.lines).toHaveLength(1);
    expect(logger.lines[0]).toMatch(/^debug: /);
    expect(collector.counts().tracked).toBe(0);
  });

  const cyclic: Record<string, unknown> = {};
  cyclic["self"] = cyclic;
  it.each<[string, unknown]>([
    ["too long", "word ".repeat(10_000)],
    ["cyclic", cyclic],
    ["huge", Array.from({ length: 100_000 }, (_, index) => index)],
    ["one whose toJSON throws", { toJSON() { throw new Error("x"); } }],
    ["one with a getter that throws", { get bad() { throw new Error("x"); } }],
    ["a function", () => 1],
    ["a revoked proxy", (() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })()],
    ["a symbol", Symbol("x")],
    ["a bigint", 1n],
  ])("keeps what is valid beside a property that is %s", (_, bad) => {
    const logger = recordingLogger();
    const collector = collectorOn(machine, { backend: HTTP, logger });
    collector.track("feature.used", "e1", { good: 1, bad });
    expect(read()).toEqual([expect.objectContaining({ name: "e1", metadata: expect.objectContaining({ good: 1 }) })]);
    expect(logger.lines.length).toBeLessThanOrEqual(1);
    expect(logger.lines.filter((line) => !line.startsWith("debug: "))).toEqual([]);
  });

  it.each<[string, unknown]>([["a text", "x"], ["a list", [1]], ["nothing", null], ["a getter that throws", { get a() { throw new Error("x"); } }]])("keeps the event when its properties are %s", (_, properties) => {
    const collector = collectorOn(machine, { backend: HTTP });
    collector.track("feature.used", "e1", properties as Record<string, unknown>);
    expect(names(read())).toEqual(["e1"]);
  });

  it.each<[string, unknown]>([
    ["missing", undefined],
    ["null", null],
    ["no numbers", { durationMs: "1", exitCode: "0" }],
    ["not finite", { durationMs: Number.NaN, exitCode: Number.POSITIVE_INFINITY }],
    ["a getter that throws", { get durationMs() { throw new Error("x"); }, exitCode: 3 }],
  ])("keeps the event when its outcome is %s", (_, outcome) => {
    const collector = collectorOn(machine, { backend: HTTP });
    collector.trackCommand("notes list", outcome as { durationMs: number; exitCode: number });
    expect(names(read())).toEqual(["notes list"]);
  });

  it("keeps the event when an argument is no text and cannot become one", () => {
    const collector = collectorOn(machine, { backend: HTTP, extendedCollection: true });
    collector.trackCommandExtended("notes list", ["a", Object.create(null) as string], { durationMs: 1, exitCode: 0 });
    expect(names(read())).toEqual(["notes list"]);
  });

  it("never throws into the tool, not even when the author's logger does", async () => {
    const logger = Object.fromEntries(["debug", "info", "warn", "error"].map((level) => [level, () => { throw new Error("logger"); }])) as unknown as ReturnType<typeof recordingLogger>;
    const collector = collectorOn(machine, { backend: HTTP, logger });
    expect(() => collector.track("", "")).not.toThrow();
    expect(() => collector.track("feature.used", "e1", { f: () => 1 })).not.toThrow();
    machine.disk.makeReadOnly();
    expect(() => collector.track("feature.used", "e2")).not.toThrow();
    await expect(collector.flush()).resolves.toBeDefined();
    await expect(collector.close()).resolves.toBeUndefined();
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
