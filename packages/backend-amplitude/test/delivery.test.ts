/** The backend under candor's own delivery, which resends, sifts and splits by what the backend answers. */
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "@jest/globals";
import type { TelemetryEvent } from "@candor/backend";
import { sampleEvent, sampleEvents } from "@candor/testing";
import { type Workstation, workstation } from "../../core/test/fake-ports.ts";
import { addBatch, runUpload, spoolOn, stored } from "../../core/test/fixtures.ts";
import { type Stand, standWith } from "./amplitude-fixture.ts";

let machine: Workstation;
beforeEach(() => {
  machine = workstation();
});
afterEach(() => machine.dispose());

/** 500 events of which these stand at the given places. */
function among500(culprits: Readonly<Record<number, Partial<TelemetryEvent>>>): readonly TelemetryEvent[] {
  return sampleEvents(500).map((event, index) => ({ ...event, ...culprits[index] }));
}

/** Uploads the events; answers the summary, what is left in the spool, and the ids that were set aside. */
async function upload({ backend }: Stand, events: readonly TelemetryEvent[]) {
  const spool = spoolOn(machine);
  addBatch(spool, events);
  const summary = await runUpload(spool, [{ key: "a", description: "amplitude", backend }]);
  const setAside = summary.rejected === 0 ? "" : readFileSync(spool.directories.rejectedFile, "utf8");
  const ids = setAside.split("\n").filter(Boolean).map((line): string => JSON.parse(line).event.id);
  return { summary, left: stored(spool), setAside: ids };
}

it.each<[string, Partial<TelemetryEvent>]>([
  ["Amplitude", { machineId: "" }],
  ["the SDK", { name: " " }],
])("costs one event and at most one more request when one of 500 is refused by %s", async (_, culprit) => {
  const stand = await standWith();
  const events = among500({ 137: culprit });
  const { summary, left, setAside } = await upload(stand, events);
  expect(summary).toEqual({ accepted: 499, rejected: 1, failures: {} });
  expect(left).toEqual([]);
  expect(setAside).toEqual([events[137]?.id]);
  expect(stand.intake.accepted).toHaveLength(499);
  expect(stand.intake.requests.length).toBeLessThanOrEqual(4);
});

it("costs the events that are at fault, whoever refuses them", async () => {
  const stand = await standWith();
  const culprits = { 3: { machineId: "" }, 199: { name: "" }, 200: { machineId: "" }, 499: { timestamp: "never" } };
  const events = among500(culprits);
  const { summary, setAside } = await upload(stand, events);
  expect(summary).toEqual({ accepted: 496, rejected: 4, failures: {} });
  expect(new Set(setAside)).toEqual(new Set(Object.keys(culprits).map((index) => events[Number(index)]?.id)));
  expect(stand.intake.accepted).toHaveLength(496);
});

it("counts an event once though the answer to it was lost", async () => {
  const stand = await standWith();
  stand.intake.reply({ action: "truncate", body: '{"code":200}' }, { action: "reset", when: "after-body" });
  const { summary, left } = await upload(stand, sampleEvents(3));
  expect(summary).toEqual({ accepted: 3, rejected: 0, failures: {} });
  expect(left).toEqual([]);
  expect(stand.intake.requests).toHaveLength(3);
  expect(stand.intake.accepted).toHaveLength(3);
});

it("splits a request that is too large for the server, and gives up the one event that is too large by itself", async () => {
  const stand = await standWith();
  const oversized = sampleEvent({ error: "x".repeat(1_000_000) });
  const { summary, setAside } = await upload(stand, [...sampleEvents(3), oversized, ...sampleEvents(3)]);
  expect(summary).toEqual({ accepted: 6, rejected: 1, failures: {} });
  expect(setAside).toEqual([oversized.id]);
});

it("keeps everything while the daily quota is used up", async () => {
  const stand = await standWith({}, { dailyQuota: 2, now: () => 0 });
  const { summary, left } = await upload(stand, sampleEvents(3));
  expect(summary).toMatchObject({ accepted: 0, rejected: 0, failures: { amplitude: expect.stringContaining("daily quota") } });
  expect(left).toHaveLength(3);
});
