import { describe, expect, it } from "@jest/globals";
import type { PostAnswer } from "../src/exchange.ts";
import { classifyFailure, classifyStatus, isForeignPage, retryAfterMs } from "../src/response.ts";

const answer = (statusCode: number, rest: Partial<PostAnswer> = {}): PostAnswer => ({
  status: "answered",
  statusCode,
  headers: {},
  body: "",
  ...rest,
});

const nowMs = Date.UTC(2026, 0, 1, 12, 0, 0);

describe("classifyStatus", () => {
  it.each([
    ["retry", [408, 425, 429, 500, 501, 502, 503, 504, 507, 599, 700, 100]],
    ["blocked", [300, 301, 302, 303, 304, 307, 308, 401, 402, 403, 404, 405, 406, 407, 410, 415, 421, 426, 431, 451]],
    ["rejected", [400, 409, 413, 418, 422, 499]],
  ])("answers %s for %j", (status, codes) => {
    for (const code of codes) {
      expect(classifyStatus(answer(code))).toMatchObject({ status, reason: expect.stringContaining(`the server answered ${code}`) });
    }
  });

  it.each([200, 201, 202, 204, 299])("leaves the verdict on %d to the body", (code) => {
    expect(classifyStatus(answer(code))).toBeUndefined();
  });

  it("passes on how long the server asks to wait", () => {
    expect(classifyStatus(answer(503, { headers: { "retry-after": "7" } }))).toEqual({ status: "retry", reason: "the server answered 503", afterMs: 7000 });
    const dated = answer(429, { headers: { "retry-after": "Thu, 01 Jan 2026 12:01:00 GMT" } });
    expect(classifyStatus(dated, nowMs)).toMatchObject({ status: "retry", afterMs: 60_000 });
  });

  it("does not wait by request of a server that refuses us", () => {
    expect(classifyStatus(answer(403, { headers: { "retry-after": "7" } }))).toEqual({
      status: "blocked",
      reason: "the server answered 403: it did not allow this",
    });
  });
});

describe("retryAfterMs", () => {
  it.each([
    [undefined, undefined],
    ["", undefined],
    ["soon", undefined],
    ["1.5", undefined],
    ["5 apples", undefined],
    ["Mon", undefined],
    ["Thu, 99 Jan 2026 12:01:00 GMT", undefined],
    ["Thu, 01 Jan 2026 12:01:00 CET", undefined],
    ["0", 0],
    ["-5", 0],
    [" 120 ", 120_000],
    ["999999999999999999999", 86_400_000],
    ["Thu, 01 Jan 2026 12:00:30 GMT", 30_000],
    ["Thu, 01 Jan 2026 11:59:30 GMT", 0],
    ["Fri, 01 Jan 2027 12:00:00 GMT", 86_400_000],
  ])("reads %j as %j", (header, expected) => {
    expect(retryAfterMs(header, nowMs)).toBe(expected);
  });
});

describe("classifyFailure", () => {
  it("keeps the batch for another attempt and says why", () => {
    expect(classifyFailure({ status: "failed", fault: "timeout", reason: "no complete answer within 5 ms" })).toEqual({
      status: "retry",
      reason: "no complete answer within 5 ms",
    });
  });
});

describe("isForeignPage", () => {
  it.each([
    answer(200, { headers: { "content-type": "text/html; charset=utf-8" }, body: "Sign in" }),
    answer(200, { headers: { "content-type": "Application/XHTML+xml" } }),
    answer(200, { headers: { "content-type": "application/json" }, body: "\uFEFF\r\n <!doctype html>" }),
    answer(204, { body: "<html>" }),
  ])("knows a web page: %j", (page) => {
    expect(isForeignPage(page)).toBe(true);
  });

  it.each([
    answer(200, { headers: { "content-type": "application/json" }, body: '{"html":"<b>"}' }),
    answer(202),
    answer(404, { headers: { "content-type": "text/html" }, body: "<html>" }),
  ])("takes no other answer for one: %j", (own) => {
    expect(isForeignPage(own)).toBe(false);
  });
});
