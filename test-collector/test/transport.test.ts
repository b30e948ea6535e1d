/** The wire between the otlp backend and a real collector: plain, compressed, and over TLS both ways. */
import { afterEach, expect, it, jest } from "@jest/globals";
import { sampleEvents } from "@candor/testing";
import { type RunningCollector, startCollector } from "../collector.ts";
import { describeWithCollector } from "./collector-suite.ts";
import { backendTo, certificateFile, send, uidsIn, uidsOf } from "./sending.ts";

jest.setTimeout(30_000);

const serverIdentity = { COLLECTOR_CERTIFICATE: certificateFile("server.pem"), COLLECTOR_KEY: certificateFile("server.key.pem") };
const clientAuthority = { COLLECTOR_CLIENT_CA: certificateFile("ca.pem") };
const trust = { caFile: certificateFile("ca.pem") };
const identity = { certificateFile: certificateFile("client.pem"), keyFile: certificateFile("client.key.pem") };

let collector: RunningCollector;

afterEach(() => collector.dispose());

describeWithCollector("over http", () => {
  it.each([
    ["plain", false],
    ["compressed", true],
  ])("delivers %s", async (_, gzip) => {
    collector = await startCollector({ configurations: ["plain"] });
    const events = sampleEvents(100);
    expect(await send(backendTo(collector.address, { gzip }), events)).toEqual({ status: "accepted" });
    expect(uidsIn(collector)).toEqual(uidsOf(events));
  });

  it("keeps the order of a batch", async () => {
    collector = await startCollector({ configurations: ["plain"] });
    const events = sampleEvents(50);
    await send(backendTo(collector.address), events);
    expect(collector.records().map(({ body }) => body)).toEqual(events.map(({ name }) => name));
  });
});

describeWithCollector("over TLS with a private authority", () => {
  it("sends nothing to a collector it does not trust", async () => {
    collector = await startCollector({ configurations: ["plain", "tls"], variables: serverIdentity });
    const result = await send(backendTo("", { endpoint: `https://${collector.address}` }), sampleEvents(1));
    expect(result).toMatchObject({ status: "retry", reason: expect.stringContaining("certificate is not trusted") });
    expect(collector.records()).toEqual([]);
  });

  it("sends nothing in plain http to a collector that wants TLS", async () => {
    collector = await startCollector({ configurations: ["plain", "tls"], variables: serverIdentity });
    expect((await send(backendTo(collector.address), sampleEvents(1))).status).not.toBe("accepted");
    expect(collector.records()).toEqual([]);
  });

  it("delivers to a collector whose authority it was given", async () => {
    collector = await startCollector({ configurations: ["plain", "tls"], variables: serverIdentity });
    const events = sampleEvents(100);
    expect(await send(backendTo("", { endpoint: `https://${collector.address}`, tls: trust }), events)).toEqual({ status: "accepted" });
    expect(uidsIn(collector)).toEqual(uidsOf(events));
  });
});

describeWithCollector("over mutual TLS", () => {
  const start = (): Promise<RunningCollector> =>
    startCollector({ configurations: ["plain", "tls", "mutual-tls"], variables: { ...serverIdentity, ...clientAuthority } });

  it("keeps the batch when it has no certificate to show", async () => {
    collector = await start();
    expect(await send(backendTo("", { endpoint: `https://${collector.address}`, tls: trust }), sampleEvents(1))).toMatchObject({ status: "retry" });
    expect(collector.records()).toEqual([]);
  });

  it("delivers with its certificate", async () => {
    collector = await start();
    const events = sampleEvents(100);
    expect(await send(backendTo("", { endpoint: `https://${collector.address}`, tls: { ...trust, ...identity } }), events)).toEqual({ status: "accepted" });
    expect(uidsIn(collector)).toEqual(uidsOf(events));
  });
});
