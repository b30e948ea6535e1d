import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "@jest/globals";
import { post, type PostAnswer } from "@candor/backend";
import { type PostHogIntake, type PostHogIntakeOptions, startPostHogIntake } from "@candor/testing";

const open: PostHogIntake[] = [];
afterEach(async () => {
  for (const intake of open.splice(0)) await intake.close();
});

async function intakeWith(options?: PostHogIntakeOptions): Promise<PostHogIntake> {
  const intake = await startPostHogIntake(options);
  open.push(intake);
  return intake;
}

const json = { "content-type": "application/json" };
const UUID = "019d0000-0000-7000-8000-00000000000a";
const sound = { uuid: UUID, event: "feature.used", distinct_id: "m1", timestamp: "2026-03-31T10:00:00.000Z", properties: { a: 1 } };
const bodyOf = (...batch: readonly unknown[]): string => JSON.stringify({ api_key: "phc_test", batch, sent_at: "2026-03-31T10:00:01.000Z" });

async function send(intake: PostHogIntake, body: string | Uint8Array, { path = "/batch/", headers = json }: { path?: string; headers?: Record<string, string> } = {}): Promise<PostAnswer> {
  const result = await post({ url: `${intake.url}${path}`, body, headers, proxy: "none" });
  if (result.status === "failed") throw new Error(result.reason);
  return result;
}

describe("a request that PostHog refuses", () => {
  it.each<[number, string, string | Buffer, { path?: string; headers?: Record<string, string> }]>([
    [404, "another path", bodyOf(sound), { path: "/capture/" }],
    [404, "a path below", bodyOf(sound), { path: "/ingest/batch/" }],
    [400, "another content type", bodyOf(sound), { headers: { "content-type": "text/plain" } }],
    [400, "malformed JSON", bodyOf(sound).slice(1), {}],
    [400, "a list", "[]", {}],
    [400, "no batch", '{"api_key":"phc_test"}', {}],
    [400, "an empty batch", bodyOf(), {}],
    [400, "gzip by name only", bodyOf(sound).slice(1), { headers: { ...json, "content-encoding": "gzip" } }],
    [400, "half a surrogate pair", bodyOf({ ...sound, properties: { a: "\ud800" } }), {}],
    [400, "half a surrogate pair in a name", bodyOf({ ...sound, properties: { "\udc00": 1 } }), {}],
    [401, "no token", JSON.stringify({ batch: [sound] }), {}],
    [401, "an empty token", JSON.stringify({ api_key: "", batch: [sound] }), {}],
    [401, "a personal key", JSON.stringify({ api_key: "phx_secret", batch: [sound] }), {}],
    [401, "a token that is too long", JSON.stringify({ api_key: "p".repeat(65), batch: [sound] }), {}],
    [413, "more than 20 MB", bodyOf({ ...sound, properties: { a: "x".repeat(20 * 1024 * 1024) } }), {}],
    [413, "more than 20 MB before compression", gzipSync(bodyOf({ ...sound, properties: { a: "x".repeat(20 * 1024 * 1024) } })), { headers: { ...json, "content-encoding": "gzip" } }],
  ])("is answered %i for %s", async (status, _, body, options) => {
    const intake = await intakeWith();
    const answer = await send(intake, body, options);
    expect(answer.statusCode).toBe(status);
    expect(answer.body).not.toContain("phx_secret");
    expect(intake.accepted).toEqual([]);
  });

  it("is answered 401 for a token of no project", async () => {
    const intake = await intakeWith({ token: "phc_other" });
    expect(await send(intake, bodyOf(sound))).toMatchObject({ statusCode: 401, headers: { "content-type": expect.stringContaining("text/plain") } });
  });

  it.each<[number, string, unknown]>([
    [400, "is no object", "feature.used"],
    [400, "has no name", { ...sound, event: undefined }],
    [400, "has an empty name", { ...sound, event: "" }],
    [400, "has no distinct_id", { ...sound, distinct_id: undefined }],
    [400, "has an empty distinct_id", { ...sound, distinct_id: "" }],
    [400, "has a number as distinct_id", { ...sound, distinct_id: 7 }],
    [400, "has a uuid that is none", { ...sound, uuid: "7" }],
    [400, "has a number as timestamp", { ...sound, timestamp: 1_775_000_000 }],
    [400, "has a list as properties", { ...sound, properties: [] }],
    [413, "is larger than 1 MiB", { ...sound, properties: { a: "x".repeat(1024 * 1024) } }],
  ])("is refused whole with %i when one event %s", async (status, _, bad) => {
    const intake = await intakeWith();
    expect((await send(intake, bodyOf(sound, bad))).statusCode).toBe(status);
    expect(intake.accepted).toEqual([]);
    expect(intake.requests).toHaveLength(1);
  });

  it("is refused whole when one event is poison", async () => {
    const intake = await intakeWith({ isPoison: ({ properties }) => properties["a"] === 2 });
    expect((await send(intake, bodyOf(sound, { ...sound, properties: { a: 2 } }))).statusCode).toBe(400);
    expect((await send(intake, bodyOf(sound))).statusCode).toBe(200);
    expect(intake.accepted).toHaveLength(1);
  });
});

describe("a batch that PostHog takes", () => {
  it.each([
    ["plain", bodyOf(sound), json],
    ["compressed", gzipSync(bodyOf(sound)), { ...json, "content-encoding": "gzip" }],
  ])("is confirmed as there, %s", async (_, body, headers) => {
    const intake = await intakeWith({ token: "phc_test" });
    expect(await send(intake, body, { headers })).toMatchObject({ statusCode: 200, body: '{"status":"Ok"}' });
    expect(intake.accepted).toEqual([sound]);
  });

  it.each([
    ["another name", { event: "again" }],
    ["another distinct_id", { distinct_id: "m2" }],
    ["another day", { timestamp: "2001-01-01T00:00:00.000Z" }],
  ])("keeps a repetition that comes with %s, as PostHog does", async (_, changed) => {
    const intake = await intakeWith();
    await send(intake, bodyOf(sound));
    await send(intake, bodyOf({ ...sound, ...changed }));
    expect(intake.accepted).toHaveLength(2);
  });

  it("keeps one of two events with the same uuid, and every one without", async () => {
    const intake = await intakeWith();
    const { uuid: _, ...anonymous } = sound;
    await send(intake, bodyOf(sound, anonymous));
    await send(intake, bodyOf({ ...sound, properties: { a: "again" } }, anonymous));
    expect(intake.accepted).toEqual([sound, anonymous, anonymous]);
  });

  it("may come with a query, without the last slash, and below a base path", async () => {
    const intake = await intakeWith({ basePath: "/ingest" });
    expect((await send(intake, bodyOf(sound), { path: "/ingest/batch?ip=0" })).statusCode).toBe(200);
    expect((await send(intake, bodyOf(sound), { path: "/batch/" })).statusCode).toBe(404);
  });

  it("is preceded by scripted replies, which keep nothing", async () => {
    const intake = await intakeWith();
    intake.reply({ action: "answer", status: 503 });
    expect((await send(intake, bodyOf(sound))).statusCode).toBe(503);
    expect(intake.accepted).toEqual([]);
  });
});

describe("a project", () => {
  it("over its quota confirms what it drops, and says so or not", async () => {
    const intake = await intakeWith();
    intake.become("over-quota");
    expect(await send(intake, bodyOf(sound))).toMatchObject({ statusCode: 200, body: '{"status":"Ok"}' });
    intake.become("over-quota-told");
    expect(await send(intake, bodyOf(sound))).toMatchObject({ statusCode: 200, body: '{"status":"Ok","quota_limited":["events"]}' });
    expect(intake.accepted).toEqual([]);
  });

  it("takes events again after its rate was limited", async () => {
    const intake = await intakeWith();
    intake.become("rate-limited");
    expect((await send(intake, bodyOf(sound))).statusCode).toBe(429);
    intake.become("open");
    expect((await send(intake, bodyOf(sound))).statusCode).toBe(200);
    expect(intake.accepted).toEqual([sound]);
  });
});
