import { describe, expect, it } from "@jest/globals";
import type { Metadata, TelemetryEvent } from "@candor/backend";
import { sampleEvent } from "@candor/testing";
import { encodeEvents, MAX_EVENT_BYTES, wellFormedJson } from "../src/encode.ts";
import { foreign } from "./posthog-context.ts";

const anonymous = { personProfiles: false, geoip: false };

function messageOf(overrides: Partial<TelemetryEvent>, privacy = anonymous): ReturnType<typeof encodeEvents>["messages"][number] {
  const { messages, refused } = encodeEvents([sampleEvent(overrides)], privacy);
  const [message] = messages;
  if (message === undefined) throw new Error(`refused: ${JSON.stringify(refused)}`);
  return message;
}

const propertiesOf = (overrides: Partial<TelemetryEvent>): Readonly<Record<string, unknown>> => messageOf(overrides).properties;

const cyclic: Record<string, unknown> = {};
cyclic["itself"] = cyclic;

describe("an event that PostHog would drop, or refuse together with its batch", () => {
  it.each<[string, Partial<TelemetryEvent>]>([
    ["its id is not a UUID", { id: "7" }],
    ["its id is not a UUID", { id: "" }],
    ["its id is not a UUID", { id: "{019d0000-0000-7000-8000-000000000000}" }],
    ["it has no type", { type: "" }],
    ["it has no type", { type: " \n" }],
    ["it has no machine id", { machineId: "" }],
    ["its timestamp is not a time", { timestamp: "" }],
    ["its timestamp is not a time", { timestamp: "yesterday" }],
    ["its timestamp is not a time", { timestamp: "+012026-01-01T00:00:00.000Z" }],
    ["its timestamp is not a time", { timestamp: "-000001-01-01T00:00:00.000Z" }],
    ["it is larger than 900000 bytes", { metadata: { a: "x".repeat(MAX_EVENT_BYTES) } }],
    ["it is larger than 900000 bytes", { metadata: { a: "漢".repeat(MAX_EVENT_BYTES / 3) } }],
    ["it cannot be written as JSON", foreign({ metadata: { a: 1n } })],
    ["it cannot be written as JSON", foreign({ metadata: cyclic })],
    ["it cannot be written as JSON", foreign({ type: null })],
  ])("is refused by name: %s", (reason, overrides) => {
    const sound = sampleEvent();
    const bad = sampleEvent(overrides);
    const { messages, refused } = encodeEvents([bad, sound], anonymous);
    expect(messages.map(({ uuid }) => uuid)).toEqual([sound.id]);
    expect(refused).toEqual([{ id: bad.id, reason: expect.stringContaining(reason) }]);
  });

  it("is refused when reading it throws", () => {
    const bad = Object.defineProperty(sampleEvent(), "metadata", { get: () => { throw new Error("mine"); } });
    expect(encodeEvents([bad], anonymous).refused).toEqual([{ id: bad.id, reason: "it cannot be written as JSON" }]);
  });
});

describe("metadata that would say something else", () => {
  it.each(["event_name", "tool_name", "tool_version", "arch", "os_version", "node_version", "duration_ms", "exit_code", "signal", "args", "error", "dropped_events"])(
    "does not overwrite candor's %s",
    (name) => {
      const given = { signal: "SIGINT", args: ["a"], error: "boom", droppedEvents: 2 };
      const properties = propertiesOf({ ...given, metadata: { [name]: "forged" } });
      expect(properties[name]).toEqual(propertiesOf(given)[name]);
      expect(properties[`metadata.${name}`]).toBe("forged");
    },
  );

  it.each(["$os", "$ip", "$process_person_profile", "$geoip_disable", "$lib", "$set", "$set_once", "$groups", "$ignore_sent_at", "$", "token", "api_key", "distinct_id", "__proto__", ""])(
    "does not tell PostHog %j",
    (name) => {
      const properties = propertiesOf({ metadata: JSON.parse(JSON.stringify({ x: 1 }).replace('"x"', JSON.stringify(name))) });
      expect(Object.hasOwn(properties, name) && properties[name] === 1).toBe(false);
      expect(properties[`metadata.${name}`]).toBe(1);
    },
  );

  it("does not take a name that an absent property of candor has", () => {
    expect(propertiesOf({ metadata: { signal: "SIGNED" } })).not.toHaveProperty("signal");
  });

  it("is moved further when its new name is taken too", () => {
    const properties = propertiesOf({ metadata: { arch: "moved", "metadata.arch": "the author's own" } });
    expect(properties["metadata.arch"]).toBe("the author's own");
    expect(properties["metadata.metadata.arch"]).toBe("moved");
  });
});

describe("metadata", () => {
  it.each<[unknown]>([[0], [-7.5], [1e300], [true], [null], [""], ["whole 🙂"], [[1, null, ["x"]]], [{ deep: { $set: 1, "": [] } }]])("keeps its shape: %j", (value) => {
    expect(propertiesOf({ metadata: { x: value } as Metadata })["x"]).toEqual(value);
  });

  it("may be absent", () => {
    const { metadata: _, ...event } = sampleEvent();
    expect(encodeEvents([event], anonymous).refused).toEqual([]);
  });
});

describe("what an event says", () => {
  it("includes zeros, and leaves out what is empty or no number", () => {
    expect(propertiesOf({ durationMs: 0, exitCode: 0 })).toMatchObject({ duration_ms: 0, exit_code: 0 });
    const properties = propertiesOf({ durationMs: Number.NaN, exitCode: Number.POSITIVE_INFINITY, signal: "", args: [], error: "", droppedEvents: 0 });
    for (const name of ["duration_ms", "exit_code", "signal", "args", "error", "dropped_events"]) expect(properties).not.toHaveProperty(name);
  });

  it.each(["$identify", "$create_alias", "$performance_event", "$snapshot", "$exception"])("never sets PostHog's own %s off", (type) => {
    expect(messageOf({ type }).event).toBe(`event.${type}`);
  });

  it("keeps the time at which it was tracked, however long ago", () => {
    expect(messageOf({ timestamp: "2019-02-03T04:05:06.789Z" }).timestamp).toEqual(new Date("2019-02-03T04:05:06.789Z"));
  });
});

describe("privacy", () => {
  it("is the default: no profile, no address", () => {
    expect(propertiesOf({})).toMatchObject({ $process_person_profile: false, $ip: "0.0.0.0" });
  });

  it("gives way where the author says so, each part by itself", () => {
    const withProfiles = messageOf({}, { personProfiles: true, geoip: false }).properties;
    expect(withProfiles).not.toHaveProperty("$process_person_profile");
    expect(withProfiles).toHaveProperty("$ip");
    const withPlaces = messageOf({}, { personProfiles: false, geoip: true }).properties;
    expect(withPlaces).not.toHaveProperty("$ip");
    expect(withPlaces).toHaveProperty("$process_person_profile");
  });
});

describe("half a surrogate pair", () => {
  it.each([
    ["\ud800", "\ufffd"],
    ["a\udfffb", "a\ufffdb"],
    ["\udc00\ud800", "\ufffd\ufffd"],
    ["\\\ud800", "\\\ufffd"],
    ["\\ud800", "\\ud800"],
    ["\\\\ud800", "\\\\ud800"],
    ["🙂", "🙂"],
    ["\ud7ff\ue000", "\ud7ff\ue000"],
  ])("is replaced, and nothing else is: %j", (text, expected) => {
    expect(JSON.parse(wellFormedJson(JSON.stringify({ [text]: [text] })))).toEqual({ [expected]: [expected] });
  });
});
