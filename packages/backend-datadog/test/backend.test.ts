import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type DatadogIntake, sampleEvent, sampleEvents, startDatadogIntake } from "@candor/testing";
import { createDatadogBackend } from "../src/backend.ts";
import type { DatadogBackendOptions } from "../src/index.ts";
import { contextWith, entriesOf, eventIdsIn, secret } from "./datadog-entries.ts";

const HOUR_MS = 3_600_000;
const NOW_MS = Date.parse("2026-03-31T10:00:00.000Z");

let intake: DatadogIntake;

beforeEach(async () => {
  intake = await startDatadogIntake({ apiKey: secret, now: () => NOW_MS });
});
afterEach(() => intake.close());

const make = (options: Partial<DatadogBackendOptions> = {}) => createDatadogBackend({ apiKey: secret, endpoint: intake.endpoint, ...options }, contextWith(), () => NOW_MS);
const forever = (): { readonly signal: AbortSignal } => ({ signal: new AbortController().signal });
const at = (ageMs: number) => sampleEvent({ timestamp: new Date(NOW_MS - ageMs).toISOString() });

describe("the wire", () => {
  it("keeps the batch when Datadog does not answer within the limit", async () => {
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

  it("keeps the batch when the connection is reset amid the answer", async () => {
    intake.reply({ action: "truncate", status: 202, body: "{" });
    expect(await make().send([sampleEvent()], forever())).toMatchObject({ status: "retry" });
  });

  it("is blocked by a wrong key, and says where to look without saying the key", async () => {
    const wrong = "k-456-somebody-elses";
    const result = await make({ apiKey: wrong }).send([sampleEvent()], forever());
    expect(result).toMatchObject({ status: "blocked", reason: expect.stringContaining("check that the API key is valid") });
    expect(JSON.stringify(result)).not.toContain(wrong);
    // Datadog's answer did say it, or the line above would prove nothing.
    expect(intake.requests[0]?.headers["dd-api-key"]).toBe(wrong);
  });

  it.each(["direct", "official"] as const)("waits until Datadog restores its rate (%s)", async (client) => {
    intake.limitRate(7);
    expect(await make({ client }).send([at(0)], forever())).toMatchObject({ status: "retry", afterMs: 7_000 });
    intake.limitRate(undefined);
    expect(await make({ client }).send([at(0)], forever())).toEqual({ status: "accepted" });
  });
});

describe("a request", () => {
  it("goes to the address as it is, query included, with the key in its header and the tool's name", async () => {
    const events = sampleEvents(2);
    expect(await make({ endpoint: `${intake.endpoint}?relay=7` }).send(events, forever())).toEqual({ status: "accepted" });
    const [request] = intake.requests;
    expect(request).toMatchObject({
      method: "POST",
      path: "/api/v2/logs?relay=7",
      headers: { "dd-api-key": secret, accept: "application/json", "content-type": "application/json", "content-encoding": "gzip", "user-agent": "notes/1.2.3 candor" },
    });
    expect(request?.rawBody.subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
    expect(eventIdsIn(intake.requests)).toEqual(events.map(({ id }) => id));
  });

  it("is not compressed where the author says so", async () => {
    await make({ gzip: false }).send([sampleEvent()], forever());
    expect(intake.requests[0]?.headers).not.toHaveProperty("content-encoding");
    expect(intake.requests[0]?.rawBody.toString()).toMatch(/^\[\{"ddsource":"candor"/);
  });

  it("carries the author's source and tags", async () => {
    await make({ source: "gtb", tags: { env: "Prod", team: "cli tools" } }).send([at(0)], forever());
    expect(intake.accepted[0]?.entry).toMatchObject({ ddsource: "gtb", ddtags: expect.stringMatching(/,env:prod,team:cli_tools$/) });
  });
});

describe("an event that Datadog would not keep whole", () => {
  it("is refused by name, whichever the others are, and nothing is sent", async () => {
    const events = sampleEvents(3);
    const huge = sampleEvent({ metadata: { text: "x".repeat(1_000_000) } });
    const result = await make().send([...events, huge], forever());
    expect(result).toMatchObject({ status: "rejected", rejected: [{ id: huge.id, reason: expect.stringContaining("larger than the 1000000 bytes") }] });
    expect(intake.requests).toHaveLength(0);
  });

  it("is sent as long as it fits, and not cut off", async () => {
    expect(await make().send([sampleEvent({ metadata: { text: "x".repeat(998_000) }, timestamp: new Date(NOW_MS).toISOString() })], forever())).toEqual({ status: "accepted" });
    expect(intake.accepted).toEqual([expect.objectContaining({ isTruncated: false })]);
  });

  it("may be one that is none", async () => {
    const cyclic = { get metadata(): never { throw new Error("mine"); } };
    const event = Object.defineProperties(sampleEvent(), Object.getOwnPropertyDescriptors(cyclic));
    expect(await make().send([event], forever())).toMatchObject({ status: "rejected", rejected: [{ id: event.id }] });
    expect(intake.requests).toHaveLength(0);
  });
});

describe("the time of an event", () => {
  it.each([0, 5 * 60_000, 16 * HOUR_MS, -30 * 60_000])("is the log's own while Datadog takes it (%d ms old)", async (ageMs) => {
    const event = at(ageMs);
    await make().send([event], forever());
    expect(intake.accepted.map(({ entry }) => entry)).toEqual([expect.objectContaining({ timestamp: event.timestamp, event_time: event.timestamp })]);
  });

  it.each([17.5 * HOUR_MS, 19 * HOUR_MS, 30 * 24 * HOUR_MS, -3 * HOUR_MS, -365 * 24 * HOUR_MS])("stands beside that of sending where Datadog would drop the log (%d ms old)", async (ageMs) => {
    const event = at(ageMs);
    expect(await make().send([event], forever())).toEqual({ status: "accepted" });
    expect(intake.accepted.map(({ entry }) => entry)).toEqual([expect.objectContaining({ timestamp: new Date(NOW_MS).toISOString(), event_time: event.timestamp })]);
    expect(intake.outdated).toEqual([]);
  });

  it("stands beside that of sending where it cannot be read", async () => {
    await make().send([sampleEvent({ timestamp: "yesterday" })], forever());
    expect(entriesOf(intake.requests[0]?.body ?? "")).toMatchObject([{ timestamp: new Date(NOW_MS).toISOString(), event_time: "yesterday" }]);
  });
});

describe("the probe", () => {
  it("learns that Datadog would take events, and leaves none there", async () => {
    expect(await make().probe?.(forever())).toEqual({ status: "accepted" });
    expect(intake.requests.map(({ body }) => body)).toEqual(["{}"]);
    expect(intake.accepted).toEqual([]);
  });

  it("learns that the key is wrong", async () => {
    expect(await make({ apiKey: "k-456" }).probe?.(forever())).toMatchObject({ status: "blocked" });
  });

  it("is stopped by its signal", async () => {
    expect(await make().probe?.({ signal: AbortSignal.abort() })).toMatchObject({ status: "retry" });
    expect(intake.requests).toHaveLength(0);
  });
});
