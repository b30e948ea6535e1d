import { describe, expect, it } from "@jest/globals";
import type { TelemetryEvent } from "@candor/backend";
import { sampleEvent } from "@candor/testing";
import * as fc from "fast-check";
import { cutIntoRequests } from "../../core/src/delivery/delivery.ts";
import { formatLine } from "../../core/src/spool/batch.ts";
import { amplitudeBackend, type AmplitudeBackendOptions } from "../src/index.ts";
import { apiKey, contextWith, plainEvent, standWith } from "./amplitude-fixture.ts";

/** What the limits of the backend reckon with for an event beside its own JSON, and for a request beside its events. */
const ADDED_BYTES = 128;
const ENVELOPE_BYTES = 256 + JSON.stringify(apiKey).length;

/** UTF-16 as it comes: half surrogate pairs and control characters included. */
const text = fc.array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd7f0, max: 0xe010 })), { maxLength: 12 }).map((units) => String.fromCharCode(...units));
const name = text.map((tail) => `n${tail}`);
/** Keys that a rule is about are drawn often. */
const key = fc.oneof(text, fc.constantFrom("", "__proto__", "metadata", "type", "exit_code", "success", "error", "user_id", "session_id", "device_id", "os_name", "os_arch", "toString"));
const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(1e300, -1e21, 2 ** 53, 0.1, 5e-324));
const { value: json } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 5, depthSize: "medium" }, text, number, fc.boolean(), fc.constant(null), fc.array(tie("value"), { maxLength: 4 }), fc.dictionary(key, tie("value"), { maxKeys: 4 })),
}));

const optional = fc.record(
  { durationMs: fc.nat(), exitCode: fc.integer({ min: 0, max: 255 }), signal: text, error: text, args: fc.array(text, { maxLength: 3 }), droppedEvents: fc.nat(), metadata: fc.dictionary(key, json, { maxKeys: 8 }) },
  { requiredKeys: [] },
);
const event = fc
  .tuple(fc.record({ name, type: name, machineId: name, toolVersion: text, osVersion: text, arch: text, timestamp: fc.date({ noInvalidDate: true }).map((date) => date.toISOString()) }), optional)
  // As it comes out of the spool: what JSON cannot hold is not in it.
  .map(([fields, others]): TelemetryEvent => JSON.parse(JSON.stringify(plainEvent({ ...fields, ...others } as Partial<TelemetryEvent>))));

const sizeOf = (events: readonly TelemetryEvent[]): number => Buffer.byteLength(events.map(formatLine).join(""));

describe.each(["candor", "datarobot"] as const)("any event of core, in the schema %s,", (schema) => {
  it("is taken by Amplitude as clean JSON that is hardly longer than candor's", async () => {
    const { intake, send } = await standWith({ schema });
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 3 }), async (events) => {
        const before = intake.accepted.length;
        expect(await send(...events)).toEqual({ status: "accepted" });
        expect(intake.accepted.slice(before).map(({ insert_id: id }) => id)).toEqual(events.map(({ id }) => id));
        const body = intake.requests.at(-1)?.body ?? "";
        expect(body.replaceAll("\\\\", "")).not.toMatch(/\\ud[89a-f]/);
        expect(Buffer.byteLength(body)).toBeLessThanOrEqual(sizeOf(events) + events.length * ADDED_BYTES + ENVELOPE_BYTES);
      }),
      { numRuns: 100 },
    );
  });
});

describe("a request at the limits", () => {
  const MB = 1_000_000;
  it.each<[string, Partial<AmplitudeBackendOptions>, Partial<TelemetryEvent>, number]>([
    ["as many small events as fit", { batchSize: 1_999 }, { metadata: {} }, MB],
    ["events of the usual size", {}, {}, MB],
    ["large events", {}, { error: "x".repeat(20_000) }, MB],
    ["events full of escapes", { schema: "datarobot", batchSize: 500 }, { error: "\u0000".repeat(2_000) }, MB],
    ["events full of characters of three bytes", {}, { metadata: { a: "漢".repeat(1_000) } }, MB],
    ["events whose every name is taken", { batchSize: 1_999 }, { metadata: { type: "", error: "", args: [], metadata: {} }, args: [""], error: "e", signal: "SIGINT", droppedEvents: 1 }, MB],
    ["many events at once", { batch: true, batchSize: 1_999 }, { metadata: {} }, 20 * MB],
    ["large events at once", { batch: true }, { error: "x".repeat(20_000) }, 20 * MB],
  ])("stays within Amplitude's with %s", async (_, options, fields, maxBytes) => {
    const { intake, backend, send } = await standWith(options);
    // More than one request holds, so that the first is full by its count or by its size.
    const { limits } = backend;
    const count = Math.min(limits.maxEvents, Math.ceil(limits.maxBytes / sizeOf([sampleEvent(fields)]))) + 1;
    const [full = []] = cutIntoRequests(Array.from({ length: count }, () => sampleEvent(fields)), limits);
    expect(full.length).toBeLessThan(count);
    expect(await send(...full)).toEqual({ status: "accepted" });
    expect(Buffer.byteLength(intake.requests[0]?.body ?? "")).toBeLessThan(maxBytes);
    expect(intake.accepted).toHaveLength(full.length);
  });

  it("has room for most of what Amplitude takes", () => {
    const { limits } = amplitudeBackend({ apiKey }, contextWith());
    expect(limits.maxBytes).toBeGreaterThan(MB * 0.9);
  });
});
