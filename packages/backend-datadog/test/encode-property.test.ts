import { describe, expect, it } from "@jest/globals";
import type { TelemetryEvent } from "@candor/backend";
import { sampleEvent } from "@candor/testing";
import * as fc from "fast-check";
import { encodeEvents } from "../src/encode.ts";
import { datadogBackend } from "../src/index.ts";
import { contextWith, secret } from "./datadog-entries.ts";

const SENT_AT_MS = Date.parse("2026-03-31T10:00:00.000Z");
const MAX_PAYLOAD_BYTES = 5_000_000;
/** How much larger than candor's JSON an entry may become, beside its fixed part. */
const WORST_FACTOR = 3.5;
/** The longest that options allow. */
const worst = { sentAtMs: SENT_AT_MS, source: "s".repeat(100), tags: `a:${"t".repeat(798)}` };
const { limits } = datadogBackend({ apiKey: secret }, contextWith());
/** What the limits leave of a full request for the fixed part of each entry. */
const FIXED_BYTES = (MAX_PAYLOAD_BYTES - WORST_FACTOR * limits.maxBytes) / limits.maxEvents;

const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** UTF-16 as it comes, half surrogate pairs and control characters included, and letters whose lower case is longer. */
const unit = fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd7f0, max: 0xe010 }), fc.constantFrom(0x23a, 0x130, 0x2c, 0x3a, 0x1e9e));
const text = fc.oneof(
  fc.array(unit, { maxLength: 12 }).map((units) => String.fromCharCode(...units)),
  fc.tuple(unit, fc.integer({ min: 0, max: 400 })).map(([code, times]) => String.fromCharCode(code).repeat(times)),
);
const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(1e300, 2 ** 53, 0.1, -0, 5e-324));
const metadata = fc.dictionary(fc.oneof(text, fc.constantFrom("__proto__", "ddtags", "")), fc.jsonValue({ maxDepth: 5 }), { maxKeys: 6 });
const time = fc.oneof(text, fc.date({ noInvalidDate: true, min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59Z") }).map((date) => date.toISOString()));
const event = fc
  .record({
    name: text,
    type: text,
    machineId: text,
    toolName: text,
    toolVersion: text,
    os: text,
    arch: text,
    osVersion: text,
    nodeVersion: text,
    error: text,
    signal: text,
    args: fc.array(text, { maxLength: 3 }),
    timestamp: time,
    durationMs: number,
    exitCode: number,
    droppedEvents: number,
    metadata,
  })
  // Through JSON, as every event comes from the spool.
  .map((fields) => sampleEvent(JSON.parse(JSON.stringify(fields)) as Partial<TelemetryEvent>));

describe("any event", () => {
  it("becomes an entry that carries its id, four tags at most, and a time that Datadog takes", () => {
    fc.assert(
      fc.property(event, (given) => {
        const { entries, rejected } = encodeEvents([given], { ...worst, tags: "" });
        expect(rejected).toEqual([]);
        const entry = JSON.parse(JSON.stringify(entries[0]));
        expect(entry.event_id).toBe(given.id);
        expect(entry.level).toBe("info");
        const keys = String(entry.ddtags).split(",").filter((tag) => tag !== "").map((tag) => tag.split(":")[0]);
        expect(keys).toEqual(["event_type", "tool_version", "os", "arch"].filter((key) => keys.includes(key)));
        expect(Math.abs(Date.parse(entry.timestamp) - SENT_AT_MS)).toBeLessThan(18 * 3_600_000);
        expect(JSON.stringify(entries)).not.toMatch(/\\ud[89a-f]/);
      }),
      { numRuns: 500 },
    );
  });

  it("becomes no larger than what the limits reckon with", () => {
    fc.assert(
      fc.property(event, (given) => {
        const { entries } = encodeEvents([given], worst);
        expect(bytes(entries[0])).toBeLessThanOrEqual(bytes(given) * WORST_FACTOR + FIXED_BYTES);
      }),
      { numRuns: 500 },
    );
  });
});

describe("a batch at the limits", () => {
  it.each<[string, Partial<TelemetryEvent>]>([
    ["small events", { durationMs: 2 ** 43, metadata: {} }],
    ["types whose tag is longer than they are", { type: "Ⱥ".repeat(200) }],
    ["types of 400 letters", { type: "漢".repeat(400) }],
    ["names full of control characters", { name: "\u0001".repeat(100) }],
    ["versions, systems and architectures of 200 letters", { toolVersion: "Ⱥ".repeat(200), os: "Ⱥ".repeat(200), arch: "Ⱥ".repeat(200) }],
    ["large events", { metadata: { text: "x".repeat(300_000) } }],
  ])("stays below 5 MB with %s", (_, overrides) => {
    const eventBytes = bytes(sampleEvent(overrides)) + 1;
    const count = Math.min(limits.maxEvents, Math.floor(limits.maxBytes / eventBytes));
    const { entries, rejected } = encodeEvents(Array.from({ length: count }, () => sampleEvent(overrides)), worst);
    expect(rejected).toEqual([]);
    expect(count).toBeGreaterThan(2);
    expect(bytes(entries)).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES);
  });
});
