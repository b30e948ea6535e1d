import { describe, expect, it } from "@jest/globals";
import { eventToJson, type TelemetryEvent } from "@candor/backend";
import { createStamp, type Draft, type StampSettings } from "../src/event/event.ts";
import { createRedactor } from "../src/redaction/redaction.ts";
import { isEventId } from "../src/event/event-id.ts";
import { recordingLogger } from "./fixtures.ts";
import { vectorsOf } from "./vectors.ts";

const SETTINGS: StampSettings = {
  toolName: "mytool",
  toolVersion: "1.2.3",
  machineId: "abc123",
  metadata: () => ({}),
  extendedCollection: false,
  now: () => Date.parse("2026-03-31T10:00:00Z"),
  logger: recordingLogger(),
};

function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function stamp(draft: Draft, settings: Partial<StampSettings> = {}): TelemetryEvent {
  const event = createStamp({ ...SETTINGS, ...settings })(draft);
  if (!event) throw new Error("no event");
  return event;
}

interface RecordedEvent {
  readonly type: string;
  readonly name: string;
  readonly duration_ms: number;
  readonly exit_code: number;
  readonly args?: readonly string[];
  readonly error?: string;
  readonly extended?: boolean;
  readonly collector_metadata?: Readonly<Record<string, unknown>>;
  readonly identity?: { readonly os: string; readonly arch: string; readonly os_version: string };
}

describe("an event", () => {
  it.each(vectorsOf<RecordedEvent, Record<string, unknown> & { __absent?: readonly string[] }>("gtb.event_json"))("$id has GTB's form, with an id of its own and Node's version in place of Go's", ({ input, expected }) => {
    const { type, name, duration_ms: durationMs, exit_code: exitCode, args, error, identity } = input;
    const stamped = stamp(
      { type, name, outcome: { durationMs, exitCode, ...(error === undefined ? {} : { error }) }, ...(args === undefined ? {} : { args }) },
      { extendedCollection: input.extended === true, metadata: () => input.collector_metadata ?? {} },
    );
    const json = eventToJson(identity ? { ...stamped, os: identity.os, arch: identity.arch, osVersion: identity.os_version, nodeVersion: "20.19.0" } : stamped);
    const { __absent: absent = [], go_version: goVersion, timestamp, ...same } = expected;
    expect(json).toMatchObject(same);
    for (const key of absent) expect(json).not.toHaveProperty(key);
    if (goVersion === undefined) return;
    // RFC 3339 both; candor's stamps always carry milliseconds.
    expect(Date.parse(asText(json["timestamp"]))).toBe(Date.parse(String(timestamp)));
    const keys = Object.keys(expected).map((key) => (key === "go_version" ? "node_version" : key));
    expect(Object.keys(json)).toEqual([...keys, "id"]);
    expect(isEventId(asText(json["id"]))).toBe(true);
  });

  it.each(vectorsOf<{ collector: Record<string, unknown>; extra: Record<string, unknown> }, Record<string, unknown>>("gtb.metadata_merge"))("$id: its own properties win over the common ones", ({ input, expected }) => {
    expect(stamp({ type: "t", name: "n", metadata: input.extra }, { metadata: () => input.collector }).metadata).toEqual(expected);
  });

  it("lets no property stand in for a field of the event", () => {
    const event = stamp({ type: "t", name: "n", metadata: { machineId: "x", id: "y", __proto__: { toolName: "z" } } });
    expect(event).toMatchObject({ machineId: "abc123", toolName: "mytool", metadata: { machineId: "x", id: "y" } });
    expect(isEventId(event.id)).toBe(true);
  });

  it("records arguments and errors only on the author's wish, without secrets", () => {
    const draft: Draft = { type: "t", name: "n", args: ["--token", "hunter2value", "list"], outcome: { durationMs: 1.6, exitCode: 130, signal: "SIGINT", error: "password=hunter2value" } };
    const plain = stamp(draft);
    expect(plain).toMatchObject({ durationMs: 2, exitCode: 130, signal: "SIGINT" });
    expect(plain).not.toHaveProperty("args");
    expect(plain).not.toHaveProperty("error");
    const extended = stamp(draft, { extendedCollection: true });
    expect(extended.args).toHaveLength(3);
    expect(JSON.stringify(extended)).not.toContain("hunter2value");
  });

  it("is redacted by the rules it is given, in its properties, arguments and error alike", () => {
    const redactor = createRedactor({ rules: [{ name: "customer", pattern: /CUST-\d+/ }, { name: "order", pattern: /^00\d{8}$/ }] });
    const event = stamp({ type: "t", name: "n", metadata: { note: "CUST-1", "CUST-2": 1, order_id: "0012345678" }, args: ["CUST-3"], outcome: { durationMs: 1, exitCode: 1, error: "no CUST-4" } }, { extendedCollection: true, redactor });
    expect(event).toMatchObject({ metadata: { note: "<redacted-customer>", "<redacted-customer>": 1, order_id: "<redacted-order>" }, args: ["<redacted-customer>"], error: "no <redacted-customer>" });
  });

  it("reads only the start of a huge argument", () => {
    const event = stamp({ type: "t", name: "n", args: ["--note", `word ${"x".repeat(1_000_000)}`] }, { extendedCollection: true });
    expect(event.args).toEqual(["--note", "word…"]);
  });

  it("is bounded in every text", () => {
    const long = "word ".repeat(2_000);
    const event = stamp({ type: long, name: long, args: Array.from({ length: 500 }, () => long), outcome: { durationMs: 1, exitCode: 0, signal: long, error: long } }, { extendedCollection: true });
    expect(event.type.length).toBeLessThanOrEqual(256);
    expect(event.name.length).toBeLessThanOrEqual(256);
    expect(event.signal?.length).toBeLessThanOrEqual(256);
    expect(event.error?.length).toBeLessThanOrEqual(2_048);
    expect(event.args).toHaveLength(100);
    expect(Math.max(...(event.args ?? []).map(({ length }) => length))).toBeLessThanOrEqual(2_048);
  });

  it("is never cut in the middle of a character", () => {
    const event = stamp({ type: "🙂".repeat(200).slice(1), name: `a${"🙂".repeat(200)}`, outcome: { durationMs: 1, exitCode: 0, error: `a${"🙂".repeat(2_000)}` } }, { extendedCollection: true });
    // The first half of the type is the author's own; what is cut here must not add another.
    for (const text of [event.type.slice(1), event.name, event.error ?? ""]) expect(text).not.toMatch(/\p{Surrogate}/u);
  });

  it.each<[object, object, readonly string[]]>([
    [{ durationMs: -5, exitCode: 0 }, { durationMs: 0, exitCode: 0 }, []],
    [{ durationMs: Number.NaN, exitCode: 1.5 }, {}, ["durationMs", "exitCode"]],
    [{ durationMs: 1, exitCode: "b" }, { durationMs: 1 }, ["exitCode"]],
    [{ durationMs: "1", exitCode: 2 }, { exitCode: 2 }, ["durationMs"]],
    [{ durationMs: 1, exitCode: undefined }, { durationMs: 1 }, []],
  ])("keeps only what makes sense of the outcome %j, and says what it leaves out", (outcome, kept, leftOut) => {
    const logger = recordingLogger();
    const { durationMs, exitCode } = stamp({ type: "t", name: "n", outcome } as Draft, { logger });
    expect({ ...(durationMs === undefined ? {} : { durationMs }), ...(exitCode === undefined ? {} : { exitCode }) }).toEqual(kept);
    expect(logger.lines).toEqual(leftOut.map((name) => expect.stringContaining(`${name} is left out`)));
  });
});
