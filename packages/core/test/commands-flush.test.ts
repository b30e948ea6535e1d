import { describe, expect, it } from "@jest/globals";
import { spyBackend, type SpyBackend } from "@candor/testing";
import type { Collector } from "../src/collector/collector.ts";
import { flush, inspect, status } from "../src/commands.ts";
import type { CollectorOptions } from "../src/config/config.ts";
import { directoriesFor } from "../src/platform/paths.ts";
import { createSegment } from "../src/spool/segment.ts";
import type { Spool } from "../src/spool/spool.ts";
import { acquireLock } from "../src/uploader/uploader-lock.ts";
import type { FakeProcess } from "./fake-ports.ts";
import { addBatch, append, backendOf, lasting, namedEvents, names, spoolOn } from "./fixtures.ts";
import { answer, collectorOn, CONSENT_ID, spoolAsFound, trackNamed } from "./options.ts";
import { documentOf } from "./reports.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();

const spool = (consentId?: string, process: FakeProcess = machine): Spool => spoolAsFound(process, consentId);
const tool = (spy: SpyBackend, options: Partial<CollectorOptions> = {}): Collector => collectorOn(machine, { backend: lasting(spy), ...options });
const waiting = (collector: Collector): number => (documentOf(inspect(collector)) as { count: number }).count;

describe("flush under a no", () => {
  it("sends nothing, says why, and ends with 1 because something is left", async () => {
    answer(machine);
    addBatch(spool(), namedEvents(2));
    machine.host.environment["DO_NOT_TRACK"] = "1";
    const spy = spyBackend();
    const report = await flush(tool(spy));
    expect(report).toMatchObject({ exitCode: 1, lines: ["Nothing was sent: telemetry is off: DO_NOT_TRACK is set.", "2 events left."], data: { delivered: false, before: 2, left: 2 } });
    expect(spy.batches).toEqual([]);
  });

  it("ends with 0 where nothing waits, and leaves no trace", async () => {
    const spy = spyBackend();
    expect(await flush(tool(spy))).toMatchObject({ exitCode: 0, lines: [expect.stringMatching(/^Nothing was sent: telemetry is off/)] });
    expect(machine.disk.mutations).toEqual([]);
  });

  it.each<[string, Partial<CollectorOptions>, RegExp]>([
    ["the author's switch", { enabled: false }, /author has switched telemetry off/],
    ["a tool without a destination", { backend: [] }, /no destination is configured/],
  ])("sends nothing under %s", async (_, options, said) => {
    answer(machine);
    addBatch(spool(), namedEvents(1));
    expect(await flush(tool(spyBackend(), options))).toMatchObject({ exitCode: 1, lines: [expect.stringMatching(said), "1 event left."] });
  });

  it("sends nothing for a tool that is misconfigured", async () => {
    machine.host.environment["NODE_ENV"] = "production";
    answer(machine);
    expect((await flush(collectorOn(machine, { backend: { use: "http", endpoint: "nowhere" } }))).lines).toEqual([expect.stringMatching(/^Nothing was sent: telemetry is misconfigured: backend\.endpoint/)]);
  });

  it("says so when the no comes while it sends", async () => {
    answer(machine);
    const withdrawing = backendOf(() => {
      answer(machine, { enabled: false });
      return Promise.resolve({ status: "retry", reason: "503" });
    });
    const collector = collectorOn(machine, { backend: withdrawing });
    trackNamed(collector, 1);
    expect(await flush(collector)).toMatchObject({ exitCode: 1, lines: ["Nothing is left: telemetry was switched off meanwhile."], data: { delivered: false } });
  });
});

describe("flush", () => {
  it("sends everything and ends with 0", async () => {
    answer(machine);
    addBatch(spool(), namedEvents(3));
    const spy = spyBackend();
    expect(await flush(tool(spy))).toEqual({ exitCode: 0, lines: ["3 events sent; nothing is left."], data: { delivered: true, before: 3, left: 0, refused: 0, destinations: [] } });
    expect(names(spy.acknowledged)).toEqual(["e1", "e2", "e3"]);
  });

  it("says that nothing waited", async () => {
    answer(machine);
    expect(await flush(tool(spyBackend()))).toMatchObject({ exitCode: 0, lines: ["Nothing was waiting to be sent."] });
  });

  it("says what is left, where, why, and when it is tried again, and ends with 1", async () => {
    answer(machine);
    addBatch(spool(), namedEvents(2));
    const bad = spyBackend({ name: "bad", results: [{ status: "blocked", reason: "the server answered 401" }] });
    const report = await flush(collectorOn(machine, { backend: [lasting(spyBackend({ name: "good" })), lasting(bad)] }));
    expect(report).toMatchObject({
      exitCode: 1,
      lines: ["Nothing was sent: the server answered 401. 2 events left.", expect.stringMatching(/^ {2}bad \(memory\): 2 left, next attempt 2026-01-02T/)],
      data: { delivered: false, left: 2, reason: "the server answered 401", destinations: [{ destination: "bad (memory)", events: 2, nextAttemptAt: expect.any(String) }] },
    });
    expect(status(collectorOn(machine, { backend: lasting(bad) })).lines).toContainEqual(expect.stringMatching(/^ {2}Next attempt: 2026-01-02T/));
  });

  it("does not wait for a back-off to end", async () => {
    answer(machine);
    addBatch(spool(), namedEvents(1));
    const spy = spyBackend({ results: [{ status: "blocked", reason: "401" }] });
    const collector = tool(spy);
    await flush(collector);
    expect(await flush(collector)).toMatchObject({ exitCode: 0, data: { delivered: true } });
  });

  it("counts what was refused for good, and says where to look", async () => {
    answer(machine);
    addBatch(spool(), namedEvents(1));
    expect(await flush(tool(spyBackend({ results: [{ status: "rejected", reason: "400" }] })))).toMatchObject({
      exitCode: 0,
      lines: ["1 event sent; nothing is left.", "1 was refused for good; `notes telemetry inspect --sent` says why."],
    });
  });

  it("says who is in the way", async () => {
    answer(machine);
    addBatch(spool(), namedEvents(1));
    const other = machine.startProcess();
    spoolOn(other);
    acquireLock({ state: "running", kind: "detached", lifetimeMs: 120_000, minimumIntervalMs: 0 }, directoriesFor("notes", other.host), other.ports);
    expect(await flush(tool(spyBackend()))).toMatchObject({ exitCode: 1, lines: ["Nothing was sent: another process of the tool is uploading. 1 event left.", expect.stringContaining("next attempt with the next command")] });
  });

  it("leaves alone what another process is still writing, and says so", async () => {
    answer(machine);
    append(createSegment(spool(CONSENT_ID, machine.startProcess())), 2);
    expect(await flush(tool(spyBackend()))).toMatchObject({ exitCode: 1, lines: ["Nothing was sent: another process of the tool is still writing. 2 events left.", expect.any(String)] });
  });

  it("sends what a dead process left half-way", async () => {
    answer(machine);
    const dead = machine.startProcess();
    append(createSegment(spool(CONSENT_ID, dead)), 2);
    machine.host.living.delete(dead.host.id);
    expect(await flush(tool(spyBackend()))).toMatchObject({ exitCode: 0, lines: ["2 events sent; nothing is left."] });
  });

  it("sends nothing of another consent", async () => {
    answer(machine);
    addBatch(spool(`${CONSENT_ID}-local`), namedEvents(1));
    addBatch(spool("99999999"), namedEvents(1, 2));
    const spy = spyBackend();
    expect(await flush(tool(spy))).toMatchObject({ exitCode: 0, lines: ["Nothing was waiting to be sent."] });
    expect(spy.batches).toEqual([]);
  });

  it("tells a person who watches how much is left, and nobody else", async () => {
    answer(machine);
    addBatch(spool(), namedEvents(2));
    const told: string[] = [];
    await flush(tool(spyBackend()), { progress: (line) => void told.push(line) });
    expect(told[0]).toBe("Sending: 2 events left.");
    await flush(tool(spyBackend()), { progress: (line) => void told.push(line) });
    expect(told.filter((line) => line.startsWith("Sending: 0") || line === "")).toEqual([]);
  });
});

describe("the other commands", () => {
  it("send nothing, also in a tool whose own process delivers", async () => {
    answer(machine);
    addBatch(spool(), namedEvents(1));
    const spy = spyBackend();
    const collector = tool(spy);
    expect(collector.enabled).toBe(true);
    status(collector);
    expect(waiting(collector)).toBe(1);
    for (const listener of process.listeners("beforeExit")) (listener as () => void)();
    await collector.close();
    // Had it begun, it would hold the lock, or have sent.
    const asked = collectorOn(machine.startProcess(), { backend: lasting(spyBackend()) });
    expect(await asked.flush()).toEqual({ status: "delivered" });
    expect(spy.batches).toEqual([]);
  });
});
