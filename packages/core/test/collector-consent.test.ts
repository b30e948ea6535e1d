import { beforeEach, describe, expect, it } from "@jest/globals";
import { spyBackend } from "@candor/testing";
import { HANDOVER_VARIABLE } from "../src/uploader/handover.ts";
import type { Spool } from "../src/spool/spool.ts";
import { BOUNDS, filesIn, pending, spoolOn, stored } from "./fixtures.ts";
import { answer, collectorOn, HTTP, spoolAsFound, trackNamed, writeConsent } from "./options.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();

const spool = (): Spool => spoolAsFound(machine);

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
