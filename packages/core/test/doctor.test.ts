import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { spyBackend } from "@candor/testing";
import { type CommandReport, doctor } from "../src/commands.ts";
import type { CollectorOptions } from "../src/config/config.ts";
import { type Finding, findingLines } from "../src/inspection/finding.ts";
import { recordLosses } from "../src/spool/losses.ts";
import { directoriesFor } from "../src/platform/paths.ts";
import { recordFault } from "../src/uploader/uploader-fault.ts";
import { spoolOn } from "./fixtures.ts";
import { answer, collectorOn } from "./options.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
beforeEach(() => {
  answer(machine);
});

const directories = (): ReturnType<typeof directoriesFor> => directoriesFor("notes", machine.host);
const examine = (options: Partial<CollectorOptions> = {}): Promise<CommandReport> => doctor(collectorOn(machine, options));
const findings = ({ data }: CommandReport): readonly Finding[] => data["findings"] as Finding[];
const about = (report: CommandReport, subject: string): readonly Finding[] => findings(report).filter((finding) => finding.subject.startsWith(subject));

describe("a doctor's visit to this machine", () => {
  it("without a destination warns that events go nowhere", async () => {
    const report = await examine();
    expect(report.exitCode).toBe(0);
    expect(about(report, "destinations")).toEqual([{ subject: "destinations", status: "warn", message: expect.stringContaining("none is configured") }]);
  });

  it.each<[string, () => void, string]>([
    ["belongs to somebody else", () => (mkdirSync(directories().data, { recursive: true, mode: 0o700 }), (machine.host.user = 12_345)), "another user"],
    ["is a symbolic link", () => (mkdirSync(join(directories().data, ".."), { recursive: true }), symlinkSync(machine.host.cwd, directories().data)), "symbolic link"],
    ["is a file", () => (mkdirSync(join(directories().data, ".."), { recursive: true }), writeFileSync(directories().data, "")), "not a directory"],
    ["cannot be written", () => machine.disk.fail({ call: "accessSync", code: "EROFS", forever: true }), "EROFS"],
  ])("fails when the data directory %s", async (_, block, reason) => {
    block();
    const report = await examine();
    expect(report.exitCode).toBe(1);
    expect(about(report, "storage")).toEqual([{ subject: "storage", status: "fail", message: expect.stringContaining(reason), advice: expect.stringContaining(directories().data) }]);
  });

  it("fails without a home directory, and says what to set", async () => {
    Object.assign(machine.host, { home: "", account: "" });
    const report = await examine();
    expect(report.exitCode).toBe(1);
    expect(about(report, "storage")).toEqual([{ subject: "storage", status: "fail", message: "there is no home directory to keep anything in", advice: "Set HOME to a directory of your own." }]);
  });

  it("warns of events that were lost", async () => {
    spoolOn(machine);
    recordLosses({ evicted: 7, corrupt: 1 }, directories(), machine.ports);
    const report = await examine();
    expect(report.exitCode).toBe(0);
    expect(about(report, "spool").at(-1)).toEqual({ subject: "spool", status: "warn", message: "8 events were lost so far: 7 evicted, 1 corrupt", advice: expect.any(String) });
  });

  it("tells the last error, and the next attempt while there is a wait", async () => {
    const backend = spyBackend({ name: "live", results: [{ status: "blocked", reason: "401" }] });
    const collector = collectorOn(machine, { backend });
    collector.track("feature.used", "e1");
    await collector.flush();
    const failedAt = new Date(machine.clock.now()).toISOString();
    const warned = async (): Promise<readonly string[]> => findings(await doctor(collector)).flatMap(({ status, message }) => (status === "warn" ? [message] : []));
    expect(await warned()).toEqual([expect.stringMatching(new RegExp(`^last error \\(${failedAt}\\): 401\\. Next attempt: 2026-01-02T\\d\\d:`))]);
    machine.clock.advance(25 * 3_600_000);
    expect(await warned()).toEqual([`last error (${failedAt}): 401.`]);
  });

  it("warns of events that a destination refused, also after it has taken others", async () => {
    const backend = spyBackend({ name: "live", results: [{ status: "rejected", reason: "400" }] });
    const collector = collectorOn(machine, { backend });
    for (const name of ["e1", "e2"]) {
      collector.track("feature.used", name);
      await collector.flush();
    }
    const warned = findings(await doctor(collector)).filter(({ status }) => status === "warn");
    expect(warned).toEqual([expect.objectContaining({ message: "it has refused 1 events for good", advice: expect.stringContaining(directories().rejectedFile) })]);
  });

  it("fails when the last uploader failed", async () => {
    spoolOn(machine);
    recordFault(new Error("the script is broken"), directories(), machine.ports);
    const report = await examine();
    expect(report.exitCode).toBe(1);
    expect(about(report, "uploader")).toEqual([{ subject: "uploader", status: "fail", message: "the last one failed (2026-01-02T03:04:05.000Z): Error: the script is broken", advice: expect.any(String) }]);
  });

  it("fails when the tool is misconfigured, also while telemetry is off", async () => {
    machine.host.environment["NODE_ENV"] = "production";
    const report = await examine({ backend: { use: "http", endpoint: "nowhere" } });
    expect(report.exitCode).toBe(1);
    expect(about(report, "configuration")).toEqual([{ subject: "configuration", status: "fail", message: expect.stringContaining("backend.endpoint"), advice: "Tell the tool's author." }]);
  });

  it("gives data that JSON can hold", async () => {
    const { data } = await examine();
    expect(JSON.parse(JSON.stringify(data))).toEqual(data);
  });
});

it("writes each finding as a line, with its advice below", () => {
  expect(findingLines([
    { subject: "a", status: "pass", message: "well" },
    { subject: "b", status: "fail", message: "ill", advice: "Rest." },
  ])).toEqual(["pass  a: well", "fail  b: ill", "      Rest."]);
});
