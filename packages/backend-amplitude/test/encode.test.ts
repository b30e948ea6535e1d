import { describe, expect, it } from "@jest/globals";
import type { TelemetryEvent } from "@candor/backend";
import { sampleEvent } from "@candor/testing";
import { plainEvent, standWith, type WireEvent } from "./amplitude-fixture.ts";

/** The event as Amplitude got it. */
async function onTheWire(changes: Partial<TelemetryEvent> = {}): Promise<WireEvent> {
  const { send, onlyEvent } = await standWith();
  expect(await send(sampleEvent(changes))).toEqual({ status: "accepted" });
  return onlyEvent();
}

describe("an event in candor's schema", () => {
  it("has these fields and no others", async () => {
    const event = sampleEvent({ timestamp: "2026-01-02T03:04:05.678Z", args: ["--all"], error: "no such note", signal: "SIGINT", exitCode: 130, droppedEvents: 2 });
    expect(await onTheWire(event)).toEqual({
      event_type: "notes list",
      device_id: "0123456789abcdef",
      time: 1_767_323_045_678,
      insert_id: event.id,
      app_version: "1.2.3",
      platform: "CLI",
      os_name: "linux",
      os_version: "6.8.0",
      library: "amplitude-node-ts/1.5.73",
      event_properties: {
        type: "command.invocation",
        tool_name: "notes",
        os_arch: "amd64",
        node_version: "20.19.0",
        duration_ms: 42,
        exit_code: 130,
        success: false,
        signal: "SIGINT",
        args: ["--all"],
        error: "no such note",
        dropped_events: 2,
        format: "table",
      },
    });
  });

  it.each<[string, Partial<TelemetryEvent>, unknown]>([
    ["is one at exit code 0", { exitCode: 0 }, true],
    ["is none at another", { exitCode: 1 }, false],
    ["is none when a signal ended the command", { exitCode: 0, signal: "SIGTERM" }, false],
  ])("says whether the command was a success: it %s", async (_, changes, success) => {
    expect((await onTheWire(changes)).event_properties["success"]).toBe(success);
  });

  it("leaves out what the event does not have", async () => {
    const feature = plainEvent({ type: "feature.used", args: [], error: "", signal: "", droppedEvents: 0 });
    const { send, onlyEvent } = await standWith();
    await send(feature);
    expect(Object.keys(onlyEvent().event_properties).sort()).toEqual(["node_version", "os_arch", "tool_name", "type"]);
  });

  it("keeps durations and exit codes of zero", async () => {
    expect((await onTheWire({ durationMs: 0, exitCode: 0 })).event_properties).toMatchObject({ duration_ms: 0, exit_code: 0 });
  });
});

describe("metadata", () => {
  it("never overwrites what candor says, and is not lost", async () => {
    const taken = { type: 1, tool_name: 2, os_arch: 3, node_version: 4, duration_ms: 5, exit_code: 6, success: 7, signal: 8, args: 9, error: 10, dropped_events: 11, metadata: 12 };
    const { event_properties: properties } = await onTheWire({ metadata: { ...taken, format: "table" } });
    expect(properties).toMatchObject({ type: "command.invocation", tool_name: "notes", success: true, format: "table", metadata: taken });
    // Not even where the event itself says nothing, so that a name means one thing.
    expect(properties).not.toHaveProperty("error");
  });

  it("keeps its shape and its odd names", async () => {
    const metadata = JSON.parse('{"":"empty","__proto__":{"a":1},"constructor":"x","nested":{"list":[1,null,true,{"deep":"x"}]}}');
    const { event_properties: properties } = await onTheWire({ metadata });
    expect(JSON.stringify(properties)).toContain('"__proto__":{"a":1}');
    expect(properties).toMatchObject({ "": "empty", constructor: "x", nested: { list: [1, null, true, { deep: "x" }] } });
  });
});

describe("text", () => {
  it("loses lone halves of surrogate pairs, and nothing that looks like them", async () => {
    const { send, onlyEvent, intake } = await standWith();
    await send(sampleEvent({ error: "\ud800 half", metadata: { path: "C:\\ud800\\\\udfff", face: "🙂", "\udc00": 1 } }));
    expect(onlyEvent().event_properties).toMatchObject({ error: "\ufffd half", path: "C:\\ud800\\\\udfff", face: "🙂", "\ufffd": 1 });
    expect(intake.requests[0]?.body).not.toMatch(/[^\\]\\ud[89a-f]/);
  });
});
