import { describe, expect, it } from "@jest/globals";
import type { PostAnswer } from "@candor/backend";
import { classify } from "../src/classify.ts";

const ids = ["a", "b", "c"];

function answer(statusCode: number, body = "", headers: Record<string, string> = { "content-type": "application/json" }): PostAnswer {
  return { status: "answered", statusCode, headers, body };
}

const refusing = (rejectedLogRecords: unknown): PostAnswer => answer(200, JSON.stringify({ partialSuccess: { rejectedLogRecords, errorMessage: "key k-123 is bad" } }));

describe("an answer that is no acknowledgement", () => {
  it.each([
    ["a web page", answer(200, "<html>log in</html>", { "content-type": "text/html" })],
    ["a web page that calls itself JSON", answer(200, " <!doctype html>")],
    ["a web page with an empty body", answer(200, "", { "content-type": "text/html" })],
    ["malformed JSON", answer(200, '{"partialSuccess":')],
    ["a JSON list", answer(200, "[]")],
    ["a JSON null", answer(200, "null")],
    ["a JSON text", answer(200, '"ok"')],
    ["plain words", answer(200, "OK", { "content-type": "text/plain" })],
    ["201", answer(201, "{}")],
    ["206", answer(206, "{}")],
    ["a partialSuccess that is a list", answer(200, '{"partialSuccess":[]}')],
    ["a partialSuccess that is text", answer(200, '{"partialSuccess":"all"}')],
    ["a negative count", refusing(-1)],
    ["a fractional count", refusing(0.5)],
    ["a count in words", refusing("two")],
    ["a count that is a list", refusing([2])],
    ["an error in OTLP's own form with a good status", answer(200, '{"code":16,"message":"no token"}')],
    ["an error in a gateway's form", answer(200, '{"error":"log in"}')],
    ["a list of errors", answer(200, '{"errors":["log in"]}')],
    ["an error with parts", answer(200, '{"error":{"message":"log in"}}')],
  ])("keeps the batch when the answer is %s", (_, given) => {
    expect(classify(given, ids)).toMatchObject({ status: "retry", reason: expect.stringContaining(String(given.statusCode)) });
  });

  it("keeps the batch when there is no complete answer", () => {
    expect(classify({ status: "failed", fault: "truncated", reason: "it broke off" }, ids)).toEqual({ status: "retry", reason: "it broke off" });
  });
});

describe("a status that refuses", () => {
  it.each([
    [301, "blocked"],
    [307, "blocked"],
    [400, "rejected"],
    [401, "blocked"],
    [403, "blocked"],
    [404, "blocked"],
    [408, "retry"],
    [413, "rejected"],
    [415, "blocked"],
    [422, "rejected"],
    [425, "retry"],
    [429, "retry"],
    [500, "retry"],
    [501, "retry"],
    [502, "retry"],
    [503, "retry"],
    [504, "retry"],
  ])("reads %i as %s, whatever its body says", (statusCode, status) => {
    expect(classify(answer(statusCode, "{}"), ids).status).toBe(status);
  });

  it("passes Retry-After on", () => {
    expect(classify(answer(429, "", { "retry-after": "7" }), ids)).toMatchObject({ status: "retry", afterMs: 7000 });
  });
});

describe("an acknowledgement", () => {
  it.each([
    ["200 with an empty object", answer(200, "{}")],
    ["200 with an empty body", answer(200)],
    ["200 with fields for errors that are empty", answer(200, '{"code":0,"error":{},"errors":[]}')],
    ["200 with white space", answer(200, " \n")],
    ["200 with an object that knows more fields", answer(200, '{"future":1}')],
    ["202", answer(202, "{}")],
    ["204", answer(204, "", {})],
    ["an empty partialSuccess", answer(200, '{"partialSuccess":{}}')],
    ["a partialSuccess that is null", answer(200, '{"partialSuccess":null}')],
    ["a warning without a refusal", refusing(0)],
    ["a count of zero as text", refusing("0")],
    ["no count beside a message", answer(200, '{"partialSuccess":{"errorMessage":"use v2"}}')],
    ["a code and errors that tell of success", answer(200, '{"code":0,"error":null,"errors":[]}')],
    ["an HTTP status for a code", answer(200, '{"code":200,"error":""}')],
  ])("accepts the batch at %s", (_, given) => {
    expect(classify(given, ids)).toEqual({ status: "accepted" });
  });
});

describe("a partial success", () => {
  it.each([[2], ["2"]])("counts %j refused records and names nobody", (count) => {
    expect(classify(refusing(count), ids)).toEqual({
      status: "partial",
      rejected: [],
      unnamed: { count: 2, reason: "the collector refused 2 of 3 log records" },
    });
  });

  it.each([[3], ["3"], [9], ["18446744073709551615"]])("names every event when %j of three were refused", (count) => {
    const result = classify(refusing(count), ids);
    expect(result).toMatchObject({ status: "partial", rejected: ids.map((id) => ({ id })) });
    expect(result).not.toHaveProperty("unnamed");
  });

  it("is read from a server that calls it by its fields' own names, against OTLP's rule", () => {
    expect(classify(answer(200, '{"partial_success":{"rejected_log_records":"2"}}'), ids)).toMatchObject({ status: "partial", unnamed: { count: 2 } });
  });

  it("does not repeat the collector's words", () => {
    for (const count of [1, 3]) expect(JSON.stringify(classify(refusing(count), ids))).not.toContain("k-123");
  });
});
