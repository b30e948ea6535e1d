/** The backend under candor's own delivery: what a bad event costs the good ones. */
import { afterEach, beforeEach, expect, it } from "@jest/globals";
import type { TelemetryEvent } from "@candor/backend";
import { type DatadogIntake, type Intake, sampleEvent, startDatadogIntake, startIntake } from "@candor/testing";
import { type Workstation, workstation } from "../../core/test/fake-ports.ts";
import { addBatch, namedEvents, names, runUpload, spoolOn, stored } from "../../core/test/fixtures.ts";
import { datadogBackend, type DatadogBackendOptions } from "../src/index.ts";
import { contextWith, entriesOf, secret } from "./datadog-entries.ts";

let machine: Workstation;
let intake: DatadogIntake;
let fussy: Intake;
/** What the fussy intake took: it refuses a whole request over one poisonous event, as the real one does over one bad entry. */
let taken: string[];

beforeEach(async () => {
  machine = workstation();
  intake = await startDatadogIntake({ apiKey: secret });
  taken = [];
  fussy = await startIntake({
    reply({ body }) {
      const entries = entriesOf(body);
      if (entries.some(({ event_name: name }) => name === "poison")) return { action: "answer", status: 400, body: '{"errors":[{"status":"400","title":"Bad Request"}]}' };
      taken.push(...entries.map(({ event_id: id }) => id));
      return { action: "answer", status: 202, body: "{}" };
    },
  });
});
afterEach(async () => {
  await fussy.close();
  await intake.close();
  machine.dispose();
});

async function upload(events: readonly TelemetryEvent[], endpoint: string, options: Partial<DatadogBackendOptions> = {}) {
  const spool = spoolOn(machine, { batchBytes: 1024 * 1024, spoolBytes: 10 * 1024 * 1024 });
  addBatch(spool, events);
  const backend = datadogBackend({ apiKey: secret, endpoint, ...options }, contextWith());
  const outcome = await runUpload(spool, [{ key: "datadog", description: "datadog", backend }], { retryWaitsMs: [] });
  return { ...outcome, left: stored(spool) };
}

it.each(["direct", "official"] as const)("loses one event of 500 when one is refused (%s)", async (client) => {
  const events = namedEvents(500).map((event, index) => (index === 321 ? { ...event, name: "poison" } : event));
  expect(await upload(events, `${fussy.url}/api/v2/logs`, { client })).toMatchObject({ accepted: 499, rejected: 1, left: [] });
  expect(taken.sort()).toEqual(events.filter(({ name }) => name !== "poison").map(({ id }) => id).sort());
});

it.each([
  ["for a log, not for a request with others", 1_010_000],
  ["for any request", 1_100_000],
])("loses one event of 500 when one is too large %s", async (_, size) => {
  const huge = sampleEvent({ name: "huge", metadata: { text: "x".repeat(size) } });
  expect(await upload([...namedEvents(300), huge, ...namedEvents(199, 301)], intake.endpoint)).toMatchObject({ accepted: 499, rejected: 1, left: [] });
  const arrived = entriesOf(JSON.stringify(intake.accepted.map(({ entry }) => entry)));
  expect(names(arrived.map(({ event_name: name }) => ({ name })))).toEqual(names(namedEvents(499)));
  expect(intake.accepted.filter(({ isTruncated }) => isTruncated)).toEqual([]);
});

it("loses nothing of a week without a network", async () => {
  const week = Array.from({ length: 7 }, (_, days) => sampleEvent({ timestamp: new Date(Date.now() - days * 24 * 3_600_000).toISOString() }));
  expect(await upload(week, intake.endpoint)).toMatchObject({ accepted: 7, left: [] });
  expect(intake.outdated).toEqual([]);
  expect(intake.accepted.map(({ entry }) => entry["event_time"])).toEqual(week.map(({ timestamp }) => timestamp));
});

it("keeps everything while the key is wrong", async () => {
  expect(await upload(namedEvents(3), intake.endpoint, { apiKey: "k-456" })).toMatchObject({ accepted: 0, rejected: 0, left: ["e1", "e2", "e3"] });
});
