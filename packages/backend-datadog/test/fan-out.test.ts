/** Two vendors side by side, one of them dead for a day: neither costs the other anything, and the dead one gets everything when it returns. */
import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { posthogBackend } from "@candor/backend-posthog";
import { type DatadogIntake, type PostHogIntake, sampleEvent, startDatadogIntake, startPostHogIntake } from "@candor/testing";
import type { Destination } from "../../core/src/destination/destination.ts";
import type { Spool } from "../../core/src/spool/spool.ts";
import { type Workstation, workstation } from "../../core/test/fake-ports.ts";
import { addBatch, runUpload, spoolOn, stored } from "../../core/test/fixtures.ts";
import { createDatadogBackend } from "../src/backend.ts";
import { contextWith, secret } from "./datadog-entries.ts";

const HOUR_MS = 3_600_000;
/** A destination that is tried again an hour after it failed may be tried a little later, never sooner. */
const PATIENCE_MS = 2 * HOUR_MS;

let machine: Workstation;
let spool: Spool;
let posthog: PostHogIntake;
let datadog: DatadogIntake;
let destinations: readonly Destination[];

beforeEach(async () => {
  machine = workstation();
  spool = spoolOn(machine);
  const { now } = machine.clock;
  posthog = await startPostHogIntake();
  datadog = await startDatadogIntake({ apiKey: secret, now });
  destinations = [
    { key: "aaaaaaaa", description: "posthog", backend: posthogBackend({ apiKey: "phc_x", host: posthog.url }, contextWith()) },
    { key: "bbbbbbbb", description: "datadog", backend: createDatadogBackend({ apiKey: secret, endpoint: datadog.endpoint }, contextWith(), now) },
  ];
});
afterEach(async () => {
  await Promise.all(destinations.map(({ backend }) => backend.close()));
  await posthog.close();
  await datadog.close();
  machine.dispose();
});

const idsAt = { posthog: () => posthog.accepted.map(({ uuid }) => uuid), datadog: () => datadog.accepted.map(({ entry }) => entry["event_id"]) };
const intakeOf = (vendor: "posthog" | "datadog"): PostHogIntake | DatadogIntake => (vendor === "posthog" ? posthog : datadog);
const run = (): ReturnType<typeof runUpload> => runUpload(spool, destinations, { retryWaitsMs: [] });

it.each([
  ["posthog", "datadog"],
  ["datadog", "posthog"],
] as const)("%s is dead for a day, %s gets everything once and at once", async (dead, live) => {
  const tracked: string[] = [];
  await intakeOf(dead).pause();
  for (let hour = 0; hour < 24; hour++) {
    const event = sampleEvent({ name: `hour ${hour}`, timestamp: new Date(machine.clock.now()).toISOString() });
    addBatch(spool, [event]);
    tracked.push(event.id);
    await run();
    expect(idsAt[live]()).toEqual(tracked);
    machine.clock.advance(HOUR_MS);
  }
  expect(idsAt[dead]()).toEqual([]);
  expect(stored(spool)).toHaveLength(24);

  await intakeOf(dead).resume();
  machine.clock.advance(PATIENCE_MS);
  await run();
  expect(idsAt[dead]()).toEqual(tracked);
  expect(idsAt[live]()).toEqual(tracked);
  expect(intakeOf(live).requests).toHaveLength(24);
  // The oldest event is a day old by now: Datadog would not have kept it under its own time.
  expect(datadog.outdated).toEqual([]);
  expect(stored(spool)).toEqual([]);
});
