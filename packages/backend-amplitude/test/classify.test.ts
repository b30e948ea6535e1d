import { describe, expect, it } from "@jest/globals";
import type { PostAnswer } from "@candor/backend";
import { classify, withUnsent } from "../src/classify.ts";

const events = ["a", "b", "c"].map((id) => ({ id, deviceId: `device-${id}` }));
const json = { "content-type": "application/json" };

function answer(statusCode: number, body: unknown = "", headers: Record<string, string> = json): PostAnswer {
  return { status: "answered", statusCode, headers, body: typeof body === "string" ? body : JSON.stringify(body) };
}

const verdict = (statusCode: number, body?: unknown, headers?: Record<string, string>) => classify(answer(statusCode, body, headers), events);
const acknowledgement = { code: 200, events_ingested: 3, payload_size_bytes: 9, server_upload_time: 1 };

describe("an answer that is no acknowledgement", () => {
  it.each<[string, number, unknown]>([
    ["a web page", 200, "<html>log in</html>"],
    ["an empty body", 200, ""],
    ["malformed JSON", 200, '{"code":200'],
    ["a list", 200, [acknowledgement]],
    ["null", 200, "null"],
    ["JSON without a code", 200, { events_ingested: 3 }],
    ["a code in words", 200, { code: "200" }],
    ["another code", 200, { code: 400 }],
    ["the words of Amplitude's old API", 200, "success"],
    ["another good status", 202, acknowledgement],
    ["no content", 204, ""],
  ])("keeps the batch when it is %s", (_, statusCode, body) => {
    expect(verdict(statusCode, body)).toMatchObject({ status: "retry", reason: expect.stringContaining(String(statusCode)) });
  });

  it("keeps the batch when there is no complete answer", () => {
    expect(classify({ status: "failed", fault: "truncated", reason: "it broke off" }, events)).toEqual({ status: "retry", reason: "it broke off" });
  });
});

describe("a status that refuses", () => {
  it.each([
    [307, "blocked"],
    [400, "rejected"],
    [401, "blocked"],
    [403, "blocked"],
    [404, "blocked"],
    [408, "retry"],
    [413, "rejected"],
    [429, "retry"],
    [500, "retry"],
    [502, "retry"],
    [503, "retry"],
    [504, "retry"],
  ])("reads %i as %s, whatever code its body claims", (statusCode, status) => {
    expect(verdict(statusCode, acknowledgement).status).toBe(status);
  });
});

describe("a 400 that names events", () => {
  it.each<[string, Record<string, unknown>, readonly string[]]>([
    ["invalid fields", { events_with_invalid_fields: { time: [1] } }, ["b"]],
    ["missing fields", { events_with_missing_fields: { event_type: [0, 2] } }, ["a", "c"]],
    ["ids of the wrong length", { events_with_invalid_id_lengths: { device_id: [2] } }, ["c"]],
    ["silenced events", { silenced_events: [0] }, ["a"]],
    ["silenced devices", { silenced_devices: ["device-b", "another"] }, ["b"]],
    ["one event for several reasons", { events_with_invalid_fields: { time: [1], ip: [1] }, silenced_events: [1] }, ["b"]],
    ["several lists", { events_with_invalid_fields: { time: [0] }, events_with_missing_fields: {}, silenced_devices: ["device-c"] }, ["a", "c"]],
    ["every event", { events_with_invalid_fields: { time: [0, 1, 2] } }, ["a", "b", "c"]],
  ])("rejects exactly those: %s", (_, body, ids) => {
    const result = verdict(400, { code: 400, error: "key k-123 is bad", ...body });
    expect(result).toMatchObject({ status: "rejected", reason: expect.stringContaining(`${ids.length} of 3`), rejected: ids.map((id) => ({ id })) });
    expect(JSON.stringify(result)).not.toContain("k-123");
  });

  it("says in its own words what is wrong with an event", () => {
    expect(verdict(400, { events_with_missing_fields: { "k-123": [0] } })).toMatchObject({ rejected: [{ id: "a", reason: "Amplitude misses a field of it" }] });
  });

  it.each<[string, Record<string, unknown>]>([
    ["beyond the request", { events_with_invalid_fields: { time: [3, 99] } }],
    ["negative", { silenced_events: [-1] }],
    ["fractions", { silenced_events: [0.5] }],
    ["text", { silenced_events: ["0"] }],
    ["no list", { events_with_invalid_fields: { time: 0 }, silenced_events: { 0: true } }],
    ["nothing", { events_with_invalid_fields: null, events_with_missing_fields: "all", silenced_devices: null }],
    ["of an unknown kind", { events_with_bad_manners: { time: [0] } }],
  ])("names nobody by indexes that are %s", (_, body) => {
    expect(verdict(400, { code: 400, ...body })).toEqual({ status: "rejected", reason: "the server answered 400: it could not read the data" });
  });
});

describe("a 400 about the API key", () => {
  it.each<[string, Record<string, unknown>]>([
    ["missing", { missing_field: "api_key" }],
    ["invalid", { error: "Invalid API key: k-123" }],
    ["unknown, in other letters", { error: "unknown api_key" }],
    ["invalid, whatever else is said", { error: "Invalid API key", silenced_events: [0] }],
  ])("blocks and keeps the data when the key is %s", (_, body) => {
    const result = verdict(400, { code: 400, ...body });
    expect(result).toMatchObject({ status: "blocked", reason: expect.stringContaining("API key") });
    expect(JSON.stringify(result)).not.toContain("k-123");
  });

  it.each<[string, Record<string, unknown>]>([
    ["another field is missing", { missing_field: "events", error: "Request missing required field" }],
    ["an event that talks of a key is quoted", { error: "Invalid event: notes show invalid api key" }],
    ["the error is no text", { error: { toString: 1 } }],
  ])("is not seen where %s", (_, body) => {
    expect(verdict(400, { code: 400, ...body }).status).toBe("rejected");
  });
});

describe("a 429", () => {
  const overQuota = { exceeded_daily_quota_devices: { "device-a": 500_001 } };
  it.each<[string, unknown, string | undefined, number]>([
    ["waits 30 seconds", { throttled_devices: { "device-a": 31 }, throttled_events: [0], exceeded_daily_quota_devices: {} }, undefined, 30_000],
    ["waits 30 seconds without a body", "", undefined, 30_000],
    ["waits as long as the server says", { throttled_devices: { "device-a": 31 } }, "7", 7_000],
    ["waits an hour over the daily quota of a device", overQuota, undefined, 3_600_000],
    ["waits an hour over the daily quota of a user", { exceeded_daily_quota_users: { u: 1 } }, undefined, 3_600_000],
    ["waits an hour over the daily quota though the server says less", overQuota, "7", 3_600_000],
    ["waits longer over the daily quota where the server says so", overQuota, "7200", 7_200_000],
  ])("%s", (_, body, retryAfter, afterMs) => {
    const headers = { ...json, ...(retryAfter !== undefined && { "retry-after": retryAfter }) };
    expect(verdict(429, body, headers)).toMatchObject({ status: "retry", afterMs });
  });
});

it("accepts the batch at Amplitude's acknowledgement", () => {
  expect(verdict(200, acknowledgement)).toEqual({ status: "accepted" });
  expect(verdict(200, { code: 200 })).toEqual({ status: "accepted" });
});

describe("an event that the SDK would not send", () => {
  const unsent = [{ id: "x", reason: "no name" }];
  it("is rejected by name, whatever became of the others", () => {
    expect(withUnsent({ status: "accepted" }, unsent)).toEqual({ status: "partial", rejected: unsent });
    expect(withUnsent({ status: "rejected", reason: "413" }, unsent)).toEqual({ status: "rejected", reason: "413", rejected: unsent });
    const named = [{ id: "a", reason: "no time" }];
    expect(withUnsent({ status: "rejected", reason: "400", rejected: named }, unsent)).toEqual({ status: "rejected", reason: "400", rejected: [...named, ...unsent] });
  });

  it("waits with the others when they wait", () => {
    for (const status of ["retry", "blocked"] as const) expect(withUnsent({ status, reason: "no" }, unsent)).toEqual({ status, reason: "no" });
  });

  it("changes nothing when there is none", () => {
    expect(withUnsent({ status: "accepted" }, [])).toEqual({ status: "accepted" });
  });
});
