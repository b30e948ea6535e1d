import { describe, expect, it } from "@jest/globals";
import type { Metadata, TelemetryEvent } from "@candor/backend";
import { sampleEvent } from "@candor/testing";
import { encodeEvents } from "../src/encode.ts";
import { exactLogsSerializer } from "../src/serializer.ts";
import { recordsOf, valuesOf, type WireRecord, type WireRequest, wireRequest, type WireValue } from "./otlp-intake.ts";

const observedAtMs = Date.parse("2026-04-01T00:00:00.250Z");

function encoded(events: readonly TelemetryEvent[], resourceAttributes = {}): WireRequest {
  return wireRequest(new TextDecoder().decode(exactLogsSerializer.serializeRequest(encodeEvents(events, { observedAtMs, resourceAttributes }))));
}

function recordOf(overrides: Partial<TelemetryEvent>): WireRecord {
  const [record] = recordsOf(encoded([sampleEvent(overrides)]));
  if (record === undefined) throw new Error("no record");
  return record;
}

const attributesOf = (overrides: Partial<TelemetryEvent>): Readonly<Record<string, WireValue>> => valuesOf(recordOf(overrides).attributes);

/** The value that one metadata property has on the wire. */
const written = (value: unknown): WireValue | undefined => attributesOf({ metadata: { x: value } as Metadata })["x"];

describe("metadata that would overwrite what candor says", () => {
  it.each(["tool.name", "machine.id", "event.name", "command.error", "command.signal", "log.record.uid", "telemetry.dropped_events"])("is moved: %s", (name) => {
    const before = attributesOf({ id: "the-id", machineId: "the-machine" })[name];
    const attributes = attributesOf({ id: "the-id", machineId: "the-machine", metadata: { [name]: "forged" } });
    expect(attributes[name]).toEqual(before);
    expect(attributes[`metadata.${name}`]).toEqual({ stringValue: "forged" });
  });

  it("is moved further when its new name is taken too", () => {
    const attributes = attributesOf({ metadata: { "tool.name": "moved", "metadata.tool.name": "the author's own" } });
    expect(attributes["metadata.tool.name"]).toEqual({ stringValue: "the author's own" });
    expect(attributes["metadata.metadata.tool.name"]).toEqual({ stringValue: "moved" });
  });

  it("is moved when it has no name", () => {
    expect(attributesOf({ metadata: { "": "nameless" } })["metadata."]).toEqual({ stringValue: "nameless" });
  });
});

describe("values", () => {
  it.each([["resource", 1e300], ["resource", 2 ** 53]] as const)("of a %s are exact too: %d", (_where, value) => {
    const [resource] = encoded([sampleEvent(), sampleEvent()], { build: value }).resourceLogs;
    expect(valuesOf(resource?.resource?.attributes ?? [])["build"]).toEqual({ doubleValue: value });
  });

  it.each<[unknown, WireValue]>([
    [0, { intValue: 0 }],
    [-7, { intValue: -7 }],
    [Number.MAX_SAFE_INTEGER, { intValue: Number.MAX_SAFE_INTEGER }],
    [Number.MIN_SAFE_INTEGER, { intValue: Number.MIN_SAFE_INTEGER }],
    [2 ** 53, { doubleValue: 2 ** 53 }],
    [-(2 ** 64), { doubleValue: -(2 ** 64) }],
    [1e300, { doubleValue: 1e300 }],
    [1.5, { doubleValue: 1.5 }],
    [5e-324, { doubleValue: 5e-324 }],
    [Number.NaN, { stringValue: "NaN" }],
    [Number.NEGATIVE_INFINITY, { stringValue: "-Infinity" }],
    [2n ** 70n, { stringValue: "1180591620717411303424" }],
    [true, { boolValue: true }],
    ["", { stringValue: "" }],
    ["\ud800 half", { stringValue: "\ufffd half" }],
    ["whole 🙂", { stringValue: "whole 🙂" }],
    ['{"intValue":1e+300}', { stringValue: '{"intValue":1e+300}' }],
    [[1, null, "x"], { arrayValue: { values: [{ intValue: 1 }, { stringValue: "null" }, { stringValue: "x" }] } }],
    [{ a: 1e21, gone: null }, { kvlistValue: { values: [{ key: "a", value: { doubleValue: 1e21 } }] } }],
    [{ "": 1 }, { kvlistValue: { values: [{ key: "_", value: { intValue: 1 } }] } }],
    [{}, { kvlistValue: { values: [] } }],
  ])("writes %p without loss of kind", (value, expected) => {
    expect(written(value)).toEqual(expected);
  });

  it("leaves out what says nothing, and does not count it as lost", () => {
    const record = recordOf({ metadata: { a: null } });
    expect(valuesOf(record.attributes)).not.toHaveProperty("a");
    expect(record.droppedAttributesCount).toBe(0);
  });

  it("keeps a property called __proto__", () => {
    const metadata = JSON.parse('{"__proto__":{"__proto__":"inner"}}');
    const pair = recordOf({ metadata }).attributes.find(({ key }) => key === "__proto__");
    expect(pair?.value).toEqual({ kvlistValue: { values: [{ key: "__proto__", value: { stringValue: "inner" } }] } });
  });

  it("keeps the first of two keys that become equal, and counts the other", () => {
    const record = recordOf({ metadata: { "\ud800": 1, "\ud801": 2 } });
    expect(valuesOf(record.attributes)["\ufffd"]).toEqual({ intValue: 1 });
    expect(record.droppedAttributesCount).toBe(1);
  });

  it("cuts what lies too deep", () => {
    let deep: unknown = "bottom";
    for (let level = 0; level < 5000; level += 1) deep = [deep];
    const text = JSON.stringify(written(deep));
    expect(text).toContain("[Truncated]");
    expect(text).not.toContain("bottom");
  });

  it("cuts what is too many, and counts the attributes that are lost", () => {
    const record = recordOf({ metadata: Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`k${index}`, index])) });
    expect(record.attributes.filter(({ key }) => key.startsWith("k"))).toHaveLength(128);
    expect(record.droppedAttributesCount).toBe(72);
    expect(written(Array.from({ length: 5000 }, () => 1))?.arrayValue?.values).toHaveLength(999);
  });
});

describe("times", () => {
  it.each([
    ["2026-03-31T10:00:00.123Z", "1774951200123000000"],
    ["1970-01-01T00:00:00.000Z", "0"],
    ["1969-12-31T23:59:59.999Z", "0"],
    ["2554-07-21T23:34:33.708Z", "18446744073708000000"],
    ["9999-12-31T23:59:59.999Z", "0"],
    ["not a time", "0"],
  ])("writes %s as %s", (timestamp, nanoseconds) => {
    expect(recordOf({ timestamp }).timeUnixNano).toBe(nanoseconds);
  });

  it("observes every record at the time of sending", () => {
    expect(recordOf({}).observedTimeUnixNano).toBe("1775001600250000000");
  });
});

describe("resources and scope", () => {
  it("puts records of one tool into one group, and those of another version into their own", () => {
    const { resourceLogs } = encoded([sampleEvent(), sampleEvent({ toolVersion: "2.0.0" }), sampleEvent()]);
    expect(resourceLogs.map(({ resource, scopeLogs }) => [valuesOf(resource.attributes)["service.version"]?.stringValue, scopeLogs.map(({ logRecords }) => logRecords.length)])).toEqual([
      ["1.2.3", [2]],
      ["2.0.0", [1]],
    ]);
  });

  it("lets configured attributes win in the resource, and only there", () => {
    const request = encoded([sampleEvent()], { "service.name": "dev-tools", "deployment.environment.name": "ci" });
    expect(valuesOf(request.resourceLogs[0]?.resource.attributes ?? [])).toMatchObject({
      "service.name": { stringValue: "dev-tools" },
      "deployment.environment.name": { stringValue: "ci" },
    });
    expect(valuesOf(recordsOf(request)[0]?.attributes ?? [])["tool.name"]).toEqual({ stringValue: "notes" });
  });
});

describe("a whole event", () => {
  it("becomes this record", () => {
    const event = sampleEvent({
      id: "019d0000-0000-7000-8000-000000000000",
      timestamp: "2026-03-31T10:00:00.000Z",
      exitCode: 130,
      signal: "SIGINT",
      args: ["--name", "app"],
      error: "boom",
      droppedEvents: 3,
    });
    const string = (stringValue: string): WireValue => ({ stringValue });
    const { resourceLogs } = encoded([event]);
    expect(valuesOf(resourceLogs[0]?.resource.attributes ?? [])).toEqual({
      "service.name": string("notes"),
      "service.version": string("1.2.3"),
      "os.type": string("linux"),
      "os.version": string("6.8.0"),
      "host.arch": string("amd64"),
      "process.runtime.name": string("nodejs"),
      "process.runtime.version": string("20.19.0"),
    });
    expect(resourceLogs[0]?.scopeLogs[0]?.scope).toEqual({ name: "candor" });
    const [record] = recordsOf({ resourceLogs });
    const { attributes, ...rest } = record ?? { attributes: [] };
    expect(rest).toEqual({
      timeUnixNano: "1774951200000000000",
      observedTimeUnixNano: "1775001600250000000",
      severityNumber: 9,
      severityText: "INFO",
      body: string("notes list"),
      eventName: "command.invocation",
      droppedAttributesCount: 0,
    });
    expect(valuesOf(attributes)).toEqual({
      "event.name": string("notes list"),
      "event.type": string("command.invocation"),
      "tool.name": string("notes"),
      "tool.version": string("1.2.3"),
      "host.arch": string("amd64"),
      "os.type": string("linux"),
      "os.version": string("6.8.0"),
      "process.runtime.version": string("20.19.0"),
      "machine.id": string("0123456789abcdef"),
      "command.duration_ms": { intValue: 42 },
      "command.exit_code": { intValue: 130 },
      "command.signal": string("SIGINT"),
      "command.args": string("--name app"),
      "command.error": string("boom"),
      "telemetry.dropped_events": { intValue: 3 },
      "log.record.uid": string(event.id),
      format: string("table"),
    });
  });

  it("has numbers of commands only where the event has them, zero included", () => {
    expect(attributesOf({ durationMs: 0, exitCode: 0 })).toMatchObject({ "command.duration_ms": { intValue: 0 }, "command.exit_code": { intValue: 0 } });
    const { durationMs: _, exitCode: __, ...feature } = sampleEvent({ type: "feature.used" });
    const names = recordsOf(encoded([feature])).flatMap(({ attributes }) => attributes.map(({ key }) => key));
    expect(names.filter((name) => name.startsWith("command."))).toEqual([]);
    expect(attributesOf({ durationMs: Number.NaN, exitCode: 1.5 })).toMatchObject({ "command.exit_code": { intValue: 1 } });
    expect(attributesOf({ durationMs: Number.NaN })).not.toHaveProperty(["command.duration_ms"]);
  });
});
