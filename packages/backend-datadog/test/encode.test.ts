import { describe, expect, it } from "@jest/globals";
import type { TelemetryEvent } from "@candor/backend";
import { sampleEvent } from "@candor/testing";
import { encodeEvents, type LogEntry } from "../src/encode.ts";
import { formatTag } from "../src/tags.ts";

const options = { sentAtMs: Date.now(), source: "candor", tags: "" };

function entryOf(overrides: Partial<TelemetryEvent>, tags = ""): LogEntry {
  const { entries, rejected } = encodeEvents([sampleEvent(overrides)], { ...options, tags });
  const [entry] = entries;
  if (entry === undefined) throw new Error(`the event was refused: ${JSON.stringify(rejected)}`);
  return entry;
}

describe("metadata", () => {
  it("overwrites nothing that Datadog or candor gives a meaning", () => {
    const names = ["message", "status", "host", "hostname", "service", "source", "ddsource", "ddtags", "timestamp", "level", "event_id", "error", "metadata", "__proto__", "@timestamp", "dd.trace_id"];
    const metadata = Object.fromEntries(names.map((name) => [name, "mine"]));
    const { metadata: below, ...above } = entryOf({ metadata });
    expect(below).toEqual(metadata);
    expect(JSON.stringify(above)).not.toContain("mine");
    expect(Object.keys(above)).toEqual(Object.keys(entryOf({ metadata: {} })));
  });

  it("keeps its shape, without lone halves of surrogate pairs", () => {
    expect(entryOf({ metadata: { "\ud800key": ["\udc00", { deep: [1, null, true, "🙂"] }] } })).toMatchObject({ metadata: { "\ufffdkey": ["\ufffd", { deep: [1, null, true, "🙂"] }] } });
  });
});

describe("tags", () => {
  it.each([
    ["cannot be forged by a comma", "command,admin:yes", "event_type:command_admin:yes"],
    ["hold no white space or control characters", "a b\nc\u0000d", "event_type:a_b_c_d"],
    ["hold no lone half of a surrogate pair", "a\ud800b", "event_type:a_b"],
    ["are in lower case", "Command.Run", "event_type:command.run"],
    ["hold letters of any script", "Größe/漢字-1", "event_type:größe/漢字-1"],
    ["do not end with a colon", "a::", "event_type:a_"],
    ["are left out when there is nothing to say", "", ""],
  ])("%s", (_, value, tag) => {
    expect(formatTag("event_type", value)).toBe(tag);
    expect(entryOf({ type: value }).ddtags.split(",")).toEqual([...(tag === "" ? [] : [tag]), "tool_version:1.2.3", "os:linux", "arch:amd64"]);
  });

  it("have at most 200 characters, whatever these are", () => {
    for (const character of ["x", "漢", "İ", "🙂", "𐐀"]) {
      const tag = formatTag("event_type", character.repeat(400));
      expect(Array.from(tag).length).toBeLessThanOrEqual(200);
      expect(tag).not.toMatch(/\p{Surrogate}/u);
    }
    expect(formatTag("event_type", "x".repeat(400))).toHaveLength(200);
  });

  it("lose nothing: the exact values are attributes", () => {
    expect(entryOf({ type: "My, Type", toolVersion: "1.0+B" })).toMatchObject({ event_type: "My, Type", tool_version: "1.0+B", ddtags: expect.stringMatching(/^event_type:my__type,tool_version:1\.0_b,/) });
  });

  it("end with the author's", () => {
    expect(entryOf({}, "env:prod").ddtags).toBe("event_type:command.invocation,tool_version:1.2.3,os:linux,arch:amd64,env:prod");
  });
});

describe("an entry", () => {
  it("says everything that the event knows", () => {
    const event = sampleEvent({ durationMs: 1.5, exitCode: 0, signal: "SIGINT", args: ["--all"], error: "no such note", droppedEvents: 7, metadata: { format: "table" } });
    expect(encodeEvents([event], options).entries).toEqual([
      {
        ddsource: "candor",
        ddtags: "event_type:command.invocation,tool_version:1.2.3,os:linux,arch:amd64",
        hostname: event.machineId,
        message: "command.invocation: notes list",
        service: "notes",
        timestamp: event.timestamp,
        level: "info",
        event_id: event.id,
        event_time: event.timestamp,
        event_type: "command.invocation",
        event_name: "notes list",
        tool_version: "1.2.3",
        os: "linux",
        arch: "amd64",
        os_version: "6.8.0",
        node_version: "20.19.0",
        duration: 1_500_000,
        exit_code: 0,
        signal: "SIGINT",
        args: ["--all"],
        error: { message: "no such note" },
        dropped_events: 7,
        metadata: { format: "table" },
      },
    ]);
  });

  it("says nothing of what the event does not know", () => {
    const { durationMs: _, exitCode: __, metadata: ___, ...event } = sampleEvent({ osVersion: "", nodeVersion: "", args: [], error: "", signal: "" });
    const [entry] = encodeEvents([event], options).entries;
    expect(Object.keys(entry ?? {})).toEqual([
      ...["ddsource", "ddtags", "hostname", "message", "service", "timestamp", "level", "event_id", "event_time", "event_type", "event_name", "tool_version", "os", "arch"],
    ]);
  });

  it("leaves out numbers that JSON has no words for", () => {
    const entry = entryOf({ durationMs: 1e305, exitCode: Number.POSITIVE_INFINITY, droppedEvents: Number.NaN });
    for (const name of ["duration", "exit_code", "dropped_events"]) expect(entry).not.toHaveProperty(name);
  });

  it("is not made of an event that cannot be written, which costs no other", () => {
    const cyclic: Record<string, unknown> = {};
    cyclic["self"] = cyclic;
    const events = [sampleEvent(), sampleEvent({ metadata: cyclic as never }), sampleEvent({ metadata: { big: 1n as never } }), sampleEvent()];
    const { entries, rejected } = encodeEvents(events, options);
    expect(entries.map(({ event_id: id }) => id)).toEqual([events[0]?.id, events[3]?.id]);
    expect(rejected.map(({ id }) => id)).toEqual([events[1]?.id, events[2]?.id]);
  });
});
