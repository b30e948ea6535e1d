import { describe, expect, it } from "@jest/globals";
import type { TelemetryEvent } from "@candor/backend";
import { sampleEvent } from "@candor/testing";
import * as fc from "fast-check";
import { encodeEvents } from "../src/encode.ts";
import { otlpBackend } from "../src/index.ts";
import { exactLogsSerializer } from "../src/serializer.ts";
import { contextWith } from "./otlp-intake.ts";
import { otlpFaults } from "./otlp-validator.ts";

/** What the limits of the backend reckon with for a record beside its metadata, in bytes. */
const FIXED_BYTES = 1_536;
/** And how much larger than candor's JSON the rest may become. */
const WORST_FACTOR = 10;
const FOUR_MIB = 4 * 1024 * 1024;

function encoded(events: readonly TelemetryEvent[]): string {
  return new TextDecoder().decode(exactLogsSerializer.serializeRequest(encodeEvents(events, { observedAtMs: 1_775_000_000_000, resourceAttributes: {} })));
}

/** UTF-16 as it comes: half surrogate pairs and control characters included. */
const text = fc.array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd7f0, max: 0xe010 })), { maxLength: 12 }).map((units) => String.fromCharCode(...units));

/** Keys that a rule is about are drawn often. */
const key = fc.oneof(text, fc.constantFrom("", "__proto__", "tool.name", "metadata.tool.name", "log.record.uid", "metadata.", "toString", "length", "0"));
const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(1e300, -1e21, 2 ** 53, 2 ** 53 - 1, -(2 ** 63), 0.1, -0, 5e-324));
const scalar = fc.oneof(text, number, fc.boolean(), fc.constant(null), fc.bigInt());
const { value: anything } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 6, depthSize: "medium" }, scalar, fc.array(tie("value"), { maxLength: 4 }), fc.dictionary(key, tie("value"), { maxKeys: 4 })),
}));

const metadata = fc.dictionary(key, anything, { maxKeys: 8 });
const event = fc
  .record({
    name: text,
    type: text,
    machineId: text,
    toolName: text,
    osVersion: text,
    error: text,
    args: fc.array(text, { maxLength: 3 }),
    timestamp: fc.oneof(text, fc.date({ noInvalidDate: true }).map((date) => date.toISOString())),
    durationMs: number,
    exitCode: number,
    droppedEvents: number,
    metadata,
  })
  .map((fields) => sampleEvent(fields as Partial<TelemetryEvent>));

describe("any event", () => {
  it("becomes valid OTLP/JSON that still carries its id", () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 3 }), (events) => {
        const body = encoded(events);
        expect(otlpFaults(body)).toEqual([]);
        for (const { id } of events) expect(body).toContain(`{"key":"log.record.uid","value":{"stringValue":"${id}"}}`);
      }),
      { numRuns: 300 },
    );
  });

  it("keeps every number of its metadata to the last bit", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const [written] = /"key":"x","value":\{"(?:int|double)Value":([^}]+)\}/.exec(encoded([sampleEvent({ metadata: { x: value } })]))?.slice(1) ?? [];
        expect(Number(written)).toBe(value + 0);
      }),
    );
  });
});

describe("the size of a request", () => {
  it("stays within what the limits reckon with", () => {
    const json = fc.dictionary(text, fc.jsonValue({ maxDepth: 6 }), { maxKeys: 8 });
    fc.assert(
      fc.property(json, (pairs) => {
        const given = sampleEvent({ metadata: JSON.parse(JSON.stringify(pairs)) });
        expect(Buffer.byteLength(encoded([given]))).toBeLessThanOrEqual(Buffer.byteLength(JSON.stringify(given.metadata)) * WORST_FACTOR + FIXED_BYTES);
      }),
    );
  });

  it.each<[string, Partial<TelemetryEvent>]>([
    ["small events of as many tools", {}],
    ["metadata full of empty lists", { metadata: { a: Array.from({ length: 900 }, () => []) } }],
    ["metadata full of empty objects", { metadata: { a: Array.from({ length: 900 }, () => ({})) } }],
    ["metadata full of one-digit numbers", { metadata: { a: Array.from({ length: 900 }, () => 1) } }],
    ["metadata full of objects of one property", { metadata: { a: Array.from({ length: 450 }, () => ({ b: [] })) } }],
    ["metadata full of what lies too deep", { metadata: { a: [[[[[[[Array.from({ length: 900 }, () => [])]]]]]]] } }],
  ])("stays below 4 MiB for a batch at the limits with %s", (_, overrides) => {
    const { limits } = otlpBackend({ endpoint: "https://collector.example.com" }, contextWith());
    const eventBytes = Buffer.byteLength(JSON.stringify(sampleEvent(overrides))) + 1;
    const count = Math.min(limits.maxEvents, Math.floor(limits.maxBytes / eventBytes));
    const body = encoded(Array.from({ length: count }, (__, index) => sampleEvent({ ...overrides, toolVersion: `1.${index}.0` })));
    expect(count).toBeGreaterThan(50);
    expect(Buffer.byteLength(body)).toBeLessThan(FOUR_MIB);
  });
});

describe("the judge of OTLP/JSON", () => {
  it.each([
    ["an empty value", '"value":{}'],
    ["an integer beyond 64 bits", '"value":{"intValue":1e+300}'],
    ["half a surrogate pair", '"value":{"stringValue":"\\ud800"}'],
    ["two kinds of value", '"value":{"stringValue":"a","intValue":1}'],
    ["a number that is null", '"value":{"doubleValue":null}'],
    ["an unknown kind", '"value":{"dateValue":"a"}'],
  ])("finds %s", (_, fault) => {
    const sound = encoded([sampleEvent({ metadata: { x: "replace me" } })]);
    expect(otlpFaults(sound)).toEqual([]);
    expect(otlpFaults(sound.replace('"value":{"stringValue":"replace me"}', fault))).not.toEqual([]);
  });
});
