import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "@jest/globals";
import { post } from "@candor/backend";
import { type AmplitudeIntake, type AmplitudeIntakeOptions, startAmplitudeIntake } from "@candor/testing";

const open: AmplitudeIntake[] = [];
afterEach(async () => {
  for (const intake of open.splice(0)) await intake.close();
});

async function intakeWith(options?: AmplitudeIntakeOptions): Promise<AmplitudeIntake> {
  const intake = await startAmplitudeIntake(options);
  open.push(intake);
  return intake;
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

async function send(intake: AmplitudeIntake, body: unknown, { path = "/2/httpapi", gzip = false } = {}): Promise<Answer> {
  const result = await post({ url: `${intake.url}${path}`, body: typeof body === "string" ? body : JSON.stringify(body), gzip });
  if (result.status === "failed") throw new Error(result.reason);
  return { status: result.statusCode, body: JSON.parse(result.body) };
}

const event = (changes: Readonly<Record<string, unknown>> = {}) => ({ event_type: "notes list", device_id: "device-1", insert_id: "i1", ...changes });
const events = (count: number, changes: Readonly<Record<string, unknown>> = {}) => Array.from({ length: count }, (_, index) => event({ insert_id: `i${index}`, ...changes }));
const request = (list: unknown, changes: Readonly<Record<string, unknown>> = {}) => ({ api_key: "k", events: list, ...changes });

describe("a request that Amplitude cannot take", () => {
  it.each<[string, unknown, number, unknown]>([
    ["is no JSON", "{", 400, { code: 400, error: "Invalid JSON request body" }],
    ["is a list", [], 400, { code: 400 }],
    ["has no key", { events: events(1) }, 400, { missing_field: "api_key" }],
    ["has an empty key", { api_key: "", events: events(1) }, 400, { missing_field: "api_key" }],
    ["has no events", { api_key: "k" }, 400, { missing_field: "events" }],
    ["has an empty list of events", request([]), 400, { missing_field: "events" }],
    ["has too many events", request(events(2_000)), 413, { code: 413 }],
    ["is too large", request([event({ event_properties: { a: "x".repeat(1_000_000) } })]), 413, { code: 413 }],
  ])("is refused when it %s", async (_, body, status, expected) => {
    const intake = await intakeWith();
    const answer = await send(intake, body);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject(expected as object);
    expect(intake.accepted).toEqual([]);
  });

  it("is refused when its key is another project's, and the answer quotes the key as Amplitude does", async () => {
    const intake = await intakeWith({ apiKey: "mine" });
    expect(await send(intake, request(events(1)))).toEqual({ status: 400, body: { code: 400, error: 'Invalid API key: "k"' } });
    expect((await send(intake, request(events(1), { api_key: "mine" }))).status).toBe(200);
  });

  it("is refused at another path", async () => {
    expect((await send(await intakeWith(), request(events(1)), { path: "/httpapi" })).status).toBe(404);
  });
});

describe("an event that Amplitude cannot take", () => {
  it.each([
    ["has no type", { event_type: undefined }, { events_with_missing_fields: { event_type: [1] } }],
    ["has an empty type", { event_type: "" }, { events_with_missing_fields: { event_type: [1] } }],
    ["has no id", { device_id: undefined }, { events_with_missing_fields: { device_id: [1] } }],
    ["has a short id", { device_id: "abcd" }, { events_with_invalid_id_lengths: { device_id: [1] } }],
    ["has a time in words", { time: "now" }, { events_with_invalid_fields: { time: [1] } }],
    ["has a session in words", { session_id: "s" }, { events_with_invalid_fields: { session_id: [1] } }],
    ["has a list of properties", { event_properties: [] }, { events_with_invalid_fields: { event_properties: [1] } }],
    ["has a number as its version", { app_version: 1 }, { events_with_invalid_fields: { app_version: [1] } }],
  ])("is named by its index when it %s, and nothing of the request is taken", async (_, changes, expected) => {
    const intake = await intakeWith();
    const answer = await send(intake, request([event(), event(changes), event({ insert_id: "i3" })]));
    expect(answer).toMatchObject({ status: 400, body: { code: 400, ...expected } });
    expect(intake.accepted).toEqual([]);
  });

  it("is named when it is no object", async () => {
    expect(await send(await intakeWith(), request(["event"]))).toMatchObject({ status: 400, body: { events_with_invalid_fields: { event: [0] } } });
  });

  it("is named together with its device when that is silenced", async () => {
    const intake = await intakeWith({ silencedDevices: ["device-2"] });
    const answer = await send(intake, request([event(), event({ device_id: "device-2" })]));
    expect(answer).toMatchObject({ status: 400, body: { silenced_events: [1], silenced_devices: ["device-2"] } });
  });

  it("may have a short id where the request says so, or another id beside it", async () => {
    const intake = await intakeWith();
    expect((await send(intake, request([event({ device_id: "a" })], { options: { min_id_length: 1 } }))).status).toBe(200);
    expect((await send(intake, request([event({ device_id: "a", user_id: "somebody" })]))).status).toBe(200);
  });
});

describe("a device that sends too much", () => {
  it("is throttled by its average over 30 seconds, and has room again afterwards", async () => {
    let nowMs = 1_000_000;
    const intake = await intakeWith({ eventsPerSecond: 1, now: () => nowMs });
    expect((await send(intake, request(events(30)))).status).toBe(200);
    expect(await send(intake, request([event(), event({ device_id: "device-2" })]))).toMatchObject({
      status: 429,
      body: { code: 429, eps_threshold: 1, throttled_devices: { "device-1": 2 }, throttled_events: [0], exceeded_daily_quota_devices: {} },
    });
    nowMs += 30_000;
    expect((await send(intake, request(events(1)))).status).toBe(200);
  });

  it("is refused over its daily quota, and has room again a day later", async () => {
    let nowMs = 1_000_000;
    const intake = await intakeWith({ dailyQuota: 2, now: () => nowMs });
    await send(intake, request(events(2)));
    expect(await send(intake, request(events(1)))).toMatchObject({ status: 429, body: { exceeded_daily_quota_devices: { "device-1": 3 }, throttled_events: [] } });
    nowMs += 86_400_000;
    expect((await send(intake, request(events(1)))).status).toBe(200);
  });
});

describe("what Amplitude takes", () => {
  it("is acknowledged with its count, its size and the time", async () => {
    const intake = await intakeWith({ now: () => 5 });
    const body = JSON.stringify(request(events(3)));
    expect(await send(intake, body)).toEqual({
      status: 200,
      body: { code: 200, events_ingested: 3, payload_size_bytes: Buffer.byteLength(body), server_upload_time: 5 },
    });
    expect(intake.accepted).toEqual(events(3));
  });

  it("counts twice when it comes again after 7 days", async () => {
    let nowMs = 1_775_000_000_000;
    const intake = await intakeWith({ now: () => nowMs });
    await send(intake, request([event()]));
    nowMs += 7 * 86_400_000 - 1;
    await send(intake, request([event()]));
    expect(intake.accepted).toHaveLength(1);
    nowMs += 1;
    await send(intake, request([event()]));
    expect(intake.accepted).toHaveLength(2);
  });

  it("counts once when it comes again, but not when another device or no insert_id says so", async () => {
    const intake = await intakeWith();
    await send(intake, request(events(2)));
    await send(intake, request([...events(2), event({ device_id: "device-2", insert_id: "i0" })]));
    expect(intake.accepted).toHaveLength(3);
    await send(intake, request([event({ insert_id: undefined }), event({ insert_id: undefined })]));
    expect(intake.accepted).toHaveLength(5);
  });

  it("is kept with no text beyond 1,024 characters, in lists and objects too", async () => {
    const intake = await intakeWith();
    const [long, kept] = ["x".repeat(1_025), "x".repeat(1_024)];
    await send(intake, request([event({ event_properties: { error: long, args: [long, 1], more: { deep: long, none: null } } })]));
    expect(intake.accepted).toMatchObject([{ event_properties: { error: kept, args: [kept, 1], more: { deep: kept, none: null } } }]);
  });

  it("may be larger at the batch API", async () => {
    const large = request([event({ event_properties: { a: "x".repeat(1_000_000) } })]);
    expect((await send(await intakeWith(), large, { path: "/batch" })).status).toBe(200);
  });

  it("is measured before compression", async () => {
    const large = request([event({ event_properties: { a: "x".repeat(1_000_000) } })]);
    expect(gzipSync(JSON.stringify(large)).length).toBeLessThan(10_000);
    expect((await send(await intakeWith(), large, { gzip: true })).status).toBe(413);
  });

  it("may be compressed, and the script still comes first", async () => {
    const intake = await intakeWith();
    intake.reply({ action: "answer", status: 503, body: "{}" });
    expect((await send(intake, request(events(1)), { gzip: true })).status).toBe(503);
    expect((await send(intake, request(events(1)), { gzip: true })).status).toBe(200);
    expect(intake.accepted).toHaveLength(1);
  });
});
