import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { silentLogger } from "@candor/backend";
import { type PostHogIntake, sampleEvent, startPostHogIntake } from "@candor/testing";
import * as fc from "fast-check";
import { createStamp } from "../../core/src/event/event.ts";
import { encodeEvents, MAX_EVENT_BYTES } from "../src/encode.ts";
import { posthogBackend } from "../src/index.ts";
import { contextWith, forever, foreign, TOKEN, wireRequest } from "./posthog-context.ts";

/** What the limits of the backend reckon with for an event beside candor's own JSON of it, in bytes. */
const ADDED_BYTES = 1_000;

let intake: PostHogIntake;
beforeAll(async () => {
  intake = await startPostHogIntake({ token: TOKEN });
});
afterAll(() => intake.close());

/** UTF-16 as it comes: half surrogate pairs and control characters included. */
const text = fc.array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd7f0, max: 0xe010 })), { maxLength: 12 }).map((units) => String.fromCharCode(...units));

/** Keys that a rule is about are drawn often. */
const key = fc.oneof(text, fc.constantFrom("", "__proto__", "$set", "$ip", "token", "tool_name", "metadata.tool_name", "metadata.$ip", "toString", "toJSON", "length", "0"));
const { value: anything } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: "medium" },
    fc.oneof(text, fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null)),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(key, tie("value"), { maxKeys: 4 }),
  ),
}));

const word = fc.oneof(text, fc.constantFrom("$identify", "$exception", "feature.used"));
const event = fc
  .record({
    name: text,
    type: word,
    machineId: fc.oneof(text, fc.constant("m1")),
    toolName: text,
    osVersion: text,
    error: text,
    args: fc.array(text, { maxLength: 3 }),
    timestamp: fc.oneof(text, fc.date({ noInvalidDate: true }).map((date) => date.toISOString())),
    durationMs: fc.oneof(fc.integer(), fc.double()),
    exitCode: fc.integer(),
    droppedEvents: fc.integer(),
    metadata: fc.dictionary(key, anything, { maxKeys: 8 }),
  })
  .map((fields) => sampleEvent(foreign(fields)));

/** Text as it may arrive. */
const mended = (value: string): string => value.replaceAll(/\p{Surrogate}/gu, "\ufffd");

describe("any event", () => {
  it("is either named as refused or confirmed, arrives with its own words, and tells PostHog nothing by metadata", async () => {
    const backend = posthogBackend({ apiKey: TOKEN, host: intake.url }, contextWith());
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 3 }), async (events) => {
        const first = await backend.send(events, forever());
        const refused = new Set(first.status === "rejected" ? first.rejected?.map(({ id }) => id) : []);
        expect(first.status).toBe(refused.size > 0 ? "rejected" : "accepted");
        const rest = events.filter(({ id }) => !refused.has(id));
        const second = refused.size > 0 ? await backend.send(rest, forever()) : first;
        expect(second).toEqual({ status: "accepted" });
        const arrived = new Map(intake.accepted.map((each) => [each.uuid, each]));
        for (const { id, name, machineId, metadata = {} } of rest) {
          const { properties = {}, distinct_id: distinctId } = arrived.get(id) ?? {};
          expect(distinctId).toBe(mended(machineId));
          expect(properties["event_name"]).toBe(mended(name));
          const dollars = Object.keys(properties).filter((each) => each.startsWith("$"));
          expect(dollars.sort()).toEqual(["$geoip_disable", "$ip", "$lib", "$lib_version", "$os", "$process_person_profile"]);
          expect(properties["$ip"]).toBe("0.0.0.0");
          for (const each of Object.keys(metadata).map(mended)) {
            expect(Object.hasOwn(properties, each) || Object.hasOwn(properties, `metadata.${each}`)).toBe(true);
          }
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe("the size of a request", () => {
  it("stays within what the limits reckon with", async () => {
    const json = fc.dictionary(text, fc.jsonValue({ maxDepth: 5 }), { maxKeys: 8 });
    const backend = posthogBackend({ apiKey: TOKEN, host: intake.url }, contextWith());
    await fc.assert(
      fc.asyncProperty(json, async (pairs) => {
        const given = sampleEvent({ metadata: JSON.parse(JSON.stringify(pairs)), signal: "SIGINT", error: "e", args: ["a"], droppedEvents: 1 });
        await backend.send([given], forever());
        const [sent] = wireRequest(intake.requests.at(-1) ?? { body: "" }).batch;
        expect(sent?.uuid).toBe(given.id);
        expect(Buffer.byteLength(JSON.stringify(sent))).toBeLessThanOrEqual(Buffer.byteLength(JSON.stringify(given)) + ADDED_BYTES);
      }),
      { numRuns: 100 },
    );
  });

  it("stays within that when each of core's 64 properties has to be renamed", async () => {
    const backend = posthogBackend({ apiKey: TOKEN, host: intake.url }, contextWith());
    const renamed = Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`$${index}`, index]));
    const given = sampleEvent({ metadata: renamed, signal: "SIGINT", error: "e", args: ["a"], droppedEvents: 1 });
    expect(await backend.send([given], forever())).toEqual({ status: "accepted" });
    const [sent] = wireRequest(intake.requests.at(-1) ?? { body: "" }).batch;
    expect(sent?.properties).toHaveProperty(["metadata.$63"], 63);
    expect(Buffer.byteLength(JSON.stringify(sent))).toBeLessThanOrEqual(Buffer.byteLength(JSON.stringify(given)) + ADDED_BYTES);
  });

  it("stays below 2 MB at the limits", () => {
    const { maxBytes, maxEvents } = posthogBackend({ apiKey: TOKEN }, contextWith()).limits;
    expect(maxBytes + maxEvents * ADDED_BYTES).toBeLessThan(2_000_000);
  });

  it("has room for whatever core makes of 64 long properties, 100 long arguments and a long error", () => {
    const stamp = createStamp({ toolName: "notes", toolVersion: "1.2.3", machineId: "m1", metadata: () => ({}), extendedCollection: true, now: () => 1_775_000_000_000, logger: silentLogger });
    // The longest that is text: three bytes a character in UTF-8.
    const long = fc.constantFrom("漢".repeat(5_000), "a b".repeat(2_000));
    const most = { size: "max" } as const;
    const draft = fc.record({ name: long, type: long, metadata: fc.dictionary(fc.string(), long, { maxKeys: 100, ...most }), args: fc.array(long, { maxLength: 200, ...most }), error: long });
    fc.assert(
      fc.property(draft, ({ error, ...rest }) => {
        const made = stamp({ ...rest, outcome: { durationMs: 1, exitCode: 1, error } });
        expect(encodeEvents(made ? [made] : [], { personProfiles: false, geoip: false })).toMatchObject({ messages: { length: made ? 1 : 0 }, refused: [] });
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    [MAX_EVENT_BYTES - 1_000, 0],
    [MAX_EVENT_BYTES, 1],
    [1_048_576, 1],
  ])("has room for an event of about %i bytes, or names it", (length, refusals) => {
    expect(encodeEvents([sampleEvent({ metadata: { a: "x".repeat(length) } })], { personProfiles: false, geoip: false }).refused).toHaveLength(refusals);
  });
});
