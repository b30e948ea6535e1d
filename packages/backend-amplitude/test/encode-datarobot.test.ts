import { describe, expect, it } from "@jest/globals";
import { type LogFields, silentLogger, type TelemetryEvent } from "@candor/backend";
import { sampleEvent } from "@candor/testing";
import { createStamp } from "../../core/src/event/event.ts";
import { type Vector, vectorsOf } from "../../core/test/vectors.ts";
import { amplitudeBackend } from "../src/index.ts";
import { contextWith, plainEvent, standWith, type WireEvent, wireRequest } from "./amplitude-fixture.ts";

/** What is about the event as a whole, as the tool passes it. */
const liftable = <Value>(known: Readonly<Record<string, Value>>): Record<string, Value> => Object.fromEntries(Object.entries(known).map(([name, value]) => [`datarobot.${name}`, value]));

type Fields = Readonly<Record<string, unknown>>;

async function onTheWire(changes: Partial<TelemetryEvent> = {}): Promise<WireEvent> {
  const { send, onlyEvent } = await standWith({ schema: "datarobot" });
  expect(await send(sampleEvent(changes))).toEqual({ status: "accepted" });
  return onlyEvent();
}

/** The only vector of a kind. */
function vectorOf<Input, Expected>(kind: string): Vector<Input, Expected> {
  const [vector] = vectorsOf<Input, Expected>(kind);
  if (vector === undefined) throw new Error(`no vector of kind ${kind}`);
  return vector;
}

describe("the request of the original", () => {
  interface Request {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: { readonly api_key: string; readonly events: readonly [Fields & { readonly event_properties: Fields }] };
  }
  const { input, expected } = vectorOf<{ now_ms: number; insert_id: string }, Request>("dr.amplitude_request");
  const [original] = expected.body.events;
  const { os_arch, go_version, ...properties } = original.event_properties;
  const { user_id, session_id, os_name, os_version, language } = original;

  /** The event that the tool tracks: what DataRobot's CLI knows comes in the metadata. */
  const tracked = plainEvent({
    // Candor's own are UUIDv7; version 4 here, to be the original's.
    id: input.insert_id,
    name: "dr task run",
    timestamp: new Date(input.now_ms).toISOString(),
    machineId: String(original["device_id"]),
    toolVersion: String(original["app_version"]),
    arch: String(os_arch),
    nodeVersion: "20.19.0",
    metadata: JSON.parse(JSON.stringify({ ...liftable({ user_id, session_id, os_name, os_version, language }), ...properties })),
  });

  it("is the one that the real SDK sends, but for these differences", async () => {
    const { intake, send } = await standWith({ schema: "datarobot", apiKey: expected.body.api_key }, { apiKey: expected.body.api_key });
    expect(await send(tracked)).toEqual({ status: "accepted" });
    const [request] = intake.requests;
    if (request === undefined) throw new Error("no request arrived");
    const { options, client_upload_time, ...body } = wireRequest(request);
    expect(body).toEqual({
      ...expected.body,
      events: [
        {
          ...original,
          // The SDK of Node.js instead of Go's.
          library: "amplitude-node-ts/1.5.73",
          // The runtime is Node.js, and an empty go_version would be a lie.
          event_properties: { ...properties, os_arch, node_version: "20.19.0" },
        },
      ],
    });
    // Go's SDK leaves these two out: Node's always says when it sent, and candor sets the length of ids.
    expect(options).toEqual({ min_id_length: 1 });
    expect(Date.parse(client_upload_time)).not.toBeNaN();
    expect(go_version).toBe("go1.26.4");
  });

  it("goes to the same place in the same form", async () => {
    const { intake, send } = await standWith({ schema: "datarobot" });
    await send(tracked);
    const headers = Object.fromEntries(Object.entries(expected.headers).map(([name, value]) => [name.toLowerCase(), value]));
    expect(intake.requests[0]).toMatchObject({ method: expected.method, path: new URL(expected.url).pathname, headers });
    expect(amplitudeBackend({ apiKey: "k", schema: "datarobot" }, contextWith()).destination).toBe(expected.url);
  });
});

describe("an event of a plugin, unauthenticated", () => {
  type Partially = Fields & { readonly __absent: readonly string[]; readonly event_properties: Fields & { readonly __absent: readonly string[] } };
  const { input, expected } = vectorOf<{ command: string; plugin_version: string }, Partially>("dr.amplitude_event");

  it("is the original's", async () => {
    const event = await onTheWire({ name: input.command, metadata: { "datarobot.user_id": "", command_kind: "plugin", plugin_version: input.plugin_version } });
    const { __absent: absentFields, event_properties, ...fields } = expected;
    const { __absent: absentProperties, ...properties } = event_properties;
    expect(event).toMatchObject({ ...fields, event_properties: properties });
    for (const field of absentFields) expect(event).not.toHaveProperty(field);
    for (const property of absentProperties) expect(event.event_properties).not.toHaveProperty(property);
  });
});

describe("event properties", () => {
  it("are those of the original, with node_version for go_version", async () => {
    const { expected } = vectorOf<unknown, readonly string[]>("dr.event_properties");
    const ofTheMachine = ["os_arch", "go_version"];
    const metadata = Object.fromEntries(expected.filter((name) => !ofTheMachine.includes(name)).map((name) => [name, "x"]));
    const { send, onlyEvent } = await standWith({ schema: "datarobot" });
    await send(plainEvent({ metadata }));
    const names = expected.map((name) => (name === "go_version" ? "node_version" : name));
    expect(Object.keys(onlyEvent().event_properties).sort()).toEqual([...names].sort());
  });

  it("are merged so that the event's own win", async () => {
    const { input, expected } = vectorOf<{ common: Fields; event: Fields }, Fields>("dr.property_merge");
    const problems: (LogFields | undefined)[] = [];
    const logger = { ...silentLogger, debug: (_: string, fields?: LogFields) => void problems.push(fields) };
    const stamp = createStamp({ toolName: "dr", toolVersion: "1", machineId: "device-1", metadata: () => input.common, extendedCollection: false, now: Date.now, logger });
    const event = stamp({ type: "command.invocation", name: "dr task run", metadata: input.event });
    if (event === undefined) throw new Error("the draft made no event");
    const { send, onlyEvent } = await standWith({ schema: "datarobot" });
    await send(event);
    const { os_arch, node_version, ...merged } = onlyEvent().event_properties;
    expect(merged).toEqual(expected);
    expect([typeof os_arch, typeof node_version]).toEqual(["string", "string"]);
    expect(problems).toEqual([]);
  });

  it("may say the architecture and the runtime themselves, as in the original", async () => {
    expect((await onTheWire({ metadata: { os_arch: "wasm", node_version: "none" } })).event_properties).toMatchObject({ os_arch: "wasm", node_version: "none" });
  });

  it("tell the outcome of a command besides, which metadata cannot overwrite", async () => {
    const { event_properties: properties } = await onTheWire({ exitCode: 2, args: ["-v"], error: "no", droppedEvents: 3, metadata: { exit_code: 0, success: true, task_name: "x" } });
    expect(properties).toEqual({
      os_arch: "amd64",
      node_version: "20.19.0",
      task_name: "x",
      duration_ms: 42,
      exit_code: 2,
      success: false,
      args: ["-v"],
      error: "no",
      dropped_events: 3,
      metadata: { exit_code: 0, success: true },
    });
  });
});

describe("what metadata says of the user and the machine", () => {
  it("stands at the top, never among the properties, and the device is candor's to name", async () => {
    const known = { user_id: "u1", device_id: "theirs", session_id: 1_704_067_200_000, os_name: "macOS", os_version: "15.7.5", language: "en-US" };
    const { event_properties: properties, ...fields } = await onTheWire({ metadata: liftable(known) });
    expect(fields).toMatchObject({ ...known, device_id: "0123456789abcdef" });
    for (const name of Object.keys(known)) expect(Object.keys(properties).join()).not.toContain(name);
  });

  it("is not displaced by a command's own property of the same name", async () => {
    const own = { language: "python", user_id: "not a user's", session_id: "abc", os_version: 3 };
    const event = await onTheWire({ metadata: { ...liftable({ user_id: "u1", language: "en-US" }), ...own } });
    expect(event).toMatchObject({ user_id: "u1", language: "en-US", event_properties: own });
    expect(event).not.toHaveProperty("session_id");
  });

  it.each([
    ["missing", {}],
    ["empty", liftable({ user_id: "", os_name: "", os_version: "", language: "" })],
    ["of another type", liftable({ user_id: 7, session_id: "1704067200000", os_name: null, os_version: ["15"], language: false })],
  ])("is absent when it is %s", async (_, metadata) => {
    const event = await onTheWire({ metadata });
    for (const name of ["user_id", "session_id", "os_name", "os_version", "language"]) {
      expect(event).not.toHaveProperty(name);
      expect(event.event_properties).not.toHaveProperty(name);
    }
  });
});

describe("the event of the specification's draft", () => {
  interface Sample {
    readonly events: readonly [Fields & { readonly event_properties: Fields }];
  }
  interface Input {
    readonly command: string;
    readonly device_id: string;
    readonly session_id: number;
    readonly time: number;
    readonly app_version: string;
    readonly os: string;
    readonly os_version: string;
    readonly [property: string]: unknown;
  }
  const { input, expected } = vectorOf<Input, Sample>("drspec.command_completed");

  it("can be tracked, but for these differences", async () => {
    const { command, duration_ms, success, flags, session_id, os, os_version } = input;
    const { send, onlyEvent } = await standWith({ schema: "datarobot" });
    const event = plainEvent({
      name: "command_completed",
      timestamp: new Date(input.time).toISOString(),
      machineId: input.device_id,
      toolVersion: input.app_version,
      metadata: JSON.parse(JSON.stringify({ command, duration_ms, success, flags, ...liftable({ session_id, os_name: os, os_version }) })),
    });
    await send(event);
    const [sample] = expected.events;
    expect(onlyEvent()).toEqual({
      ...sample,
      // The documentation of what was built says CLI.
      platform: "CLI",
      // And adds these, of which the draft knows nothing.
      ip: "$remote",
      insert_id: event.id,
      library: "amplitude-node-ts/1.5.73",
      event_properties: { ...sample.event_properties, os_arch: "amd64", node_version: "20.19.0" },
    });
  });
});
