import { describe, expect, it } from "@jest/globals";
import type { PostAnswer } from "@candor/backend";
import { classify } from "../src/classify.ts";

function answer(statusCode: number, body = "", headers: Record<string, string> = { "content-type": "application/json" }): PostAnswer {
  return { status: "answered", statusCode, headers, body };
}

describe("an answer that is no acknowledgement", () => {
  it.each([
    ["a web page", answer(200, "<html>log in</html>", { "content-type": "text/html" })],
    ["a web page that calls itself JSON", answer(200, " <!doctype html>")],
    ["PostHog's words in a web page", answer(200, '{"status":"Ok"}', { "content-type": "text/html" })],
    ["an empty body", answer(200)],
    ["malformed JSON", answer(200, '{"status":"Ok"')],
    ["an empty object", answer(200, "{}")],
    ["a JSON list", answer(200, '[{"status":"Ok"}]')],
    ["a JSON null", answer(200, "null")],
    ["plain words", answer(200, "Ok", { "content-type": "text/plain" })],
    ["a number", answer(200, "1")],
    ["another status", answer(200, '{"status":"error"}')],
    ["a status of 0", answer(200, '{"status":0}')],
    ["a status of true", answer(200, '{"status":true}')],
    ["a status in a list", answer(200, '{"status":["Ok"]}')],
    ["201", answer(201, '{"status":"Ok"}')],
    ["202", answer(202, '{"status":"Ok"}')],
    ["204", answer(204, "", {})],
  ])("keeps the batch when the answer is %s", (_, given) => {
    expect(classify(given)).toMatchObject({ status: "retry", reason: expect.stringContaining(String(given.statusCode)) });
  });

  it("keeps the batch when there is no complete answer", () => {
    expect(classify({ status: "failed", fault: "truncated", reason: "it broke off" })).toEqual({ status: "retry", reason: "it broke off" });
  });

  it("gives up a batch that the SDK has changed, so that delivery finds the event at fault", () => {
    expect(classify({ status: "unfaithful" })).toMatchObject({ status: "rejected" });
  });
});

describe("a status that refuses", () => {
  it.each([
    [301, "blocked"],
    [307, "blocked"],
    [400, "rejected"],
    [401, "blocked"],
    [402, "blocked"],
    [403, "blocked"],
    [404, "blocked"],
    [408, "retry"],
    [413, "rejected"],
    [422, "rejected"],
    [429, "retry"],
    [500, "retry"],
    [502, "retry"],
    [503, "retry"],
    [504, "retry"],
  ])("reads %i as %s, whatever its body says", (statusCode, status) => {
    expect(classify(answer(statusCode, '{"status":"Ok"}')).status).toBe(status);
  });

  it.each([429, 503])("passes Retry-After of a %i on", (statusCode) => {
    expect(classify(answer(statusCode, "", { "retry-after": "7" }))).toMatchObject({ status: "retry", afterMs: 7000 });
  });

  it("does not repeat the server's words", () => {
    for (const statusCode of [200, 307, 400, 401, 429, 500]) {
      expect(JSON.stringify(classify(answer(statusCode, "API key is not valid: phc_k123")))).not.toContain("phc_k123");
    }
  });
});

describe("an acknowledgement", () => {
  it.each(['{"status":"Ok"}', '{"status":"ok"}', '{"status":1}', ' {"status":"Ok","future":true}\n', '{"status":"Ok","quota_limited":[]}', '{"status":"Ok","quota_limited":null}'])(
    "accepts the batch at %s",
    (body) => {
      expect(classify(answer(200, body))).toEqual({ status: "accepted" });
    },
  );

  it.each(['["events"]', '["recordings"]', '"events"', "true", "{}"])("keeps the batch and waits for hours when PostHog drops it for its quota: %s", (limited) => {
    expect(classify(answer(200, `{"status":"Ok","quota_limited":${limited}}`))).toEqual({
      status: "blocked",
      reason: "PostHog takes no more events: the quota of the project is used up",
    });
  });
});
