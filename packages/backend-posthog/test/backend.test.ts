import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type PostHogIntake, sampleEvent, sampleEvents, type ServerReply, startPostHogIntake } from "@candor/testing";
import { checkDestination } from "../../core/src/inspection/destination-check.ts";
import { captureMessages } from "../src/capture.ts";
import { encodeEvents } from "../src/encode.ts";
import { posthogBackend, type PostHogBackendOptions } from "../src/index.ts";
import { contextWith, forever, TOKEN, wireRequest } from "./posthog-context.ts";

let intake: PostHogIntake;

beforeEach(async () => {
  intake = await startPostHogIntake({ token: TOKEN });
});
afterEach(() => intake.close());

const make = (options: Partial<PostHogBackendOptions> = {}) => posthogBackend({ apiKey: TOKEN, host: intake.url, ...options }, contextWith());

const accepted = (): readonly (string | undefined)[] => intake.accepted.map(({ uuid }) => uuid);

describe("the wire", () => {
  it("keeps the batch when PostHog does not answer within the limit", async () => {
    intake.reply({ action: "hang" });
    expect(await make({ timeoutMs: 50 }).send([sampleEvent()], forever())).toEqual({ status: "retry", reason: "no complete answer within 50 ms" });
  });

  it("ends a hanging request when it is closed", async () => {
    const backend = make();
    const reached = new Promise<void>((resolve) => intake.reply({ action: "hang", onReached: resolve }));
    const result = backend.send([sampleEvent()], forever());
    await reached;
    await backend.close();
    expect(await result).toMatchObject({ status: "retry" });
  });

  it.each([408, 413, 429, 500, 503])("makes one request where the SDK would make more, at %i", async (status) => {
    intake.reply({ action: "answer", status, headers: { "retry-after": "0" } });
    await make().send(sampleEvents(8), forever());
    expect(intake.requests).toHaveLength(1);
    expect(accepted()).toEqual([]);
  });

  it("waits as long as PostHog asks when it limits the rate", async () => {
    intake.reply({ action: "answer", status: 429, headers: { "retry-after": "120" }, body: "rate limited" });
    expect(await make().send([sampleEvent()], forever())).toMatchObject({ status: "retry", afterMs: 120_000 });
  });

  it("keeps what a project has no quota for, where PostHog says so", async () => {
    intake.become("over-quota-told");
    const event = sampleEvent();
    expect(await make().send([event], forever())).toMatchObject({ status: "blocked", reason: expect.stringContaining("quota") });
    intake.become("open");
    expect(await make().send([event], forever())).toEqual({ status: "accepted" });
    expect(accepted()).toEqual([event.id]);
  });

  it("is blocked by a token of another project, and does not repeat it", async () => {
    const result = await make({ apiKey: "phc_somebody0else" }).send([sampleEvent()], forever());
    expect(result).toMatchObject({ status: "blocked" });
    expect(JSON.stringify(result)).not.toContain("phc_somebody0else");
  });
});

describe("events at fault", () => {
  it("are named before anything is sent", async () => {
    const [first, bad, last] = [sampleEvent(), sampleEvent({ id: "7" }), sampleEvent()];
    expect(await make().send([first, bad, last], forever())).toMatchObject({ status: "rejected", rejected: [{ id: "7", reason: expect.stringContaining("UUID") }] });
    expect(intake.requests).toHaveLength(0);
  });

  it("are not sent when the SDK would change them", async () => {
    const { messages } = encodeEvents(sampleEvents(2), { personProfiles: false, geoip: false });
    const changed = messages.map((message, index) => (index === 1 ? { ...message, uuid: "not a uuid" } : message));
    const request = { url: new URL(`${intake.url}/batch/`), apiKey: TOKEN, geoip: false };
    expect(await captureMessages(changed, request)).toEqual({ status: "unfaithful" });
    expect(intake.requests).toHaveLength(0);
  });
});

describe("the probe", () => {
  it("sends no event, and PostHog's refusal of that shows that it is there", async () => {
    const backend = make();
    expect(await checkDestination(backend, { key: "ph", description: "posthog", backend })).toEqual([
      { subject: "posthog", status: "pass", message: "answers; it has no use for an empty request (the server answered 400: it could not read the data)" },
    ]);
    expect(intake.requests.map((request) => wireRequest(request).batch)).toEqual([[]]);
    expect(intake.requests[0]?.headers).toMatchObject({ "content-encoding": "gzip" });
  });

  it.each<[string, ServerReply]>([
    ["nothing of PostHog at this address", { action: "answer", status: 404 }],
    ["a web page", { action: "answer", status: 200, headers: { "content-type": "text/html" }, body: "<html>log in</html>" }],
    ["a reset connection", { action: "reset", when: "after-body" }],
  ])("fails at %s", async (_, reply) => {
    intake.reply(reply);
    const backend = make();
    expect(await checkDestination(backend, { key: "ph", description: "posthog", backend })).toMatchObject([{ status: "fail" }]);
  });

  it("asks nothing after close", async () => {
    const backend = make();
    await backend.close();
    expect(await backend.probe?.(forever())).toMatchObject({ status: "retry" });
    expect(intake.requests).toHaveLength(0);
  });
});

describe("a request", () => {
  it("goes to the batches below the host's path, query included, as compressed JSON", async () => {
    const events = sampleEvents(2);
    const elsewhere = await startPostHogIntake({ basePath: "/ingest" });
    try {
      expect(await make({ host: `${elsewhere.url}/ingest/?tenant=7` }).send(events, forever())).toEqual({ status: "accepted" });
      const [request] = elsewhere.requests;
      expect(request?.path).toBe("/ingest/batch/?tenant=7");
      expect(request?.rawBody.subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
      expect(elsewhere.accepted.map(({ uuid }) => uuid)).toEqual(events.map(({ id }) => id));
    } finally {
      await elsewhere.close();
    }
  });

  it("is not compressed where the author says so", async () => {
    await make({ gzip: false }).send([sampleEvent()], forever());
    expect(intake.requests[0]?.headers).not.toHaveProperty("content-encoding");
    expect(intake.requests[0]?.rawBody.toString()).toMatch(/^\{"api_key":/);
  });

  it("has these headers and no others", async () => {
    await make().send([sampleEvent()], forever());
    const { host, "content-length": length, connection, ...headers } = intake.requests[0]?.headers ?? {};
    expect([host, length, connection]).not.toContain(undefined);
    expect(headers).toEqual({ "content-type": "application/json", "content-encoding": "gzip", "user-agent": "notes/1.2.3 candor" });
  });

  it("carries a whole event as this, and nothing else", async () => {
    const event = sampleEvent({
      id: "019d0000-0000-7000-8000-000000000000",
      timestamp: "2026-03-31T10:00:00.000Z",
      exitCode: 130,
      signal: "SIGINT",
      args: ["--name", "app"],
      error: "boom",
      droppedEvents: 3,
      metadata: { format: "table", $os: "mine" },
    });
    await make().send([event], forever());
    const { sent_at: sentAt, ...body } = wireRequest(intake.requests[0] ?? { body: "" });
    expect(Date.parse(sentAt)).not.toBeNaN();
    expect(body).toEqual({
      api_key: TOKEN,
      batch: [
        {
          uuid: "019d0000-0000-7000-8000-000000000000",
          event: "command.invocation",
          distinct_id: "0123456789abcdef",
          timestamp: "2026-03-31T10:00:00.000Z",
          properties: {
            event_name: "notes list",
            tool_name: "notes",
            tool_version: "1.2.3",
            $os: "linux",
            arch: "amd64",
            os_version: "6.8.0",
            node_version: "20.19.0",
            duration_ms: 42,
            exit_code: 130,
            signal: "SIGINT",
            args: ["--name", "app"],
            error: "boom",
            dropped_events: 3,
            format: "table",
            "metadata.$os": "mine",
            $process_person_profile: false,
            $ip: "0.0.0.0",
            $geoip_disable: true,
            $lib: "posthog-node",
            $lib_version: "5.70.0",
          },
        },
      ],
    });
  });

  it("says less where the author wants profiles and places", async () => {
    await make({ personProfiles: true, geoip: true }).send([sampleEvent()], forever());
    const names = Object.keys(intake.accepted[0]?.properties ?? {}).filter((name) => name.startsWith("$"));
    expect(names.sort()).toEqual(["$lib", "$lib_version", "$os"]);
  });

  it("is the same when it is sent again, but for the time of sending", async () => {
    const events = sampleEvents(3);
    const backend = make();
    intake.reply({ action: "reset", when: "after-body" });
    expect(await backend.send(events, forever())).toMatchObject({ status: "retry" });
    expect(await backend.send(events, forever())).toEqual({ status: "accepted" });
    expect(await backend.send(events, forever())).toEqual({ status: "accepted" });
    const withoutTime = intake.requests.map(({ body }) => body.replace(/"sent_at":"[^"]+"/, '"sent_at":""'));
    expect(new Set(withoutTime).size).toBe(1);
    expect(accepted()).toEqual(events.map(({ id }) => id));
  });

  it("is sent at the time of sending, so that PostHog can correct a wrong clock", async () => {
    const before = Date.now();
    await make().send([sampleEvent({ timestamp: "2020-01-01T00:00:00.000Z" })], forever());
    const { sent_at: sentAt, batch } = wireRequest(intake.requests[0] ?? { body: "" });
    expect(Date.parse(sentAt)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(sentAt)).toBeLessThanOrEqual(Date.now());
    expect(batch[0]?.timestamp).toBe("2020-01-01T00:00:00.000Z");
  });
});

describe("POSTHOG_CAPTURE_MODE of whoever runs the tool", () => {
  afterEach(() => {
    delete process.env["POSTHOG_CAPTURE_MODE"];
  });

  it.each(["v1", "v0", "", "x"])("changes nothing and is left as it was: %j", async (mode) => {
    process.env["POSTHOG_CAPTURE_MODE"] = mode;
    const event = sampleEvent();
    const result = make().send([event], forever());
    expect(process.env["POSTHOG_CAPTURE_MODE"]).toBe(mode);
    expect(await result).toEqual({ status: "accepted" });
    expect(process.env["POSTHOG_CAPTURE_MODE"]).toBe(mode);
    expect(intake.requests.map(({ path }) => path)).toEqual(["/batch/"]);
    expect(accepted()).toEqual([event.id]);
  });
});
