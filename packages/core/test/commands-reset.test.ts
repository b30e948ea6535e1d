import { existsSync, writeFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "@jest/globals";
import type { DeletionOutcome } from "@candor/backend";
import { spyBackend } from "@candor/testing";
import { reset } from "../src/commands.ts";
import type { CollectorOptions } from "../src/config/config.ts";
import { readConsent } from "../src/consent/consent-store.ts";
import { deriveMachineId } from "../src/identity/identity.ts";
import { realMachineSystem } from "../src/identity/machine-id.ts";
import { addBatch, namedEvents, stored } from "./fixtures.ts";
import { intakesPerTest } from "./intakes-per-test.ts";
import { MACHINE_ID, myToolOn, requestorOf, SENT, storeIdentity } from "./mytool.ts";
import { vectorsOf } from "./vectors.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
const intakes = intakesPerTest();
const { tool, directories, spool, consented } = myToolOn(machine);

describe("reset", () => {
  beforeEach(() => {
    consented();
    storeIdentity(machine);
    addBatch(spool(), namedEvents(2));
  });

  it.each<[DeletionOutcome, string, number, string]>([
    [SENT, "sent", 0, `Deletion request sent for machine ID: ${MACHINE_ID}`],
    [{ status: "failed", reason: "the server answered 500" }, "queued", 1, "Deletion request could not be sent: spy: the server answered 500"],
    [{ status: "impossible", reason: "it has no such thing" }, "impossible", 1, "No deletion request was sent to spy: it has no such thing."],
    [{ status: "user-action", instructions: "Write an e-mail." }, "user-action", 0, "Write an e-mail."],
  ])("tells the truth about a request that is %j", async (outcome, status, exitCode, line) => {
    const requestor = requestorOf(outcome);
    const report = await reset(tool({ deletion: requestor, supportMessage: "ask support" }));
    expect(report).toMatchObject({ exitCode, data: { deletion: { status, destinations: [{ destination: "spy", status }] }, machineId: MACHINE_ID, cleared: true } });
    expect(report.lines[0]).toBe(line);
    expect(report.lines.some((each) => each.includes("ask support"))).toBe(exitCode === 1);
    expect(report.lines.join().includes("later runs of mytool try again until 2026-02-01")).toBe(status === "queued");
    expect(report.lines).toContain("Local telemetry data cleared. Telemetry disabled.");
    expect(requestor.asked).toEqual([MACHINE_ID]);
    expect(stored(spool())).toEqual([]);
    expect(readConsent(directories(), machine.ports)).toMatchObject({ answer: { enabled: false } });
  });

  it("makes a request that waits of a requestor that throws", async () => {
    const report = await reset(tool({ deletion: requestorOf(new Error("oops")) }));
    expect(report).toMatchObject({ exitCode: 1, data: { deletion: { status: "queued", destinations: [{ status: "queued", reason: "oops" }] } } });
  });

  it("asks for every id this installation ever had, and for the person where the tool knows who it is", async () => {
    storeIdentity(machine, ["older", "old"]);
    const requestor = requestorOf(SENT);
    await reset(tool({ deletion: requestor, userId: () => " u-1\u001b[31m " }));
    expect(requestor.subjects.map(({ machineId, userId }) => [machineId, userId])).toEqual([[MACHINE_ID, "u-1[31m"], ["old", "u-1[31m"], ["older", "u-1[31m"]]);
  });

  it.each<[string, () => unknown]>([["throws", () => { throw new Error("x"); }], ["answers a number", () => 7], ["answers nothing", () => undefined]])("asks without the person when userId() %s", async (_, userId) => {
    const requestor = requestorOf(SENT);
    expect((await reset(tool({ deletion: requestor, userId: userId as () => string }))).exitCode).toBe(0);
    expect(requestor.subjects).toEqual([expect.not.objectContaining({ userId: expect.anything() })]);
  });

  it.each<[string, () => void]>([
    ["local-only mode", () => undefined],
    ["local-only mode that a stronger no holds", () => (machine.host.environment["DO_NOT_TRACK"] = "1")],
    ["local-only mode in continuous integration", () => (machine.host.environment["CI"] = "1")],
    ["local-only mode that was left before any event", () => consented()],
  ])("never sends the id of %s", async (_, hold) => {
    storeIdentity(machine, [], { keptHere: true });
    consented({ localOnly: true });
    hold();
    const requestor = requestorOf(SENT);
    const report = await reset(tool({ deletion: requestor }));
    expect(report).toMatchObject({ exitCode: 0, data: { deletion: { status: "not-needed" } } });
    expect(report.lines[0]).toBe("No deletion request was sent: events were kept on this machine only.");
    expect(requestor.asked).toEqual([]);
    expect(existsSync(directories().deletions)).toBe(false);
  });

  it("asks for the id of before although telemetry is local-only now", async () => {
    consented({ localOnly: true });
    const requestor = requestorOf(SENT);
    await reset(tool({ deletion: requestor }));
    expect(requestor.asked).toEqual([MACHINE_ID]);
  });

  it("never names the id of the local log, also after events went elsewhere under an earlier one", async () => {
    storeIdentity(machine, ["old"], { keptHere: true });
    const requestor = requestorOf(SENT);
    await reset(tool({ deletion: requestor }));
    expect(requestor.asked).toEqual(["old"]);
  });

  it("asks nobody when telemetry was never on", async () => {
    machine.renew();
    const requestor = requestorOf(SENT);
    const report = await reset(tool({ deletion: requestor }));
    expect(report).toMatchObject({ exitCode: 0, data: { deletion: { status: "not-needed" } } });
    expect(requestor.asked).toEqual([]);
  });

  it("says so when the ids are not on record any more, and asks for the one that it can derive", async () => {
    writeFileSync(directories().identityFile, "{ torn");
    const requestor = requestorOf(SENT);
    const report = await reset(tool({ deletion: requestor }));
    expect(report.exitCode).toBe(1);
    expect(report.lines.join("\n")).toContain(`${directories().identityFile} is damaged`);
    // A machine without an id of its own has nothing to derive one from.
    expect(requestor.asked).toHaveLength(Number(deriveMachineId("candor", "mytool", realMachineSystem()) !== undefined));
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
    expect(report.lines.join()).not.toContain("data cleared.");
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
    const own = Boolean(input.requestor);
    const byEvent = !own && Boolean(input.otel ?? input.custom_backend);
    const request = expect.objectContaining({ type: "data.deletion_request", machineId: MACHINE_ID, toolName: "mytool" });
    expect(requestor.asked).toEqual(own ? [MACHINE_ID] : []);
    expect(backend.events).toEqual(byEvent ? [request] : []);
    expect(data["deletion"]).toMatchObject({ status: byEvent || own ? "sent" : "impossible" });
  });

  it.each([200, 500])("tells the truth over HTTP too: %i", async (httpStatus) => {
    const intake = await intakes.start({ reply: { action: "answer", status: httpStatus } });
    const report = await reset(tool({ deletion: { use: "http", endpoint: intake.url } }));
    expect(report.exitCode).toBe(httpStatus === 200 ? 0 : 1);
    expect(intake.requests).toHaveLength(1);
  });
});
