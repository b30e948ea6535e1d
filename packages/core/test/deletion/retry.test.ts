/** Later runs of a tool whose deletion request nobody has confirmed: what they do, and what they leave alone. */
import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { disable, enable } from "../../src/commands.ts";
import type { CollectorOptions } from "../../src/config/config.ts";
import { retryDeletionsHere } from "../../src/deletion/retry-run.ts";
import { acquireLock } from "../../src/uploader/uploader-lock.ts";
import { directoriesFor } from "../../src/platform/paths.ts";
import { type FakeProcess, workstation } from "../fake-ports.ts";
import { requestorOf, SENT } from "../mytool.ts";
import { answer } from "../options.ts";
import { administered, writePolicy } from "../policies.ts";
import { workstationPerTest } from "../workstation-per-test.ts";
import { HOUR_MS, putInUse, requestFiles, resetInVain, storedRequests, toolOn, UNREACHABLE } from "./stage.ts";

const machine = workstationPerTest(() => administered(workstation()));
beforeEach(() => putInUse(machine));

/** A run of the tool in a process of its own, from its first event to its end. */
async function run(options: Partial<CollectorOptions> = {}, prepare: (process: FakeProcess) => void = () => undefined): Promise<FakeProcess> {
  const process = administered(machine.startProcess());
  prepare(process);
  const collector = toolOn(process, options);
  collector.track("feature.used", "e1");
  await collector.close();
  return process;
}

const handovers = ({ host }: FakeProcess): unknown[] => [...host.spawned, ...host.awaited].map(({ env }) => JSON.parse(env["CANDOR_UPLOADER"] ?? "") as unknown);
const FOR_DELETIONS = expect.objectContaining({ purpose: "deletions", deletion: [UNREACHABLE] });

describe("a run with telemetry off, while a deletion request waits", () => {
  beforeEach(async () => {
    await resetInVain(machine);
    machine.clock.advance(HOUR_MS);
  });

  it.each<[string, Record<string, string>]>([
    ["the stored no", {}],
    ["DO_NOT_TRACK, which refuses tracking and not this", { DO_NOT_TRACK: "1" }],
    ["the tool's variable", { MYTOOL_TELEMETRY: "off" }],
    ["GTB's variable", { TELEMETRY_ENABLED: "false" }],
  ])("starts one uploader for it under %s, and collects nothing", async (_, variables) => {
    const process = await run({}, ({ host }) => Object.assign(host.environment, variables));
    expect(handovers(process)).toEqual([FOR_DELETIONS]);
    expect(process.disk.mutations.filter(({ path }) => path.includes("spool"))).toEqual([]);
  });

  it("waits for the uploader where it would die with the tool", async () => {
    const process = await run({ delivery: { by: "inline" } });
    expect([process.host.spawned, handovers(process)]).toEqual([[], [FOR_DELETIONS]]);
  });

  it.each<[string, (process: FakeProcess) => void, Partial<CollectorOptions>]>([
    ["continuous integration, whose request it is not", ({ host }) => (host.environment["CI"] = "true"), {}],
    ["continuous integration under DO_NOT_TRACK", ({ host }) => Object.assign(host.environment, { CI: "1", DO_NOT_TRACK: "1" }), {}],
    ["a policy that switches telemetry off", (process) => writePolicy(process, { version: 1, telemetry: "off" }), {}],
    ["a policy that keeps it local", (process) => writePolicy(process, { version: 1, telemetry: "local" }), {}],
    ["the author's own switch", () => undefined, { enabled: false }],
    ["a mistake in the configuration", ({ host }) => (host.environment["NODE_ENV"] = "production"), { version: "" }],
  ])("does nothing under %s, and keeps the request", async (_, prepare, options) => {
    const process = await run(options, prepare);
    expect(handovers(process)).toEqual([]);
    expect(requestFiles(machine)).toHaveLength(1);
  });

  it("starts nothing while the back-off lasts", async () => {
    machine.clock.advance(-HOUR_MS);
    expect(handovers(await run())).toEqual([]);
    // A clock that was set back must not hold it up for longer than a back-off can be.
    machine.clock.jump(-20 * 24 * HOUR_MS);
    expect(handovers(await run())).toEqual([FOR_DELETIONS]);
  });

  it("starts nothing while somebody is at it, nor too soon after", async () => {
    const lock = acquireLock({ state: "running", kind: "in-process", lifetimeMs: 1_000, minimumIntervalMs: 0 }, directoriesFor("mytool", machine.host), machine.ports);
    expect(handovers(await run())).toEqual([]);
    if (lock.status === "held") lock.lock.release();
    expect(handovers(await run())).toEqual([]);
    machine.clock.advance(10_000);
    expect(handovers(await run())).toEqual([FOR_DELETIONS]);
  });

  it("starts nothing after 30 days, and keeps the request for people to see", async () => {
    machine.clock.advance(29 * 24 * HOUR_MS);
    expect(handovers(await run())).toEqual([FOR_DELETIONS]);
    machine.clock.advance(24 * HOUR_MS);
    expect(handovers(await run())).toEqual([]);
    expect(requestFiles(machine)).toHaveLength(1);
  });

  it("starts nothing for a request that it cannot read", async () => {
    const [path = ""] = requestFiles(machine);
    const text = readFileSync(path, "utf8");
    machine.ports.fileSystem.writeFileSync(path, text.slice(0, text.length / 2));
    expect(handovers(await run())).toEqual([]);
    expect(requestFiles(machine)).toEqual([path]);
  });

  it("is as before when the disk or the process table refuses", async () => {
    const broken = await run({}, (process) => process.disk.fail({ call: "readdirSync", path: "deletions", code: "EIO", forever: true }));
    expect(handovers(broken)).toEqual([]);
    const full = await run({}, ({ host }) => (host.spawnDetached = () => { throw new Error("EAGAIN"); }));
    expect(handovers(full)).toEqual([]);
    machine.clock.advance(10_000);
    expect(handovers(await run())).toEqual([FOR_DELETIONS]);
  });

  it("does nothing at the end of a process that has just reset or disabled", async () => {
    for (const command of [disable, enable]) {
      const process = machine.startProcess();
      const collector = toolOn(process);
      expect(collector.enabled).toBe(false);
      await command(collector);
      await collector.close();
      expect(handovers(process)).toHaveLength(command === disable ? 0 : 1);
    }
  });
});

describe("a run with telemetry on, while a deletion request waits", () => {
  beforeEach(async () => {
    await resetInVain(machine);
    machine.clock.advance(HOUR_MS);
    await enable(toolOn(machine));
  });

  it("leaves it to the uploader that takes the events", async () => {
    const process = await run();
    expect(handovers(process)).toEqual([expect.objectContaining({ purpose: "events", deletion: [UNREACHABLE] })]);
    expect(process.disk.reads.filter(({ path }) => path.includes("deletions"))).toEqual([]);
  });
});

describe("a run that owes nobody a deletion", () => {
  it("does not look for requests where no answer is on record", async () => {
    machine.renew();
    // An author's run has looked at consent before, to check the backends.
    const process = await run({}, ({ host }) => (host.environment["NODE_ENV"] = "production"));
    expect([...process.disk.reads, ...process.disk.mutations].filter(({ path }) => path.includes("mytool/telemetry/"))).toEqual([expect.objectContaining({ path: expect.stringContaining("refused") })]);
  });

  it("looks once where the answer is no, and at nothing else", async () => {
    answer(machine, { enabled: false }, "mytool");
    const process = await run();
    expect(process.disk.reads.filter(({ path }) => path.includes("deletions"))).toHaveLength(1);
    expect(process.disk.mutations).toEqual([]);
    expect(handovers(process)).toEqual([]);
  });
});

describe("a requestor that only the tool's own process can ask", () => {
  it("is asked again before a later run ends, and no other process is started for it", async () => {
    const own = requestorOf({ status: "failed", reason: "busy" }, SENT);
    await resetInVain(machine, { deletion: own });
    machine.clock.advance(HOUR_MS);
    const process = await run({ deletion: own });
    expect(own.asked).toHaveLength(2);
    expect(own.subjects[1]).toEqual(own.subjects[0]);
    expect(handovers(process)).toEqual([]);
    expect(requestFiles(machine)).toEqual([]);
  });

  it("is not asked after 30 days, whoever comes by", async () => {
    const own = requestorOf({ status: "failed", reason: "busy" }, SENT);
    await resetInVain(machine, { deletion: own });
    machine.clock.advance(31 * 24 * HOUR_MS);
    await retryDeletionsHere(toolOn(machine, { deletion: own }).installation);
    expect(own.asked).toHaveLength(1);
  });

  it("is asked in a run with telemetry on, too", async () => {
    const own = requestorOf({ status: "failed", reason: "busy" }, SENT);
    await resetInVain(machine, { deletion: own });
    machine.clock.advance(HOUR_MS);
    await enable(toolOn(machine));
    await run({ deletion: own });
    expect(own.asked).toHaveLength(2);
  });

  it("does not take the others' turn: they have their uploader", async () => {
    const own = requestorOf({ status: "failed", reason: "busy" }, SENT);
    await resetInVain(machine, { deletion: [own, UNREACHABLE] });
    machine.clock.advance(HOUR_MS);
    const process = await run({ deletion: [own, UNREACHABLE] });
    expect(own.asked).toHaveLength(2);
    expect(storedRequests(machine)).toEqual([expect.objectContaining({ outstanding: [expect.objectContaining({ askedBy: "uploader", failures: 1 })] })]);
    // The minimum interval between two uploads holds for this one as well.
    expect(handovers(process)).toEqual([]);
    machine.clock.advance(10_000);
    expect(handovers(await run({ deletion: [own, UNREACHABLE] }))).toEqual([FOR_DELETIONS]);
  });

  it("asks for everybody where no other process can be started", async () => {
    await resetInVain(machine);
    machine.clock.advance(HOUR_MS);
    await run({}, ({ host }) => (host.executable = "/usr/bin/mytool"));
    expect(storedRequests(machine)).toEqual([expect.objectContaining({ outstanding: [expect.objectContaining({ failures: 2 })] })]);
  });

  it.each([
    { status: "user-action", instructions: "Write to us." },
    { status: "impossible", reason: "it has no such thing" },
  ] as const)("may answer for good when nobody reads it ($status); that is kept for status, and not asked again", async (outcome) => {
    const own = requestorOf({ status: "failed", reason: "busy" }, outcome);
    await resetInVain(machine, { deletion: own });
    machine.clock.advance(HOUR_MS);
    await run({ deletion: own });
    machine.clock.advance(HOUR_MS);
    await run({ deletion: own });
    expect(own.asked).toHaveLength(2);
    expect(storedRequests(machine)).toEqual([expect.objectContaining({ outstanding: [expect.objectContaining({ verdict: expect.objectContaining({ status: outcome.status }) })] })]);
  });
});
