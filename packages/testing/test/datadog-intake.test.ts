import { gzipSync } from "node:zlib";
import { type IncomingMessage, request } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type DatadogIntake, startDatadogIntake } from "@candor/testing";

const HOUR_MS = 3_600_000;
const NOW_MS = Date.parse("2026-03-31T10:00:00.000Z");
const apiKey = "k-123";

let intake: DatadogIntake;

beforeEach(async () => {
  intake = await startDatadogIntake({ apiKey, now: () => NOW_MS });
});
afterEach(() => intake.close());

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

interface Variation {
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
}

function post(body: string | Buffer, { url = intake.endpoint, headers = { "dd-api-key": apiKey }, method = "POST" }: Variation = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (text += part));
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

const send = (...entries: readonly unknown[]): Promise<Answer> => post(JSON.stringify(entries));
const ago = (ageMs: number): string => new Date(NOW_MS - ageMs).toISOString();

describe("a refusal by Datadog's intake", () => {
  it.each<[number, string, () => Promise<Answer>]>([
    [404, "Not Found", () => post("[]", { url: `${intake.url}/v1/input` })],
    [404, "Not Found", () => post("", { method: "GET" })],
    [401, "Unauthorized", () => post("[]", { headers: {} })],
    [403, "Forbidden", () => post("[]", { headers: { "dd-api-key": "k-456" } })],
    [400, "Bad Request", () => post("not json")],
    [400, "Bad Request", () => post("7")],
    [400, "Bad Request", () => send({ message: "a" }, "b")],
    [400, "Bad Request", () => send({ message: 7 })],
    [400, "Bad Request", () => send({ ddsource: "no message" })],
    [400, "Bad Request", () => send(...Array.from({ length: 1_001 }, () => ({ message: "a" })))],
    [413, "Payload Too Large", () => send(...Array.from({ length: 6 }, () => ({ message: "x".repeat(900_000) })))],
    [413, "Payload Too Large", () => post(gzipSync(`[${" ".repeat(5_000_000)}]`), { headers: { "dd-api-key": apiKey, "content-encoding": "gzip" } })],
  ])("is %d, in the vendor's form, and keeps nothing", async (status, title, ask) => {
    const answer = await ask();
    expect({ status: answer.status, body: JSON.parse(answer.text) }).toEqual({ status, body: { errors: [{ status: String(status), title, detail: expect.any(String) }] } });
    expect([...intake.accepted, ...intake.outdated]).toEqual([]);
  });

  it("quotes the key, so that a backend that passes it on is found out", async () => {
    expect((await post("[]", { headers: { "dd-api-key": "k-456" } })).text).toContain("k-456");
  });

  it("says when the rate is restored, until it is", async () => {
    intake.limitRate(7);
    for (const _ of [1, 2]) expect(await send({ message: "a" })).toMatchObject({ status: 429, headers: { "x-ratelimit-reset": "7" } });
    intake.limitRate(undefined);
    expect(await send({ message: "a" })).toMatchObject({ status: 202 });
    expect(intake.accepted).toHaveLength(1);
  });
});

describe("what Datadog's intake takes", () => {
  it("is acknowledged with 202 and an empty object", async () => {
    expect(await send({ message: "a", timestamp: ago(0) }, { message: "b" })).toMatchObject({ status: 202, text: "{}" });
    expect(intake.accepted.map(({ entry }) => entry["message"])).toEqual(["a", "b"]);
  });

  it("may be compressed, a thousand entries, a lone one, or none", async () => {
    const headers = { "dd-api-key": apiKey, "content-encoding": "gzip" };
    await post(gzipSync(JSON.stringify(Array.from({ length: 1_000 }, () => ({ message: "a" })))), { headers });
    await post('{"message":"lone"}');
    for (const nothing of ["[]", "{}"]) expect(await post(nothing)).toMatchObject({ status: 202 });
    expect(intake.accepted).toHaveLength(1_001);
  });

  it("is cut off without a word where it is larger than 1 MB", async () => {
    const sizes = [1_000_000 - '{"message":""}'.length, 1_000_000];
    expect(await send(...sizes.map((size) => ({ message: "x".repeat(size) })))).toMatchObject({ status: 202 });
    expect(intake.accepted.map(({ isTruncated }) => isTruncated)).toEqual([false, true]);
  });

  it("is dropped without a word where its time is too far from now", async () => {
    const times = [ago(17.9 * HOUR_MS), ago(18.1 * HOUR_MS), ago(-1.9 * HOUR_MS), ago(-2.1 * HOUR_MS), NOW_MS, 0, "yesterday"];
    expect(await send(...times.map((timestamp) => ({ message: "a", timestamp })))).toMatchObject({ status: 202 });
    expect(intake.accepted.map(({ entry }) => entry["timestamp"])).toEqual([times[0], times[2], NOW_MS, "yesterday"]);
    expect(intake.outdated.map(({ entry }) => entry["timestamp"])).toEqual([times[1], times[3], 0]);
  });

  it("goes by the system's clock unless told otherwise", async () => {
    const other = await startDatadogIntake({ apiKey });
    try {
      await post(JSON.stringify([{ message: "a", timestamp: Date.now() }]), { url: other.endpoint });
      expect(other.accepted).toHaveLength(1);
    } finally {
      await other.close();
    }
  });

  it("can be replaced by a script", async () => {
    await intake.script({ action: "answer", status: 503 });
    expect(await send({ message: "a" })).toMatchObject({ status: 503 });
    expect(intake.accepted).toEqual([]);
  });
});
