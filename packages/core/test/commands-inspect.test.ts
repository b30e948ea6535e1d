import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { eventToJson } from "@candor/backend";
import { sampleEvent, spyBackend } from "@candor/testing";
import type { Collector } from "../src/collector/collector.ts";
import { flush, inspect } from "../src/commands.ts";
import type { CollectorOptions } from "../src/config/config.ts";
import { directoriesFor } from "../src/platform/paths.ts";
import { createClaims } from "../src/spool/claim.ts";
import type { Spool } from "../src/spool/spool.ts";
import { recordLosses } from "../src/spool/losses.ts";
import type { FakeProcess } from "./fake-ports.ts";
import { addBatch, filesIn, lasting, namedEvents } from "./fixtures.ts";
import { answer, collectorOn, CONSENT_ID, HTTP, spoolAsFound, trackNamed } from "./options.ts";
import { collect, documentOf } from "./reports.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();

interface Shown {
  readonly enabled: boolean;
  readonly localOnly: boolean;
  readonly reason: string;
  readonly destinations: readonly { destination: string; droppedEvents: number }[];
  readonly waiting: readonly { standing: string; consentId: string; lacks: readonly string[]; event: Record<string, unknown> }[];
  readonly count: number;
  readonly damaged: number;
  readonly problems: readonly string[];
}

const tool = (options: Partial<CollectorOptions> = {}): Collector => collectorOn(machine, { backend: HTTP, ...options });
const directories = (): ReturnType<typeof directoriesFor> => directoriesFor("notes", machine.host);
const spool = (consentId?: string, process: FakeProcess = machine): Spool => spoolAsFound(process, consentId);
const shown = (collector = tool()): Shown => documentOf(inspect(collector)) as Shown;
const names = ({ waiting }: Shown): unknown[] => waiting.map(({ event }) => event["name"]);
const text = (collector = tool()): string => collect(inspect(collector), "text").text;

function ownData(): void {
  mkdirSync(directories().data, { recursive: true, mode: 0o700 });
}

describe("inspect in trouble", () => {
  it("reads nothing in a directory of somebody else, says so, and ends with 1", () => {
    answer(machine);
    addBatch(spool(), namedEvents(1));
    machine.host.user = 12_345;
    const report = inspect(tool());
    expect(documentOf(report)).toMatchObject({ count: 0, problems: [expect.stringContaining("belongs to another user")] });
    expect(collect(report, "text")).toMatchObject({ exitCode: 1, text: expect.stringContaining("Not shown: ") });
  });

  it("follows no link to the data directory", () => {
    answer(machine);
    mkdirSync(join(directories().data, ".."), { recursive: true, mode: 0o700 });
    mkdirSync(`${machine.home.path}/elsewhere/spool/v1/${CONSENT_ID}/pending`, { recursive: true, mode: 0o700 });
    symlinkSync(`${machine.home.path}/elsewhere`, directories().data);
    expect(shown()).toMatchObject({ count: 0, problems: [expect.stringContaining("symbolic link")] });
  });

  it("shows what it can of a damaged spool, counts the rest, and ends with 1 only for what it could not read", () => {
    answer(machine);
    const name = addBatch(spool(), namedEvents(2));
    writeFileSync(join(spool().pending, name), "{torn");
    addBatch(spool(), namedEvents(1, 3));
    expect(shown()).toMatchObject({ count: 1, damaged: 2, problems: [] });
    expect(collect(inspect(tool())).exitCode).toBe(0);
    machine.disk.fail({ call: "readFileSync", path: name, code: "EIO", forever: true });
    expect(shown()).toMatchObject({ count: 1, problems: [expect.stringContaining("(EIO)")] });
    expect(collect(inspect(tool()), "jsonl").exitCode).toBe(1);
  });

  it("works where nothing can be written", () => {
    answer(machine);
    addBatch(spool(), namedEvents(2));
    ownData();
    chmodSync(directories().data, 0o500);
    machine.disk.makeReadOnly();
    expect(names(shown())).toEqual(["e1", "e2"]);
    expect(collect(inspect(tool(), { sent: true })).exitCode).toBe(0);
    expect(collect(inspect(tool(), { preview: true })).exitCode).toBe(0);
    chmodSync(directories().data, 0o700);
  });

  it("refuses to show two things at once", () => {
    for (const form of ["text", "json", "jsonl"] as const) {
      const { text: said, exitCode } = collect(inspect(tool(), { sent: true, preview: true }), form);
      expect([exitCode, said]).toEqual([1, expect.stringContaining("one of --sent and --preview")]);
    }
  });

  it("lets nothing through that a terminal would obey", () => {
    answer(machine);
    addBatch(spool(), [sampleEvent({ name: "\u001b[2J\u009b2J\u202e", args: ["\u0007"] })]);
    // oxlint-disable-next-line no-control-regex -- control characters are exactly what is looked for
    expect(text()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(shown().waiting[0]?.event["name"]).toBe("\u001b[2J\u009b2J\u202e");
  });

  it("survives a tool that is misconfigured, and says that nothing is sent", () => {
    machine.host.environment["NODE_ENV"] = "production";
    answer(machine);
    addBatch(spool(), namedEvents(1));
    expect(shown(tool({ backend: { use: "http", endpoint: "nowhere" } }))).toMatchObject({ enabled: false, reason: expect.stringContaining("backend.endpoint"), count: 1 });
  });
});

describe("inspect", () => {
  it("changes nothing, in any form", () => {
    answer(machine);
    trackNamed(tool(), 2);
    const before = machine.disk.mutations.length;
    for (const options of [{}, { sent: true }, { preview: true }]) for (const form of ["text", "json", "jsonl"] as const) collect(inspect(tool(), options), form);
    expect(machine.disk.mutations).toHaveLength(before);
    expect(machine.host.spawned).toEqual([]);
  });

  it("leaves no trace where telemetry was never on", () => {
    expect(shown()).toMatchObject({ enabled: false, count: 0, waiting: [], problems: [] });
    expect(text()).toContain("No event waits on this machine.");
    expect(documentOf(inspect(tool(), { sent: true }))).toMatchObject({ sent: [], totals: [] });
    expect(readdirSync(machine.home.path)).toEqual(["work"]);
  });

  it("shows events in their exact form, in the order of delivery, with who lacks them", () => {
    answer(machine);
    const events = namedEvents(3);
    addBatch(spool(), events);
    const report = shown();
    expect(report).toMatchObject({ enabled: true, localOnly: false, count: 3, destinations: [{ destination: "http (https://h/e)", droppedEvents: 0 }] });
    expect(report.waiting).toEqual(events.map((event) => ({ standing: "current", consentId: CONSENT_ID, lacks: ["http (https://h/e)"], event: eventToJson(event) })));
  });

  it("prints the same as one object a line", () => {
    answer(machine);
    addBatch(spool(), namedEvents(3));
    const lines = collect(inspect(tool()), "jsonl").text.split("\n");
    expect(lines.pop()).toBe("");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(shown().waiting);
  });

  it("counts what an uploader has claimed as waiting, until it is acknowledged", () => {
    answer(machine);
    addBatch(spool(), namedEvents(2));
    const other = machine.startProcess();
    createClaims(spool(CONSENT_ID, other)).take({ destinations: ["a"], ready: new Set(["a"]), maxEvents: 10, maxBytes: 1e6 });
    expect(filesIn(spool().pending)).toEqual([]);
    expect(names(shown())).toEqual(["e1", "e2"]);
  });

  it("names the destinations of a fan-out that lack an event, live ones too", async () => {
    answer(machine);
    const good = spyBackend({ name: "good" });
    const bad = spyBackend({ name: "bad", results: [{ status: "blocked", reason: "401" }] });
    const collector = tool({ backend: [lasting(good), lasting(bad)] });
    trackNamed(collector, 1);
    await flush(collector);
    expect(shown(collector).waiting.map(({ lacks }) => lacks)).toEqual([["bad (memory)"]]);
  });

  it("keeps apart what is sent next, what waits for another setting, and what is never sent", () => {
    answer(machine);
    for (const [index, id] of ["99999999", `${CONSENT_ID}-local`, CONSENT_ID, "unrecorded"].entries()) addBatch(spool(id), namedEvents(1, index + 1));
    addBatch(spool("not-a-consent"), namedEvents(1, 5));
    expect(shown().waiting.map(({ standing, lacks, event }) => [event["name"], standing, lacks])).toEqual([
      ["e3", "current", ["http (https://h/e)"]],
      ["e2", "dormant", [`file (${directories().localLog})`]],
      ["e1", "withdrawn", []],
      ["e4", "withdrawn", []],
    ]);
    expect(text()).toContain("Collected under a consent that does not stand any more. They are never sent");
  });

  it("says while telemetry is off that nothing is sent, and shows what waits all the same", () => {
    answer(machine);
    addBatch(spool(), namedEvents(1));
    machine.host.environment["DO_NOT_TRACK"] = "1";
    expect(shown()).toMatchObject({ enabled: false, reason: "DO_NOT_TRACK is set", count: 1, waiting: [{ standing: "current", lacks: ["http (https://h/e)"] }] });
    expect(text()).toMatch(/^Telemetry is off: DO_NOT_TRACK is set\. No usage data is sent while it is\.\n/);
  });

  it("names the local log where nothing leaves this machine", () => {
    answer(machine, { localOnly: true });
    trackNamed(tool(), 1);
    const report = shown();
    expect(report).toMatchObject({ localOnly: true, destinations: [{ destination: `file (${directories().localLog})` }] });
    expect(report.waiting).toMatchObject([{ standing: "current", consentId: `${CONSENT_ID}-local`, lacks: [`file (${directories().localLog})`] }]);
  });

  it("tells of the losses that the next request will report", () => {
    answer(machine);
    addBatch(spool(), namedEvents(1));
    recordLosses({ evicted: 7 }, directories(), machine.ports);
    expect(shown().destinations).toEqual([{ destination: "http (https://h/e)", droppedEvents: 7 }]);
    expect(text()).toContain('The next request to http (https://h/e) adds "dropped_events": 7 to its first event');
  });

  it("holds a spool of 10 MiB one piece at a time", () => {
    answer(machine);
    const filler = "word ".repeat(1_000);
    for (let batch = 0; batch < 20; batch++) addBatch(spool(), Array.from({ length: 100 }, () => sampleEvent({ metadata: { filler } })));
    const { text: all, longest } = collect(inspect(tool()));
    expect(all.length).toBeGreaterThan(10 * 1024 * 1024);
    expect(longest).toBeLessThan(8 * 1024);
    // As far as somebody reads: no later file is opened.
    const first = inspect(tool()).pieces("jsonl");
    const before = machine.disk.reads.length;
    first.next();
    const opened = machine.disk.reads.slice(before).filter(({ name, path }) => name === "readFileSync" && path.includes("pending"));
    expect(opened).toHaveLength(1);
  });
});
