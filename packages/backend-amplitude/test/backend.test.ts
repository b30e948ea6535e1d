import { afterEach, describe, expect, it } from "@jest/globals";
import { sampleEvent, sampleEvents } from "@candor/testing";
import { closeServers, openTcp } from "../../backend/test/loopback.ts";
import { amplitudeBackend } from "../src/index.ts";
import { apiKey, contextWith, standWith, type WireEvent, wireRequest } from "./amplitude-fixture.ts";

const forever = (): { readonly signal: AbortSignal } => ({ signal: new AbortController().signal });

describe("the wire", () => {
  it("keeps the batch when Amplitude does not answer within the limit", async () => {
    const { intake, send } = await standWith({ timeoutMs: 50 });
    intake.reply({ action: "hang" });
    expect(await send(sampleEvent())).toEqual({ status: "retry", reason: "no complete answer within 50 ms" });
  });

  it("ends a hanging request when it is closed", async () => {
    const { intake, backend, send } = await standWith();
    const reached = new Promise<void>((resolve) => intake.reply({ action: "hang", onReached: resolve }));
    const result = send(sampleEvent());
    await reached;
    await backend.close();
    expect(await result).toMatchObject({ status: "retry" });
  });

  it.each([429, 500, 503])("makes one attempt where the SDK makes more (%i)", async (status) => {
    const { intake, send } = await standWith();
    intake.reply({ action: "answer", status, body: `{"code":${status}}` });
    expect(await send(...sampleEvents(3))).toMatchObject({ status: "retry" });
    expect(intake.requests).toHaveLength(1);
  });

  it("is not deceived by a failure whose body claims success, as the SDK is", async () => {
    const { intake, send } = await standWith();
    intake.reply({ action: "answer", status: 500, body: '{"code":200}' });
    expect(await send(sampleEvent())).toMatchObject({ status: "retry" });
  });
});

describe("a proxy", () => {
  const variables = ["HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"] as const;
  const before = variables.map((name) => [name, process.env[name]] as const);
  afterEach(async () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    await closeServers();
  });

  it("of the environment is on the way to Amplitude, with the SDK as without", async () => {
    const asked: string[] = [];
    const { url } = await openTcp((socket) => {
      // A client that is refused cuts the connection.
      socket.on("error", () => undefined);
      socket.once("data", (data) => {
        asked.push(data.toString().split("\r\n")[0] ?? "");
        socket.end("HTTP/1.1 503 Busy\r\n\r\n");
      });
    });
    for (const name of variables) delete process.env[name];
    process.env["HTTPS_PROXY"] = url;
    const backend = amplitudeBackend({ apiKey, serverZone: "EU" }, contextWith());
    expect(await backend.send([sampleEvent()], forever())).toMatchObject({ status: "retry" });
    expect(asked).toEqual(["CONNECT api.eu.amplitude.com:443 HTTP/1.1"]);
  });
});

describe("a request", () => {
  it("is one for the whole batch, compressed JSON with the key and the shortest id", async () => {
    const events = sampleEvents(200);
    const { intake, send } = await standWith();
    expect(await send(...events)).toEqual({ status: "accepted" });
    expect(intake.requests).toHaveLength(1);
    const [request] = intake.requests;
    expect(request).toMatchObject({
      method: "POST",
      path: "/2/httpapi",
      headers: { "content-type": "application/json", "content-encoding": "gzip", accept: "*/*", "user-agent": "notes/1.2.3 candor" },
    });
    expect(request?.rawBody.subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
    const body = request && wireRequest(request);
    expect(body).toMatchObject({ api_key: apiKey, options: { min_id_length: 1 } });
    expect(body?.events.map(({ insert_id }) => insert_id)).toEqual(events.map(({ id }) => id));
  });

  it("is not compressed where the author says so, and asks for longer ids", async () => {
    const { intake, send } = await standWith({ gzip: false, minIdLength: 8 });
    await send(sampleEvent());
    expect(intake.requests[0]?.headers).not.toHaveProperty("content-encoding");
    expect(intake.requests[0]?.rawBody.toString()).toMatch(/^\{"api_key":.*"options":\{"min_id_length":8\}/);
  });

  it("says nothing of where the user is in candor's schema, and asks Amplitude in DataRobot's", async () => {
    for (const [schema, ip] of [["candor", undefined], ["datarobot", "$remote"]] as const) {
      const { send, onlyEvent } = await standWith({ schema });
      await send(sampleEvent());
      expect(onlyEvent()["ip"]).toBe(ip);
    }
  });

  it("keeps the query of an endpoint of the author's own", async () => {
    const { intake } = await standWith();
    const backend = amplitudeBackend({ apiKey, endpoint: `${intake.url}/2/httpapi?tenant=7` }, contextWith());
    expect(await backend.send([sampleEvent()], forever())).toEqual({ status: "accepted" });
    expect(intake.requests[0]?.path).toBe("/2/httpapi?tenant=7");
  });
});

describe("a batch that is sent again", () => {
  it.each(["candor", "datarobot"] as const)("is the same to the last byte, but for the time of upload, and counts once (%s)", async (schema) => {
    const events = sampleEvents(5);
    const { intake, send } = await standWith({ schema });
    intake.reply({ action: "reset", when: "after-body" });
    expect(await send(...events)).toMatchObject({ status: "retry" });
    expect(await send(...events)).toEqual({ status: "accepted" });
    expect(await send(...events)).toEqual({ status: "accepted" });
    const [first, second] = intake.requests.map(({ body }) => body.replace(/"client_upload_time":"[^"]+"/, ""));
    expect(second).toBe(first);
    expect(intake.accepted).toHaveLength(5);
  });

  it("has the same events when it was split meanwhile, and no counter that would tell them apart", async () => {
    const events = sampleEvents(4);
    const { intake, send } = await standWith();
    intake.reply({ action: "answer", status: 413 });
    expect(await send(...events)).toMatchObject({ status: "rejected" });
    await send(...events.slice(2));
    const [whole, half] = intake.requests.map((request) => wireRequest(request).events);
    expect(half).toEqual(whole?.slice(2));
    expect(JSON.stringify(whole)).not.toContain("event_id");
  });
});

describe("what Amplitude refuses", () => {
  it("is rejected by name, and the others are not confirmed", async () => {
    const events = [sampleEvent(), sampleEvent({ machineId: "" }), sampleEvent()];
    const { intake, send } = await standWith();
    expect(await send(...events)).toMatchObject({ status: "rejected", rejected: [{ id: events[1]?.id, reason: expect.stringContaining("too short") }] });
    expect(intake.accepted).toEqual([]);
  });

  it("is rejected by its device when that is silenced", async () => {
    const events = [sampleEvent(), sampleEvent({ machineId: "another-device" })];
    const { send } = await standWith({}, { silencedDevices: ["another-device"] });
    expect(await send(...events)).toMatchObject({ status: "rejected", rejected: [{ id: events[1]?.id }] });
  });

  it("blocks when it is the key", async () => {
    const { send } = await standWith({ apiKey: "of-another-project" });
    const result = await send(sampleEvent());
    expect(result).toMatchObject({ status: "blocked" });
    expect(JSON.stringify(result)).not.toContain("of-another-project");
  });

  it("waits half a minute when the device is throttled, and an hour when its day is used up", async () => {
    const throttled = await standWith({}, { eventsPerSecond: 1, now: () => 0 });
    expect(await throttled.send(...sampleEvents(31))).toMatchObject({ status: "retry", afterMs: 30_000 });
    const overQuota = await standWith({}, { dailyQuota: 1, now: () => 0 });
    expect(await overQuota.send(...sampleEvents(2))).toMatchObject({ status: "retry", afterMs: 3_600_000 });
  });
});

describe("what the SDK refuses", () => {
  const nameless = sampleEvent({ name: " \n" });
  const timeless = sampleEvent({ timestamp: "yesterday" });

  it("is rejected by name, while the others are confirmed", async () => {
    const [first, last] = [sampleEvent(), sampleEvent()];
    const { intake, send } = await standWith();
    const result = await send(first, nameless, timeless, last);
    expect(result).toMatchObject({ status: "partial" });
    const ids = result.status === "partial" ? result.rejected.map(({ id }) => id) : [];
    expect([...ids].sort()).toEqual([nameless.id, timeless.id].sort());
    expect(intake.accepted.map((event) => (event as WireEvent).insert_id)).toEqual([first.id, last.id]);
  });

  it("is rejected without a request when nothing else is there", async () => {
    const { intake, send } = await standWith();
    expect(await send(nameless, timeless)).toMatchObject({ status: "rejected", rejected: [{ id: nameless.id }, { id: timeless.id }] });
    expect(intake.requests).toHaveLength(0);
  });

  it("waits with the others when they must", async () => {
    const { intake, send } = await standWith();
    intake.reply({ action: "answer", status: 503 });
    expect(await send(sampleEvent(), nameless)).toMatchObject({ status: "retry" });
  });

  it("does not include an event about which the tool's own log fails", async () => {
    const { intake } = await standWith();
    const fail = (): never => {
      throw new Error("disk full");
    };
    const context = { ...contextWith(), logger: { debug: fail, info: fail, warn: fail, error: fail } };
    const backend = amplitudeBackend({ apiKey, endpoint: `${intake.url}/2/httpapi` }, context);
    expect(await backend.send([sampleEvent()], forever())).toEqual({ status: "accepted" });
  });

  it("includes an event that is none", async () => {
    const throwing = Object.defineProperty(sampleEvent(), "metadata", { get: () => { throw new Error("mine"); } });
    const unwritable = sampleEvent({ metadata: { big: 1n as unknown as number } });
    const { intake, send } = await standWith();
    const result = await send(sampleEvent(), throwing, unwritable);
    expect(result).toMatchObject({ status: "partial", rejected: [{ id: throwing.id }, { id: unwritable.id }] });
    expect(intake.accepted).toHaveLength(1);
  });
});
