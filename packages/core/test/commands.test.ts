import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { Backend, DeletionOutcome, DeletionRequestor } from "@candor/backend";
import { type Intake, spyBackend, startIntake } from "@candor/testing";
import type { Collector } from "../src/collector.ts";
import { disable, enable, reset, status } from "../src/commands.ts";
import type { CollectorOptions } from "../src/config.ts";
import { readConsent } from "../src/consent-store.ts";
import { machineFingerprint, realMachineSystem } from "../src/machine-id.ts";
import { directoriesFor } from "../src/paths.ts";
import { createSpool } from "../src/spool.ts";
import { acquireLock, readLock } from "../src/uploader-lock.ts";
import { type Workstation, workstation } from "./fake-ports.ts";
import { addBatch, BOUNDS, namedEvents, stored } from "./fixtures.ts";
import { answer, closeAll, collectorOn, CONSENT_ID, writeRefusal } from "./options.ts";
import { vectorsOf } from "./vectors.ts";

const MACHINE_ID = "4a3f8c1d9e2b6f70";
const HTTP = { use: "http", endpoint: "https://h/e" } as const;

let machine: Workstation;
const intakes: Intake[] = [];
beforeEach(() => {
  machine = workstation();
});
afterEach(async () => {
  await closeAll();
  await Promise.all(intakes.splice(0).map((intake) => intake.close()));
  machine.dispose();
});

function tool(options: Partial<CollectorOptions> = {}): Collector {
  return collectorOn(machine, { tool: "mytool", backend: HTTP, ...options });
}

const directories = (): ReturnType<typeof directoriesFor> => directoriesFor("mytool", machine.host);
const spool = (consentId = CONSENT_ID): ReturnType<typeof createSpool> => createSpool(consentId, directories(), BOUNDS, machine.ports);
const consented = (record: Readonly<Record<string, unknown>> = {}): void => answer(machine, record, "mytool");

/** The id of this installation as an earlier run stored it. */
function storeIdentity(earlier: readonly string[] = [], machineId = MACHINE_ID): void {
  mkdirSync(directories().data, { recursive: true, mode: 0o700 });
  const record = { machineId, earlier, provider: "candor", fingerprint: machineFingerprint(realMachineSystem()), random: false };
  writeFileSync(directories().identityFile, JSON.stringify(record), { mode: 0o600 });
}

function requestorOf(outcome: DeletionOutcome | Error): DeletionRequestor & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    name: "spy",
    asked,
    requestDeletion({ machineId }) {
      asked.push(machineId);
      return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
    },
  };
}

const SENT: DeletionOutcome = { status: "sent", destination: "spy" };

describe("GTB's words", () => {
  interface Input {
    readonly cmd: "enable" | "disable" | "status" | "reset";
    readonly force_enabled?: boolean;
    readonly enabled?: boolean;
    readonly local_only?: boolean;
    readonly backend?: string;
  }

  /** candor says once that telemetry is disabled: the last line says it already. */
  const saidOnce: Readonly<Record<string, string>> = { "gtb.cmd_output#7": "Telemetry disabled." };

  it.each(vectorsOf<Input, readonly string[]>("gtb.cmd_output"))("$id", async ({ id, input, expected }) => {
    storeIdentity();
    if (input.cmd !== "status" || input.enabled) consented({ localOnly: input.local_only === true });
    const collector = tool({ deletion: requestorOf(SENT), ...(input.force_enabled ? { consent: { model: "enforced" } } : {}) });
    const report = await { enable, disable, status, reset }[input.cmd](collector);
    const lines = input.cmd === "status" ? report.lines.slice(0, 3) : report.lines;
    const localLog = `file (${directories().localLog})`;
    expect(lines).toEqual(expected.filter((line) => line !== saidOnce[id]).map((line) => line.replace("file (/home/u/.mytool/telemetry.log)", localLog)));
    expect(report.exitCode).toBe(0);
  });
});

describe("which backend is in use", () => {
  interface Input {
    readonly data_dir: string;
    readonly disabled?: boolean;
    readonly custom?: "valid" | "invalid" | null;
    readonly local_only?: boolean;
    readonly otel?: string;
    readonly http?: string;
  }
  const LOG = "file (/home/u/.mytool/telemetry.log)";
  /** Where candor answers otherwise, and why. */
  const ours: Readonly<Record<string, string>> = {
    // The user's local-only choice is above the author's own backend.
    "gtb.backend_selection#2": LOG,
    // An author's mistake is an error in development and this in a user's hands.
    "gtb.backend_selection#3": "noop (misconfigured)",
    "gtb.backend_selection#6": "noop (misconfigured)",
  };

  it.each(vectorsOf<Input, { info: string }>("gtb.backend_selection"))("$id", ({ id, input, expected }) => {
    machine.host.environment["NODE_ENV"] = "production";
    if (!input.disabled) consented({ localOnly: input.local_only === true });
    const custom = input.custom === "valid" ? spyBackend() : input.custom === "invalid" ? ({ send: 1 } as unknown as Backend) : undefined;
    const choice = input.otel ? { use: "otlp", endpoint: input.otel } : { use: "http", endpoint: input.http ?? "" };
    const collector = tool({ directories: { data: input.data_dir }, backend: custom ?? choice, backends: { otlp: () => Promise.resolve({}) } });
    expect(collector.backendInfo()).toBe(ours[id] ?? expected.info);
  });

  it("is told without credentials", () => {
    consented();
    expect(tool({ backend: { use: "http", endpoint: "https://h.example/e?key=hunter2#x" } }).backendInfo()).toBe("http (https://h.example/e)");
  });
});

describe("enable", () => {
  it("records a yes with an id, so that nothing from before it is ever sent", async () => {
    const collector = tool();
    expect(enable(collector)).toMatchObject({ exitCode: 0, data: { stored: true, enabled: true, source: "stored-choice" } });
    expect(readConsent(directories(), machine.ports)).toMatchObject({ status: "answered", answer: { enabled: true, givenBy: "command" } });
  });

  it("takes back a no", () => {
    writeRefusal(machine);
    consented({ enabled: false });
    expect(enable(tool()).data).toMatchObject({ enabled: true });
  });

  it.each([
    ["DO_NOT_TRACK", () => (machine.host.environment["DO_NOT_TRACK"] = "1"), "do-not-track"],
    ["the tool's variable", () => (machine.host.environment["MYTOOL_TELEMETRY"] = "off"), "tool-variable"],
    ["the project", () => writeFileSync(join(machine.host.cwd, ".candor.json"), '{"telemetry":"off"}'), "project"],
  ])("says that %s holds it, and stores the choice all the same", (_, refuse, source) => {
    refuse();
    const report = enable(tool());
    expect(report).toMatchObject({ exitCode: 0, data: { stored: true, enabled: false, source } });
    expect(report.lines.join()).toContain("stays off for now");
    expect(report.lines.join()).not.toContain("Thank you");
    expect(readConsent(directories(), machine.ports)).toMatchObject({ answer: { enabled: true } });
  });

  it.each(["EROFS", "ENOSPC", "EACCES"])("says that it could not be stored: %s", (code) => {
    machine.disk.fail({ code, forever: true });
    const report = enable(tool());
    expect(report).toMatchObject({ exitCode: 1, data: { stored: false } });
    expect(report.lines).toEqual([expect.stringContaining(`failed to persist telemetry setting`)]);
    expect(report.lines[0]).toContain(code);
  });

  it("says that it could not be stored when the old no cannot be removed", () => {
    mkdirSync(directories().data, { recursive: true, mode: 0o700 });
    writeFileSync(directories().refusalFile, "");
    machine.disk.fail({ call: "rmSync", path: "refused", code: "EPERM", forever: true });
    expect(enable(tool())).toMatchObject({ exitCode: 1, data: { stored: false } });
    expect(tool().installation.consent().enabled).toBe(false);
  });
});

describe("disable", () => {
  it("records a no and leaves no event anywhere", async () => {
    consented();
    addBatch(spool(), namedEvents(2));
    addBatch(spool("unrecorded"), namedEvents(2));
    const collector = tool();
    collector.track("feature.used", "e9");
    expect(await disable(collector)).toMatchObject({ exitCode: 0, lines: ["Telemetry disabled.", "All pending events have been discarded."], data: { stored: true, enabled: false, discarded: true, problems: [] } });
    expect([...stored(spool()), ...stored(spool("unrecorded"))]).toEqual([]);
    expect(readConsent(directories(), machine.ports)).toMatchObject({ answer: { enabled: false } });
    collector.track("feature.used", "e10");
    await collector.close();
    expect(stored(spool())).toEqual([]);
    expect(machine.host.spawned).toEqual([]);
  });

  it("leaves nothing but the two records of the no where telemetry never was", async () => {
    expect((await disable(tool())).exitCode).toBe(0);
    expect(existsSync(directories().refusalFile)).toBe(true);
    expect(existsSync(directories().identityFile)).toBe(false);
    expect(existsSync(directories().spool)).toBe(false);
  });

  it("says that the choice could not be stored and discards events all the same", async () => {
    consented();
    addBatch(spool(), namedEvents(2));
    machine.disk.fail({ path: /telemetry\.json|refused/, code: "EROFS", forever: true });
    const report = await disable(tool());
    expect(report).toMatchObject({ exitCode: 1, data: { stored: false, enabled: true } });
    expect(report.lines).toEqual(expect.arrayContaining([expect.stringContaining("could not be stored")]));
    expect(report.lines).not.toContain("Telemetry disabled.");
    expect(stored(spool())).toEqual([]);
  });

  it("says that events could not be discarded", async () => {
    consented();
    addBatch(spool(), namedEvents(2));
    machine.disk.fail({ call: "rmSync", path: "spool", code: "EPERM", forever: true });
    const report = await disable(tool());
    expect(report).toMatchObject({ exitCode: 1, data: { stored: true, discarded: false } });
    expect(report.lines).not.toContain("All pending events have been discarded.");
  });

  it("says that a variable still keeps it on", async () => {
    consented();
    machine.host.environment["TELEMETRY_ENABLED"] = "true";
    const report = await disable(tool());
    expect(report.exitCode).toBe(1);
    expect(report.lines.join()).toContain("still on");
    expect(report.data).toMatchObject({ enabled: true });
  });

  describe("while another process uploads", () => {
    function otherUploads(kind: "detached" | "in-process"): { readonly id: number; readonly isStopped: () => boolean; readonly release: () => void } {
      const other = machine.startProcess();
      const outcome = acquireLock({ state: "running", kind, lifetimeMs: 30_000, minimumIntervalMs: 0 }, directories(), other.ports);
      if (outcome.status !== "held") throw new Error(outcome.status);
      return { id: other.host.id, isStopped: () => !outcome.lock.isHighest(), release: outcome.lock.release };
    }

    it("waits until it has stopped", async () => {
      consented();
      const uploader = otherUploads("in-process");
      const done = disable(tool());
      expect(uploader.isStopped()).toBe(true);
      uploader.release();
      expect((await done).exitCode).toBe(0);
      expect(machine.host.killed).toEqual([]);
    });

    it("ends an uploader that does not stop, and says what may still arrive", async () => {
      consented();
      const uploader = otherUploads("detached");
      const report = await disable(tool());
      expect(machine.host.killed).toEqual([uploader.id]);
      expect(report.exitCode).toBe(1);
      expect(report.lines.join()).toContain("may still arrive");
      expect(stored(spool())).toEqual([]);
    });

    it("does not kill the tool itself, and says that it is still sending", async () => {
      consented();
      const uploader = otherUploads("in-process");
      const report = await disable(tool());
      expect(machine.host.killed).toEqual([]);
      expect(report.exitCode).toBe(1);
      expect(report.lines.join()).toContain(String(uploader.id));
    });

    it.each(["ENOSPC", "EROFS", "EACCES"])("does not claim that it has stopped when the lock cannot be taken from it: %s", async (code) => {
      consented();
      const uploader = otherUploads("detached");
      machine.disk.fail({ path: /uploader/, code, forever: true });
      const report = await disable(tool());
      expect(report.exitCode === 1 || machine.host.killed.includes(uploader.id)).toBe(true);
    });

    it("is not kept by a lock that its own crash left behind", async () => {
      consented();
      otherUploads("detached");
      const doomed = machine.startProcess();
      doomed.disk.fail({ call: "rmSync", code: "EIO", forever: true });
      await disable(collectorOn(doomed, { tool: "mytool", backend: HTTP }));
      expect((await disable(tool())).exitCode).toBe(0);
    });
  });

  it("lets the next upload begin after it", async () => {
    consented();
    addBatch(spool(), namedEvents(1));
    await disable(tool());
    const outcome = acquireLock({ state: "running", kind: "in-process", lifetimeMs: 1, minimumIntervalMs: 0 }, directories(), machine.ports);
    expect(outcome.status).toBe("held");
    expect(readLock(1, directories(), machine.ports)).toBeUndefined();
  });
});

describe("status", () => {
  it("changes nothing", () => {
    consented();
    status(tool());
    expect(machine.disk.mutations).toEqual([]);
  });

  it("tells what is pending, lost and refused, as data too", () => {
    consented();
    storeIdentity();
    addBatch(spool(), namedEvents(3));
    writeFileSync(directories().lossesFile, '{"reason":"evicted","count":7}\n');
    const { lines, data } = status(tool());
    expect(lines).toEqual(expect.arrayContaining([expect.stringMatching(/^Pending: 3 events/), "Lost: 7 events (7 evicted)", `Data: ${directories().data}`]));
    expect(JSON.parse(JSON.stringify(data))).toMatchObject({ enabled: true, localOnly: false, source: "stored-choice", machineId: MACHINE_ID, pending: { events: 3, batches: 1 }, lost: { evicted: 7 }, problems: [] });
  });

  it.each(["{", "[]", '{"x":5}', '{"x":null}'])("survives a destination journal that holds %j", (text) => {
    consented();
    mkdirSync(directories().uploader, { recursive: true, mode: 0o700 });
    writeFileSync(directories().destinationsFile, text);
    expect(status(tool()).exitCode).toBe(0);
  });

  it("survives times in the journal that no calendar has", async () => {
    consented();
    const collector = tool({ backend: spyBackend({ results: [{ status: "blocked", reason: "401" }] }) });
    collector.track("feature.used", "e1");
    await collector.flush();
    const journal = JSON.parse(readFileSync(directories().destinationsFile, "utf8")) as Record<string, Record<string, unknown>>;
    for (const record of Object.values(journal)) record["nextAttemptAt"] = 1e300;
    writeFileSync(directories().destinationsFile, JSON.stringify(journal));
    expect(() => status(collector)).not.toThrow();
  });

  it("says why events cannot be kept", () => {
    consented();
    mkdirSync(directories().data, { recursive: true, mode: 0o700 });
    machine.host.user = 12_345;
    expect(status(tool()).lines.join("\n")).toContain("another user");
  });

  it("names the mistake of a tool that is misconfigured", () => {
    machine.host.environment["NODE_ENV"] = "production";
    consented();
    const { lines } = status(tool({ backend: { use: "http", endpoint: "nowhere" } }));
    expect(lines.join("\n")).toMatch(/Misconfigured: backend\.endpoint/);
    expect(lines.join("\n")).toContain(directories().data);
  });
});

describe("reset", () => {
  beforeEach(() => {
    consented();
    storeIdentity();
    addBatch(spool(), namedEvents(2));
  });

  it.each<[DeletionOutcome, number, string]>([
    [SENT, 0, `Deletion request sent for machine ID: ${MACHINE_ID}`],
    [{ status: "failed", reason: "the server answered 500" }, 1, "Deletion request could not be sent: the server answered 500"],
    [{ status: "impossible", reason: "it has no such thing" }, 0, "No deletion request was sent: it has no such thing."],
    [{ status: "user-action", instructions: "Write an e-mail." }, 0, "Write an e-mail."],
  ])("tells the truth about a request that is %j", async (outcome, exitCode, line) => {
    const requestor = requestorOf(outcome);
    const report = await reset(tool({ deletion: requestor, supportMessage: "ask support" }));
    expect(report).toMatchObject({ exitCode, data: { deletion: outcome, machineId: MACHINE_ID, cleared: true } });
    expect(report.lines[0]).toBe(line);
    expect(report.lines.some((each) => each.includes("ask support"))).toBe(outcome.status === "failed");
    expect(report.lines.at(-1)).toBe("Local telemetry data cleared. Telemetry disabled.");
    expect(requestor.asked).toEqual([MACHINE_ID]);
    expect(stored(spool())).toEqual([]);
    expect(readConsent(directories(), machine.ports)).toMatchObject({ answer: { enabled: false } });
  });

  it("makes a failure of a requestor that throws", async () => {
    const report = await reset(tool({ deletion: requestorOf(new Error("oops")) }));
    expect(report).toMatchObject({ exitCode: 1, data: { deletion: { status: "failed", reason: "oops" } } });
  });

  it("asks for every id this installation ever had", async () => {
    storeIdentity(["older", "old"]);
    const requestor = requestorOf(SENT);
    await reset(tool({ deletion: requestor }));
    expect([...requestor.asked].sort()).toEqual([MACHINE_ID, "old", "older"].sort());
  });

  it.each<[string, () => void]>([
    ["local-only mode", () => undefined],
    ["local-only mode that a stronger no holds", () => (machine.host.environment["DO_NOT_TRACK"] = "1")],
    ["local-only mode in continuous integration", () => (machine.host.environment["CI"] = "1")],
  ])("never sends the id of %s", async (_, hold) => {
    consented({ localOnly: true });
    hold();
    const requestor = requestorOf(SENT);
    expect((await reset(tool({ deletion: requestor }))).data).toMatchObject({ deletion: { status: "impossible" } });
    expect(requestor.asked).toEqual([]);
  });

  it("asks nobody when telemetry was never on", async () => {
    machine.dispose();
    machine = workstation();
    const requestor = requestorOf(SENT);
    const report = await reset(tool({ deletion: requestor }));
    expect(report.data).toMatchObject({ deletion: { status: "impossible" } });
    expect(requestor.asked).toEqual([]);
  });

  it("deletes the local log and its older files", async () => {
    for (const path of [directories().localLog, `${directories().localLog}.1`]) writeFileSync(path, "{}\n");
    await reset(tool({ deletion: requestorOf(SENT) }));
    expect([directories().localLog, `${directories().localLog}.1`].filter((path) => existsSync(path))).toEqual([]);
  });

  it("says so when local data could not be cleared", async () => {
    writeFileSync(directories().localLog, "{}\n");
    machine.disk.fail({ call: "rmSync", path: "telemetry.log", code: "EPERM", forever: true });
    const report = await reset(tool({ deletion: requestorOf(SENT) }));
    expect(report).toMatchObject({ exitCode: 1, data: { cleared: false } });
    expect(report.lines.join()).not.toContain("cleared.");
  });

  it("stays on where it is enforced, and says nothing else", async () => {
    const report = await reset(tool({ deletion: requestorOf(SENT), consent: { model: "enforced" } }));
    expect(report.lines.join()).not.toContain("Telemetry disabled");
    expect(report.data).toMatchObject({ enabled: true });
  });

  it.each(vectorsOf<{ requestor?: string; otel?: string; http?: string; custom_backend?: boolean }>("gtb.deletion_requestor"))("$id goes through what is in use, and says when that is nothing", async ({ input }) => {
    const requestor = requestorOf(SENT);
    const backend = spyBackend({ name: "active" });
    const options: Partial<CollectorOptions> = input.otel
      ? { backend: { use: "otlp", endpoint: input.otel }, backends: { otlp: () => Promise.resolve({ default: () => backend }) } }
      : { backend: input.custom_backend ? backend : [] };
    const { data } = await reset(tool({ ...options, ...(input.requestor ? { deletion: requestor } : {}) }));
    if (input.requestor) {
      expect(requestor.asked).toEqual([MACHINE_ID]);
      expect(backend.events).toEqual([]);
    } else if (input.otel || input.custom_backend) {
      expect(data["deletion"]).toMatchObject({ status: "sent", destination: expect.stringContaining("active") });
      expect(backend.events).toEqual([expect.objectContaining({ type: "data.deletion_request", machineId: MACHINE_ID, toolName: "mytool" })]);
    } else {
      expect(data["deletion"]).toMatchObject({ status: "impossible" });
    }
  });

  it.each([200, 500])("tells the truth over HTTP too: %i", async (httpStatus) => {
    const intake = await startIntake({ reply: { action: "answer", status: httpStatus } });
    intakes.push(intake);
    const report = await reset(tool({ deletion: { use: "http", endpoint: intake.url } }));
    expect(report.exitCode).toBe(httpStatus === 200 ? 0 : 1);
    expect(intake.requests).toHaveLength(1);
  });
});
