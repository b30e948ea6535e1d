import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { spyBackend } from "@candor/testing";
import { status } from "../src/commands.ts";
import { addBatch, namedEvents } from "./fixtures.ts";
import { MACHINE_ID, myToolOn, storeIdentity } from "./mytool.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
const { tool, directories, spool, consented } = myToolOn(machine);

describe("status", () => {
  it("changes nothing", () => {
    consented();
    status(tool());
    expect(machine.disk.mutations).toEqual([]);
  });

  it("tells what is pending, lost and refused, as data too", () => {
    consented();
    storeIdentity(machine);
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

  it("says when what waits is tried: with the next command, or when the first destination is no longer backing off", async () => {
    consented();
    addBatch(spool(), namedEvents(1));
    expect(status(tool())).toMatchObject({ lines: expect.arrayContaining(["Next attempt: with the next command"]) });
    expect(status(tool()).data).not.toHaveProperty("nextAttemptAt");
    const collector = tool({ backend: spyBackend({ results: [{ status: "blocked", reason: "401" }] }) });
    await collector.flush();
    expect(status(collector).data["nextAttemptAt"]).toMatch(/^2026-01-02T/);
    machine.clock.advance(86_400_000);
    expect(status(collector).data).not.toHaveProperty("nextAttemptAt");
  });

  it("says why events cannot be kept", () => {
    consented();
    mkdirSync(directories().data, { recursive: true, mode: 0o700 });
    machine.host.user = 12_345;
    expect(status(tool()).lines.join("\n")).toContain("another user");
  });

  it.each([
    ["collector:4318", "invalid endpoint"],
    ["grpc://collector:4317", "invalid endpoint"],
    ["nowhere", "invalid endpoint"],
    ["HTTPS://ann:hunter2@Collector/logs?key=hunter2", "https://collector/logs"],
  ])("shows the user's own endpoint %s as %s", (endpoint, shown) => {
    consented();
    machine.host.environment["MYTOOL_TELEMETRY_OTLP_ENDPOINT"] = endpoint;
    expect(status(tool()).data["routes"]).toEqual([{ destination: `otlp (${shown})`, decidedBy: "user" }]);
  });

  it("names the mistake of a tool that is misconfigured", () => {
    machine.host.environment["NODE_ENV"] = "production";
    consented();
    const { lines } = status(tool({ backend: { use: "http", endpoint: "nowhere" } }));
    expect(lines.join("\n")).toMatch(/Misconfigured: backend\.endpoint/);
    expect(lines.join("\n")).toContain(directories().data);
  });
});
