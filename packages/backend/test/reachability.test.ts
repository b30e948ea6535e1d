import { createServer as createTls } from "node:tls";
import { afterEach, describe, expect, it } from "@jest/globals";
import { checkReachability, type ReachabilityStep } from "../src/reachability.ts";
import { certificate, closedPort, closeServers, listen, openIntake, serverIdentity } from "./loopback.ts";
import { openProxy } from "./loopback-proxy.ts";
import { withEnvironment } from "./with-environment.ts";

afterEach(closeServers);

const ca = certificate("ca");
const identity = { ca, cert: certificate("client"), key: certificate("client.key") };

const DIRECTLY = { NO_PROXY: "*" };

const check = (url: string, tls: Parameters<typeof checkReachability>[1], environment: Record<string, string> = DIRECTLY): Promise<ReachabilityStep[]> =>
  withEnvironment(environment, () => checkReachability(new URL(url), tls));

const last = (steps: readonly ReachabilityStep[]): ReachabilityStep | undefined => steps.at(-1);

describe("the TLS step", () => {
  it("trusts what delivery trusts, and asks the server nothing", async () => {
    const { url, received } = await openIntake((response) => response.end(), serverIdentity());
    expect(last(await check(url, { ca }))).toEqual({ step: "tls", status: "pass", message: "the certificate of 127.0.0.1 is trusted (TLSv1.3)" });
    expect(received).toHaveLength(0);
  });

  it("refuses an unknown authority even where NODE_TLS_REJECT_UNAUTHORIZED is 0", async () => {
    const { url } = await openIntake((response) => response.end(), serverIdentity());
    const steps = await check(url, undefined, { ...DIRECTLY, NODE_TLS_REJECT_UNAUTHORIZED: "0" });
    expect(last(steps)).toEqual({ step: "tls", status: "fail", message: expect.stringContaining("its certificate is not trusted") });
  });

  it("takes a certificate for the address that was asked for", async () => {
    const { url } = await openIntake((response) => response.end(), serverIdentity("addressed"));
    expect(last(await check(url, { ca }))).toMatchObject({ step: "tls", status: "pass" });
  });

  it("refuses a certificate for localhost when an address was asked for", async () => {
    const { url } = await openIntake((response) => response.end(), serverIdentity("named"));
    expect(last(await check(url, { ca }))).toEqual({ step: "tls", status: "fail", message: expect.stringContaining("its certificate is for another host") });
  });

  it("takes a certificate for the name that was asked for", async () => {
    const { port } = await openIntake((response) => response.end(), serverIdentity("named"));
    expect(last(await check(`https://localhost:${port}`, { ca }))).toMatchObject({ step: "tls", status: "pass" });
  });

  it("fails where our own certificate cannot be used", async () => {
    const { url } = await openIntake((response) => response.end(), serverIdentity());
    expect(last(await check(url, { ca, cert: "hunter2", key: identity.key }))).toEqual({ step: "tls", status: "fail", message: expect.stringMatching(/^(?!.*hunter2)/) });
  });
});

describe("a proxy on the way", () => {
  it("is never shown our certificate", async () => {
    const shown: unknown[] = [];
    // Up to TLS 1.2 the server has seen the client's certificate before the client is done.
    const options = { ...serverIdentity(), ca, requestCert: true, rejectUnauthorized: false, maxVersion: "TLSv1.2" } as const;
    const port = await listen(createTls(options, (socket) => shown.push(socket.getPeerCertificate().subject?.CN)));
    const steps = await check("https://collector.example.com", identity, { HTTPS_PROXY: `https://127.0.0.1:${port}` });
    expect(steps.map(({ step, status }) => `${step} ${status}`)).toEqual(["proxy pass", "tcp pass", "tls pass"]);
    expect(shown).toEqual([undefined]);
  });

  it.each<[string, () => Promise<string>, string]>([
    ["refuses connections", async () => `http://127.0.0.1:${await closedPort()}`, "the connection was refused (ECONNREFUSED)"],
    ["has no known name", () => Promise.resolve("http://proxy.example.invalid:3128"), "the host name "],
    ["shows a certificate that nobody trusts", async () => (await openProxy({ secure: true })).url, "its certificate is not trusted"],
  ])("that %s is named as what failed, not the destination", async (_, open, reason) => {
    const url = await open();
    const step = last(await check("https://collector.example.com", undefined, { HTTPS_PROXY: url }));
    expect(step).toMatchObject({ step: "proxy", status: "fail" });
    expect(step?.message.startsWith(`the proxy ${new URL(url).host} cannot be used: ${reason}`)).toBe(true);
  });
});
