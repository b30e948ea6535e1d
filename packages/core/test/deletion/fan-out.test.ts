/** Several addressees: each is asked, each confirms for itself, and what is said is what they saw. */
import { existsSync, writeFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "@jest/globals";
import type { Backend } from "@candor/backend";
import { spyBackend, type SpyBackend } from "@candor/testing";
import { reset, status } from "../../src/commands.ts";
import type { CommandReport } from "../../src/commands.ts";
import type { CollectorOptions } from "../../src/config/config.ts";
import { directoriesFor } from "../../src/platform/paths.ts";
import { workstation } from "../fake-ports.ts";
import { lasting } from "../fixtures.ts";
import { intakesPerTest } from "../intakes-per-test.ts";
import { MACHINE_ID, requestorOf, SENT } from "../mytool.ts";
import { collectorOn } from "../options.ts";
import { administered, writePolicy } from "../policies.ts";
import { workstationPerTest } from "../workstation-per-test.ts";
import { putInUse } from "./stage.ts";

const machine = workstationPerTest(() => administered(workstation()));
const intakes = intakesPerTest();
beforeEach(() => putInUse(machine, ["old"]));

const directories = (): ReturnType<typeof directoriesFor> => directoriesFor("mytool", machine.host);
const isWaiting = (): boolean => existsSync(directories().deletions);
const resetWith = (options: Partial<CollectorOptions>): Promise<CommandReport> => reset(collectorOn(machine, { tool: "mytool", ...options }));

function live(name: string, spy: SpyBackend): Backend {
  return { ...lasting(spy), name };
}

describe("a reset with several who are to be asked", () => {
  it("asks a requestor, an address and the person, and says of each what is true", async () => {
    const dead = await intakes.startWith({ action: "refuse" });
    const own = requestorOf(SENT);
    const report = await resetWith({ deletion: [own, { use: "http", endpoint: `${dead.url}/erase` }, { use: "email", address: "privacy@example.com" }] });
    expect(own.asked).toEqual([MACHINE_ID, "old"]);
    expect(report).toMatchObject({ exitCode: 1, data: { deletion: { status: "queued", destinations: [{ status: "sent" }, { status: "queued" }, { status: "user-action" }] } } });
    const text = report.lines.join("\n");
    expect(text).toContain(`Deletion request sent to spy for machine ID: ${MACHINE_ID}`);
    expect(text).toContain(`Deletion request could not be sent: http (${dead.url}/erase)`);
    expect(text).toContain("Nothing has been sent yet. Write this e-mail:");
    expect(text).toContain("The request was confirmed by spy.");
    // Only what is not settled waits.
    expect(status(collectorOn(machine, { tool: "mytool" })).data["deletions"]).toEqual([expect.objectContaining({ status: "waiting", destination: `http (${dead.url}/erase)`, machineIds: [MACHINE_ID, "old"] })]);
  });

  it("asks only those again that have not confirmed", async () => {
    const good = spyBackend();
    const bad = spyBackend({ results: [{ status: "retry", reason: "busy" }] });
    const backend = [live("good", good), live("bad", bad)];
    expect((await resetWith({ backend })).data).toMatchObject({ deletion: { status: "queued", destinations: [{ destination: "good (memory)", status: "sent" }, { destination: "bad (memory)", status: "queued" }] } });
    machine.clock.advance(60 * 60_000);
    const later = collectorOn(machine, { tool: "mytool", backend });
    expect(later.enabled).toBe(false);
    await later.close();
    expect([good.batches.length, bad.batches.length]).toEqual([1, 2]);
    expect(bad.acknowledged.map(({ machineId }) => machineId)).toEqual([MACHINE_ID, "old"]);
    expect(bad.batches[1]).toEqual(bad.batches[0]);
    expect(isWaiting()).toBe(false);
  });

  it("asks only for the ids again that were not confirmed", async () => {
    const own = requestorOf(SENT, { status: "failed", reason: "busy" }, SENT);
    const report = await resetWith({ deletion: own });
    expect(report.lines.slice(0, 2)).toEqual([`Deletion request sent to spy for machine ID: ${MACHINE_ID}`, "Deletion request could not be sent: spy: busy (machine ID: old)"]);
    machine.clock.advance(60 * 60_000);
    const later = collectorOn(machine, { tool: "mytool", deletion: own });
    expect(later.enabled).toBe(false);
    await later.close();
    expect(own.asked).toEqual([MACHINE_ID, "old", "old"]);
    expect(isWaiting()).toBe(false);
  });

  it("sends nothing to a file, to nobody, or to the terminal", async () => {
    const report = await resetWith({ backend: [{ use: "noop" }, { use: "stdout" }, { use: "file" }] });
    expect(report).toMatchObject({ exitCode: 0, data: { deletion: { status: "impossible" } } });
    expect(existsSync(directories().localLog)).toBe(false);
    expect(isWaiting()).toBe(false);
  });

  it("names destinations that may hold events and cannot be asked any more", async () => {
    const lastError = { at: "2026-01-01T00:00:00.000Z", status: "blocked", reason: "its certificate cannot be read" };
    const gone = {
      abcd1234: { description: "http (https://gone.example)", accepted: 3 },
      abcd1235: { description: "file (/x)", accepted: 3 },
      abcd1236: { description: "otlp (unavailable)", lastError },
    };
    await resetWith({ deletion: requestorOf(SENT) });
    writeFileSync(directories().destinationsFile, JSON.stringify(gone));
    for (const backend of [[], [lasting(spyBackend())]]) {
      const report = await resetWith({ backend });
      expect(report).toMatchObject({ exitCode: 1, data: { deletion: { outOfReach: ["http (https://gone.example)"] } } });
      expect(report.lines.join("\n")).toContain("http (https://gone.example) may hold events too, and mytool as it is set up now cannot ask it.");
    }
    expect(await resetWith({ deletion: requestorOf(SENT) })).toMatchObject({ exitCode: 0, data: { deletion: { outOfReach: [] } } });
  });

  it.each(["off", "local"] as const)("lets nothing over the network that the machine's policy (%s) keeps from it, and says that it waits", async (telemetry) => {
    writePolicy(machine, { version: 1, telemetry });
    const own = requestorOf(SENT);
    const backend = spyBackend();
    const report = await resetWith({ deletion: [own, { use: "event" }, { use: "email", address: "privacy@example.com" }], backend: lasting(backend) });
    expect([own.asked, backend.events]).toEqual([[], []]);
    expect(report).toMatchObject({ exitCode: 1, data: { deletion: { status: "queued", destinations: [{ status: "queued" }, { status: "queued" }, { status: "user-action" }] } } });
    expect(report.lines[0]).toContain("the machine's policy");
    expect(report.lines.join("\n")).toContain("try again until 2026-02-01, as soon as the policy allows it.");
    expect(status(collectorOn(machine, { tool: "mytool" })).lines.join("\n")).toContain("it waits, because the machine's policy");
  });

  it("promises nothing of a machine whose runs are nobody's own", async () => {
    machine.host.environment["CI"] = "true";
    const { lines } = await resetWith({ deletion: requestorOf({ status: "failed", reason: "busy" }) });
    expect(lines.join("\n")).toContain("later runs of mytool outside continuous integration try again");
  });

  it("asks those whom a tool with a mistake in its configuration has set up rightly", async () => {
    machine.host.environment["NODE_ENV"] = "production";
    const own = requestorOf(SENT);
    const report = await resetWith({ version: "", deletion: own, backend: { use: "http", endpoint: "nowhere" } });
    expect(report).toMatchObject({ exitCode: 0, data: { deletion: { status: "sent" } } });
    expect(own.asked).toEqual([MACHINE_ID, "old"]);
  });
});
