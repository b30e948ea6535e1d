import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it } from "@jest/globals";
import type { DeliveryResult } from "@candor/backend";
import { spyBackend } from "@candor/testing";
import { totalLosses } from "../src/spool/loss-counts.ts";
import { readLosses } from "../src/spool/losses.ts";
import { directoriesFor } from "../src/platform/paths.ts";
import { measureSpool, type Spool } from "../src/spool/spool.ts";
import { filesIn, lasting, namedEvents, names, pending, stored } from "./fixtures.ts";
import { answer, collectorOn, HTTP, spoolAsFound, trackNamed } from "./options.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();

const retry: DeliveryResult = { status: "retry", reason: "busy" };
const spool = (): Spool => spoolAsFound(machine);
const losses = (): ReturnType<typeof readLosses> => readLosses(directoriesFor("notes", machine.host), machine.ports);
const dataDirectory = (): string => directoriesFor("notes", machine.host).data;

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
