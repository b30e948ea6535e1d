import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Intake, sampleEvent, sampleEvents } from "@candor/testing";
import { otlpBackend, type OtlpBackendOptions } from "../src/index.ts";
import { contextWith, idsIn, recordsOf, startCollector, valuesOf, wireRequest } from "./otlp-intake.ts";
import { otlpFaults } from "./otlp-validator.ts";

let collector: Intake;

beforeEach(async () => {
  collector = await startCollector();
});
afterEach(() => collector.close());

const make = (options: Partial<OtlpBackendOptions> = {}) => otlpBackend({ endpoint: collector.url, ...options }, contextWith());
const forever = (): { readonly signal: AbortSignal } => ({ signal: new AbortController().signal });

describe("the wire", () => {
  it("keeps the batch when the collector does not answer within the limit", async () => {
    collector.reply({ action: "hang" });
    expect(await make({ timeoutMs: 50 }).send([sampleEvent()], forever())).toEqual({ status: "retry", reason: "no complete answer within 50 ms" });
  });

  it("ends a hanging request when it is closed", async () => {
    const backend = make();
    const reached = new Promise<void>((resolve) => collector.reply({ action: "hang", onReached: resolve }));
    const result = backend.send([sampleEvent()], forever());
    await reached;
    await backend.close();
    expect(await result).toMatchObject({ status: "retry" });
  });

  it("follows no redirect, not even to the same server", async () => {
    collector.reply({ action: "answer", status: 307, headers: { location: "/elsewhere" } });
    expect(await make().send([sampleEvent()], forever())).toMatchObject({ status: "blocked" });
    expect(collector.requests.map(({ path }) => path)).toEqual(["/v1/logs"]);
  });

  it("makes one attempt where OpenTelemetry's exporter makes more", async () => {
    collector.reply({ action: "answer", status: 503, headers: { "retry-after": "0" } });
    expect(await make().send([sampleEvent()], forever())).toMatchObject({ status: "retry", afterMs: 0 });
    expect(collector.requests).toHaveLength(1);
  });

  it("tells of refused records that the collector does not name", async () => {
    collector.reply({ action: "answer", status: 200, body: '{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"too old"}}' });
    expect(await make().send(sampleEvents(3), forever())).toMatchObject({ status: "partial", rejected: [], unnamed: { count: 1 } });
  });

  it("rejects an event that is none, and keeps its temper", async () => {
    const cyclic = { get metadata(): never { throw new Error("mine"); } };
    expect(await make().send([Object.defineProperties(sampleEvent(), Object.getOwnPropertyDescriptors(cyclic))], forever())).toMatchObject({ status: "rejected" });
    expect(collector.requests).toHaveLength(0);
  });
});

describe("a request", () => {
  it("goes to the logs path below the endpoint, query included, as compressed JSON", async () => {
    const events = sampleEvents(2);
    expect(await make({ endpoint: `${collector.url}/otlp/?tenant=7` }).send(events, forever())).toEqual({ status: "accepted" });
    const [request] = collector.requests;
    expect(request).toMatchObject({
      method: "POST",
      path: "/otlp/v1/logs?tenant=7",
      headers: { "content-type": "application/json", "content-encoding": "gzip", "user-agent": "notes/1.2.3 candor" },
    });
    expect(request?.rawBody.subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
    expect(idsIn(collector.requests)).toEqual(events.map(({ id }) => id));
  });

  it("is not compressed where the author says so", async () => {
    await make({ gzip: false }).send([sampleEvent()], forever());
    expect(collector.requests[0]?.headers).not.toHaveProperty("content-encoding");
    expect(collector.requests[0]?.rawBody.toString()).toMatch(/^\{"resourceLogs":/);
  });

  it("carries the author's headers and resource attributes", async () => {
    await make({ headers: { Authorization: "Bearer k-123", "User-Agent": "mine/1" }, resourceAttributes: { "service.namespace": "dev" } }).send([sampleEvent()], forever());
    const [request] = collector.requests;
    expect(request?.headers).toMatchObject({ authorization: "Bearer k-123", "user-agent": "mine/1" });
    expect(valuesOf(wireRequest(request?.body ?? "").resourceLogs[0]?.resource.attributes ?? [])["service.namespace"]).toEqual({ stringValue: "dev" });
  });

  it("carries no half of a surrogate pair in resource attributes, at which a collector would refuse every batch", async () => {
    await make({ resourceAttributes: { "team\ud800": "x\udfff" } }).send([sampleEvent()], forever());
    const body = collector.requests[0]?.body ?? "";
    expect(otlpFaults(body)).toEqual([]);
    expect(body).toContain('{"key":"team\ufffd","value":{"stringValue":"x\ufffd"}}');
  });

  it("observes its records at the time of sending", async () => {
    const before = Date.now();
    await make().send([sampleEvent({ timestamp: "2020-01-01T00:00:00.000Z" })], forever());
    const [record] = recordsOf(wireRequest(collector.requests[0]?.body ?? ""));
    const observedAtMs = Number(BigInt(record?.observedTimeUnixNano ?? 0) / 1_000_000n);
    expect(observedAtMs).toBeGreaterThanOrEqual(before);
    expect(observedAtMs).toBeLessThanOrEqual(Date.now());
  });
});
