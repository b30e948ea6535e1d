import { describe, expect, it } from "@jest/globals";
import type { PostAnswer } from "@candor/backend";
import { classify } from "../src/classify.ts";

const NOW_MS = Date.parse("2026-03-31T10:00:00.000Z");
const answered = (statusCode: number, body = "", headers: Readonly<Record<string, string>> = {}): PostAnswer => ({ status: "answered", statusCode, headers, body });
const verdictOn = (...answer: Parameters<typeof answered>) => classify(answered(...answer), NOW_MS);

describe("what is not Datadog's acknowledgement", () => {
  it.each<[string, number, string]>([
    ["a web page", 202, "<!doctype html><title>Log in</title>"],
    ["a web page", 200, "<html>"],
    ["a body that is not JSON", 202, "{"],
    ["a body that is not JSON", 202, "accepted"],
    ["a body that is not a JSON object", 202, "[]"],
    ["a body that is not a JSON object", 202, '"ok"'],
    ["a body that is not a JSON object", 202, "null"],
    ["a list of errors", 200, '{"errors":[{"status":"400","title":"Bad Request","detail":"no"}]}'],
    ["a status that Datadog does not use", 204, ""],
    ["a status that Datadog does not use", 201, "{}"],
  ])("keeps the batch: %s with %d", (what, status, body) => {
    expect(verdictOn(status, body)).toEqual({ status: "retry", reason: `the server answered ${status} with ${what}, which is not Datadog's acknowledgement` });
  });
});

describe("Datadog's acknowledgement", () => {
  it.each<[number, string]>([
    [202, "{}"],
    [202, ' {"request_id":"1"}\n'],
    [202, ""],
    // The earlier intake, and relays such as Vector.
    [200, "{}"],
    [200, ""],
  ])("is %d with %j", (status, body) => {
    expect(verdictOn(status, body)).toEqual({ status: "accepted" });
  });
});

describe("when to come back", () => {
  const afterMsOf = (headers: Readonly<Record<string, string>>, status = 429): unknown => (verdictOn(status, "", headers) as { readonly afterMs?: number }).afterMs;

  it.each<[string, Readonly<Record<string, string>>, number | undefined]>([
    ["Retry-After in seconds", { "retry-after": "3" }, 3_000],
    ["Retry-After as a date", { "retry-after": "Tue, 31 Mar 2026 10:00:09 GMT" }, 9_000],
    ["Retry-After, which wins over Datadog's own", { "retry-after": "3", "x-ratelimit-reset": "60" }, 3_000],
    ["Datadog's own", { "x-ratelimit-reset": "60" }, 60_000],
    ["Datadog's own beside a Retry-After that cannot be read", { "retry-after": "soon", "x-ratelimit-reset": "60" }, 60_000],
    ["Datadog's own, at most a day", { "x-ratelimit-reset": "99999999" }, 86_400_000],
    ["neither", { "retry-after": "soon", "x-ratelimit-reset": "1e999" }, undefined],
    ["nobody", {}, undefined],
  ])("is said by %s", (_, headers, afterMs) => {
    expect(afterMsOf(headers)).toBe(afterMs);
    expect(afterMsOf(headers, 503)).toBe(afterMs);
  });

  it("is nobody's business where nothing is to be retried", () => {
    expect(verdictOn(400, "", { "x-ratelimit-reset": "60" })).toEqual({ status: "rejected", reason: expect.any(String) });
    expect(verdictOn(403, "", { "x-ratelimit-reset": "60" })).not.toHaveProperty("afterMs");
  });
});

describe("a refusal", () => {
  it.each([401, 403])("of the key says where to look (%d)", (status) => {
    expect(verdictOn(status)).toMatchObject({ status: "blocked", reason: expect.stringContaining("belongs to this site") });
  });

  it("of the address does not blame the key", () => {
    expect(verdictOn(404)).toEqual({ status: "blocked", reason: "the server answered 404: nothing is at this address" });
  });
});
