import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { spyBackend } from "@candor/testing";
import type { Collector } from "../src/collector/collector.ts";
import { disable, exportData, type ExportOptions, flush } from "../src/commands.ts";
import type { CommandReport } from "../src/commands/report.ts";
import type { CollectorOptions } from "../src/config/config.ts";
import { directoriesFor } from "../src/platform/paths.ts";
import { recordLosses } from "../src/spool/losses.ts";
import type { Spool } from "../src/spool/spool.ts";
import { addBatch, lasting, namedEvents } from "./fixtures.ts";
import { MACHINE_ID } from "./mytool.ts";
import { answer, collectorOn, HTTP, spoolAsFound, trackNamed } from "./options.ts";
import { collect, documentOf } from "./reports.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();

type Document = Readonly<Record<string, unknown>> & {
  readonly consent: Record<string, unknown>;
  readonly waiting: readonly Record<string, unknown>[];
  readonly sent: readonly Record<string, unknown>[];
  readonly problems: readonly string[];
};

const tool = (options: Partial<CollectorOptions> = {}): Collector => collectorOn(machine, { backend: HTTP, ...options });
const directories = (): ReturnType<typeof directoriesFor> => directoriesFor("notes", machine.host);
const spool = (consentId?: string): Spool => spoolAsFound(machine, consentId);
const exported = (collector = tool()): Document => documentOf(exportData(collector)) as Document;
const place = (name: string): string => join(machine.host.cwd, name);

function toFile(options: ExportOptions, collector = tool()): CommandReport {
  const report = exportData(collector, options);
  if ("pieces" in report) throw new Error("it was to be written to a file");
  return report;
}

function put(path: string, text: string): void {
  mkdirSync(directories().uploader, { recursive: true, mode: 0o700 });
  writeFileSync(path, text, { mode: 0o600 });
}

describe("an export in trouble", () => {
  it("includes what is corrupt as text, with a note, and everything else", () => {
    answer(machine);
    for (const file of ["identityFile", "destinationsFile", "faultFile"] as const) put(directories()[file], `{torn ${file}`);
    put(directories().rejectedFile, '{"at":"x","event":{}}\n{torn');
    const name = addBatch(spool(), namedEvents(2));
    writeFileSync(join(spool().pending, name), `${readFileSync(join(spool().pending, name), "utf8")}{torn line`);
    const report = exported();
    expect(report).toMatchObject({
      identity: { text: "{torn identityFile", note: expect.any(String) },
      destinations: { text: "{torn destinationsFile" },
      uploaderFault: { text: "{torn faultFile" },
      refused: [{ at: "x" }, { text: "{torn", note: "this line is damaged" }],
      waiting: [{ event: { name: "e1" } }, { event: { name: "e2" } }, { text: "{torn line", note: "this line is damaged" }],
      problems: [],
    });
  });

  it("names what cannot be read, and ends with 1", () => {
    answer(machine);
    put(directories().identityFile, "{}");
    symlinkSync("/etc/hostname", directories().receiptsFile);
    machine.disk.fail({ call: "readFileSync", path: "identity.json", code: "EACCES", forever: true });
    const { exitCode, text } = collect(exportData(tool()));
    expect(exitCode).toBe(1);
    expect(JSON.parse(text)).toMatchObject({ sent: [], problems: [`${directories().identityFile} (EACCES)`, `${directories().receiptsFile} (not a regular file)`] });
  });

  it("reads nothing in a directory of somebody else", () => {
    answer(machine);
    addBatch(spool(), namedEvents(1));
    machine.host.user = 12_345;
    const { exitCode, text } = collect(exportData(tool()));
    expect(exitCode).toBe(1);
    expect(JSON.parse(text)).toEqual(expect.objectContaining({ problems: [expect.stringContaining("another user")] }));
    expect(JSON.parse(text)).not.toHaveProperty("waiting");
  });

  it("overwrites no file unless it is told to", () => {
    writeFileSync(place("mine.json"), "mine");
    expect(toFile({ out: place("mine.json") })).toMatchObject({ exitCode: 1, lines: [`Nothing was written: ${place("mine.json")} exists; give --force to replace it.`] });
    expect(readFileSync(place("mine.json"), "utf8")).toBe("mine");
    expect(toFile({ out: place("mine.json"), force: true })).toMatchObject({ exitCode: 0, data: { written: true } });
    expect(JSON.parse(readFileSync(place("mine.json"), "utf8"))).toHaveProperty("exportVersion", 1);
    expect(statSync(place("mine.json")).mode & 0o777).toBe(0o600);
  });

  it.each([false, true])("writes through no link (force: %s)", (force) => {
    writeFileSync(place("target"), "theirs");
    symlinkSync(place("target"), place("link"));
    expect(toFile({ out: place("link"), force }).exitCode).toBe(force ? 0 : 1);
    expect(readFileSync(place("target"), "utf8")).toBe("theirs");
    expect(lstatSync(place("link")).isSymbolicLink()).toBe(!force);
  });

  it.each([false, true])("leaves nothing half-written on a full disk, and what was there as it was (force: %s)", (force) => {
    answer(machine);
    addBatch(spool(), namedEvents(20));
    const before = force ? [["out.json", "before"] as const] : [];
    for (const [name, text] of before) writeFileSync(place(name), text);
    machine.disk.fail({ call: "writeSync", path: "out.json", at: 5, code: "ENOSPC", forever: true });
    expect(toFile({ out: place("out.json"), force })).toMatchObject({ exitCode: 1, lines: [expect.stringContaining("ENOSPC")] });
    expect(readdirSync(machine.host.cwd).map((name) => [name, readFileSync(place(name), "utf8")])).toEqual(before);
    expect(machine.disk.openDescriptors).toBe(0);
  });

  it("says that there is no such directory", () => {
    expect(toFile({ out: place("missing/out.json") }).lines).toEqual([`Nothing was written: there is no directory ${place("missing")}.`]);
  });

  it("writes short pieces until they are whole", () => {
    machine.disk.shortWrites(7);
    expect(toFile({ out: place("out.json") }).exitCode).toBe(0);
    expect(JSON.parse(readFileSync(place("out.json"), "utf8"))).toHaveProperty("problems", []);
  });
});

describe("an export", () => {
  it("holds everything there is, also after a no", async () => {
    answer(machine);
    const options: Partial<CollectorOptions> = { backend: [lasting(spyBackend({ name: "good" })), lasting(spyBackend({ name: "bad", results: [{ status: "rejected", reason: "too old" }] }))] };
    const collector = tool(options);
    trackNamed(collector, 1);
    await flush(collector);
    const sentEvents = exported(collector).sent;
    await disable(collector, { reason: "because" });
    recordLosses({ evicted: 7 }, directories(), machine.ports);
    writeFileSync(directories().identityFile, JSON.stringify({ machineId: MACHINE_ID, earlier: ["older"] }));
    put(directories().localLog, '{"name":"b"}\n');
    put(`${directories().localLog}.1`, '{"name":"a"}\n');
    put(directories().faultFile, '{"message":"x"}');
    put(directories().uploaderLog, "one\ntwo\n");
    put(join(directories().data, "account.json"), '{"userId":"42"}');
    addBatch(spool("99999999"), namedEvents(1, 5));
    const report = exported();
    expect(sentEvents).toHaveLength(2);
    expect(report).toMatchObject({
      exportVersion: 1,
      tool: { name: "notes", version: "1.2.3" },
      directories: { data: directories().data },
      consent: { enabled: false, source: "stored-choice", record: { enabled: false, reason: "because" }, signals: expect.arrayContaining([expect.objectContaining({ decides: true })]) },
      refusal: { text: expect.stringMatching(/^2026-/) },
      identity: { machineId: MACHINE_ID, earlier: ["older"] },
      waiting: [{ consentId: "99999999", standing: "withdrawn", acknowledged: [], event: { name: "e5", exitCode: 0 } }],
      sent: sentEvents,
      lost: { evicted: 7 },
      uploaderFault: { message: "x" },
      uploaderLog: ["one", "two"],
      localLog: [{ name: "a" }, { name: "b" }],
      otherFiles: expect.arrayContaining([{ path: join(directories().data, "account.json"), bytes: 15, content: { userId: "42" } }]),
      problems: [],
    });
    expect(Object.keys(report["destinations"] as object)).toHaveLength(2);
  });

  it("is a document of its own where telemetry was never on, and leaves no trace", () => {
    expect(exported()).toMatchObject({ consent: { enabled: false }, problems: [] });
    expect(machine.disk.mutations).toEqual([]);
  });

  it("says of no text that it is out of place where text belongs", async () => {
    answer(machine);
    await disable(tool());
    put(join(directories().data, "account.txt"), "one line\n");
    const report = exported();
    expect(report["refusal"]).toEqual({ text: expect.stringMatching(/^2026-/) });
    expect(report["otherFiles"]).toContainEqual({ path: join(directories().data, "account.txt"), bytes: 9, content: { text: "one line\n" } });
  });

  it("is the same document in whatever form it is asked for", () => {
    answer(machine);
    addBatch(spool(), namedEvents(1));
    const report = exportData(tool());
    expect(collect(report, "text")).toEqual(collect(report, "json"));
  });

  it("holds no credential of the author's, wherever it has got to", () => {
    answer(machine);
    machine.host.environment["NOTES_KEY"] = "key-from-variable";
    const backend = [
      { use: "http", endpoint: "https://h/e", headers: { authorization: 'Bearer s3cret-"header', "x-key": { env: "NOTES_KEY" }, "x-program": "command" } },
      { use: "@candor/backend-posthog", apiKey: "phc_s3cret" },
    ];
    put(directories().destinationsFile, JSON.stringify({ a: { description: "http", lastError: { at: "x", status: "retry", reason: 'GET /?key=phc_s3cret by s3cret-"header and key-from-variable' } } }));
    addBatch(spool(), namedEvents(1));
    const { text } = collect(exportData(tool({ backend, deletion: { use: "http", endpoint: "https://h/d", headers: { authorization: "s3cret-deletion" } } })));
    expect(text).not.toMatch(/s3cret|key-from-variable/);
    expect(JSON.parse(text)).toMatchObject({ destinations: { a: { lastError: { reason: "GET /?key=*** by *** and ***" } } }, waiting: [{ event: { type: "command.invocation" } }] });
  });

  it("includes the log of a file backend that the author put elsewhere", () => {
    put(place("events.log"), '{"name":"a"}\n');
    put(`${directories().data}/x`, "");
    expect(exported(tool({ backend: { use: "file", path: place("events.log") } }))).toMatchObject({ localLog: [{ name: "a" }] });
  });

  it("leaves out candor's own script, reserve and compiled code, and names what is too large", () => {
    put(join(directories().uploader, "candor-uploader-0123456789ab.cjs"), "script");
    put(directories().reserveFile, "\n");
    put(directories().compiledFile, "code");
    put(`${directories().compiledFile}.1-2.tmp`, "co");
    put(join(directories().data, "large"), "x".repeat(1024 * 1024 + 1));
    expect(exported()["otherFiles"]).toEqual([{ path: join(directories().data, "large"), bytes: 1024 * 1024 + 1, content: { note: expect.any(String) } }]);
  });

  it("can be read by its owner alone", () => {
    expect(toFile({ out: place("out.json") })).toEqual({ exitCode: 0, lines: [`Everything held on this machine is in ${place("out.json")}.`], data: { written: true, out: place("out.json"), complete: true } });
    expect(statSync(place("out.json")).mode & 0o777).toBe(0o600);
  });

  it("works where nothing of candor's can be written", () => {
    answer(machine);
    addBatch(spool(), namedEvents(1));
    chmodSync(directories().data, 0o500);
    expect(toFile({ out: place("out.json") }).exitCode).toBe(0);
    chmodSync(directories().data, 0o700);
    expect(existsSync(place("out.json"))).toBe(true);
  });
});
