/** What a reset leaves, and what it says of it. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { spyBackend } from "@candor/testing";
import { enable, info, reset } from "../src/commands.ts";
import { readLosses, recordLosses } from "../src/spool/losses.ts";
import { directoriesFor } from "../src/platform/paths.ts";
import { answer, collectorOn } from "./options.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();

const directories = (): ReturnType<typeof directoriesFor> => directoriesFor("notes", machine.host);

describe("reset", () => {
  it("asks for deletion under the machine's id when the record of ids is gone with the data directory", async () => {
    const backend = spyBackend();
    const collector = collectorOn(machine, { backend });
    await enable(collector);
    collector.track("feature.used", "e1");
    await collector.flush();
    const [sent] = backend.events;
    rmSync(directories().data, { recursive: true });
    const report = await reset(collectorOn(machine, { backend }));
    expect(report.lines.join("\n")).not.toContain("nothing was sent");
    const asked = backend.events.filter(({ type }) => type === "data.deletion_request");
    expect(asked.map(({ machineId }) => machineId)).toEqual([sent?.machineId]);
  });

  it("says that nothing has been recorded where no yes was ever given", async () => {
    const backend = spyBackend();
    const report = await reset(collectorOn(machine, { backend }));
    expect(report.lines.join("\n")).toContain("no event has been recorded here");
    expect(backend.events).toEqual([]);
  });

  it("tells nobody under the next id what was lost under the one it retires", async () => {
    answer(machine);
    const collector = collectorOn(machine, { backend: spyBackend() });
    collector.track("feature.used", "e1");
    await collector.flush();
    recordLosses({ evicted: 7 }, directories(), machine.ports);
    await reset(collector);
    expect(readLosses(directories(), machine.ports)).toEqual({});
  });

  it.each([{ use: "file" }, { use: "counters", endpoint: "https://h.example/e" }, { use: "@candor/backend-counters", endpoint: "https://h.example/e" }])("names a file that the author chose for the backend $use, leaves it to its owner, and says that something is left", async (choice) => {
    const path = join(machine.home.path, "chosen.ndjson");
    writeFileSync(path, "{}\n");
    answer(machine);
    const report = await reset(collectorOn(machine, { backend: { ...choice, path } }));
    expect(report.exitCode).toBe(1);
    expect(report.lines.join("\n")).toContain(`What was recorded remains in ${path}`);
    expect([existsSync(path), readFileSync(path, "utf8")]).toEqual([true, "{}\n"]);
  });

  it("says that telemetry stays on where it is enforced", async () => {
    const collector = collectorOn(machine, { backend: spyBackend(), consent: { model: "enforced" } });
    const { lines } = await reset(collector);
    expect(lines).toContain("Telemetry stays on: it is enforced by your organisation.");
    expect(lines.join("\n")).not.toContain("If telemetry is enabled again");
  });
});

describe("info", () => {
  it("says that events are kept here, and nothing of a network, where that is so", () => {
    machine.host.environment["NOTES_TELEMETRY"] = "local";
    const said = info(collectorOn(machine, { backend: { use: "http", endpoint: "https://h.example/e" } })).lines.join("\n");
    expect(said).toContain("It is kept on this machine: file (");
    expect(said).not.toContain("network address");
  });
});
