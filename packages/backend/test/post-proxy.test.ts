import { afterEach, describe, expect, it } from "@jest/globals";
import { post } from "../src/post.ts";
import { arrival, certificate, closedPort, closeServers, openIntake, openTcp, serverIdentity } from "./loopback.ts";
import { openProxy } from "./loopback-proxy.ts";

afterEach(closeServers);

const tls = { ca: certificate("ca") };

/** `intake.test` resolves nowhere: a request that reaches the intake came through the proxy. */
const throughProxy = (scheme: "http" | "https", port: number): string => `${scheme}://intake.test:${port}/v1?team=a`;

describe("a proxy that fails", () => {
  it.each(["http", "https"] as const)("is not gone round when it is down (%s target)", async (scheme) => {
    const { port, received } = await openIntake((response) => response.end(), scheme === "https" ? serverIdentity() : undefined);
    const proxy = `http://ann:hunter2@127.0.0.1:${await closedPort()}`;
    const result = await post({ url: `${scheme}://127.0.0.1:${port}/?key=hunter2`, body: "x", tls, proxy });
    expect(result).toMatchObject({ status: "failed", fault: "proxy", reason: expect.stringContaining("cannot be used: the connection was refused") });
    expect(JSON.stringify(result)).not.toContain("hunter2");
    expect(received).toHaveLength(0);
  });

  it.each([
    [403, "refused the tunnel with 403"],
    [502, "refused the tunnel with 502"],
    [302, "refused the tunnel with 302"],
    [407, "asks for a user name and password"],
  ])("may refuse the tunnel with %d", async (refusal, words) => {
    const { port, received } = await openIntake((response) => response.end(), serverIdentity());
    const proxy = await openProxy({ refusal });
    const result = await post({ url: throughProxy("https", port), body: "x", tls, proxy: proxy.url });
    expect(result).toMatchObject({ status: "failed", fault: "proxy", reason: expect.stringContaining(words) });
    expect(received).toHaveLength(0);
  });

  it.each(["http", "https"] as const)("may refuse our credentials (%s target)", async (scheme) => {
    const { port, received } = await openIntake((response) => response.end(), scheme === "https" ? serverIdentity() : undefined);
    const proxy = await openProxy({ authorization: "Basic something-else" });
    const result = await post({ url: throughProxy(scheme, port), body: "x", tls, proxy: `http://ann:hunter2@${proxy.host}` });
    expect(result).toMatchObject({ status: "failed", fault: "proxy", reason: expect.stringContaining("(407)") });
    expect(JSON.stringify(result)).not.toContain("hunter2");
    expect(received).toHaveLength(0);
  });

  it("may close the connection instead of opening a tunnel", async () => {
    const { url } = await openTcp((socket) => socket.once("data", () => socket.end()));
    const result = await post({ url: "https://intake.test", body: "x", proxy: url });
    expect(result).toMatchObject({ status: "failed", fault: "proxy" });
  });

  it("may be no proxy at all", async () => {
    const { url } = await openTcp((socket) => socket.once("data", () => socket.end("220 mail ready\r\n")));
    expect(await post({ url: "https://intake.test", body: "x", proxy: url })).toMatchObject({ status: "failed", fault: "proxy" });
  });

  it("may be of an unknown authority", async () => {
    const proxy = await openProxy({ secure: true });
    const result = await post({ url: "https://intake.test", body: "x", proxy: proxy.url });
    expect(result).toMatchObject({ status: "failed", fault: "proxy", reason: expect.stringContaining("not trusted") });
    expect(proxy.requests).toHaveLength(0);
  });

  it("may hang inside CONNECT until the time limit", async () => {
    const closed = arrival<void>();
    const proxy = await openProxy({ hangs: (client) => client.once("close", () => closed.resolve()).resume() });
    const result = await post({ url: "https://intake.test", body: "x", proxy: proxy.url, timeoutMs: 500 });
    expect(result).toMatchObject({ status: "failed", fault: "timeout" });
    await closed.promise;
    expect(proxy.requests).toHaveLength(1);
  });
});

describe.each([false, true])("a proxy that speaks TLS: %p", (secure) => {
  it("opens a tunnel to an https target and sees nothing of the request", async () => {
    const { port, received } = await openIntake((response) => response.end("ok"), serverIdentity());
    const proxy = await openProxy({ secure });
    const result = await post({ url: throughProxy("https", port), body: "x", headers: { "x-key": "k" }, tls, proxy: proxy.url });
    expect(result).toMatchObject({ status: "answered", statusCode: 200, body: "ok" });
    expect(proxy.requests).toEqual([
      { method: "CONNECT", target: `intake.test:${port}`, headers: { host: `intake.test:${port}`, connection: "close" } },
    ]);
    expect(received[0]?.request.url).toBe("/v1?team=a");
  });

  it("passes on a request to an http target", async () => {
    const { port, received } = await openIntake((response) => response.end("ok"));
    const proxy = await openProxy({ secure });
    const result = await post({ url: throughProxy("http", port), body: "x", tls, proxy: proxy.url });
    expect(result).toMatchObject({ status: "answered", statusCode: 200, body: "ok" });
    expect(proxy.requests).toMatchObject([{ method: "POST", target: throughProxy("http", port), headers: { host: `intake.test:${port}` } }]);
    expect(received[0]?.body.toString()).toBe("x");
  });

  it.each(["http", "https"] as const)("gets its credentials and the %s target does not", async (scheme) => {
    const authorization = `Basic ${Buffer.from("ann:p@ss").toString("base64")}`;
    const { port, received } = await openIntake((response) => response.end("ok"), scheme === "https" ? serverIdentity() : undefined);
    const proxy = await openProxy({ secure, authorization });
    const address = proxy.url.replace("://", "://ann:p%40ss@");
    expect(await post({ url: throughProxy(scheme, port), body: "x", tls, proxy: address })).toMatchObject({ status: "answered", body: "ok" });
    expect(received[0]?.request.headers).not.toHaveProperty("proxy-authorization");
  });

  it("carries a client certificate to the target and does not see it", async () => {
    const mutual = { ...serverIdentity(), ...tls, requestCert: true, rejectUnauthorized: true };
    const { port } = await openIntake((response) => response.end("ok"), mutual);
    const proxy = await openProxy({ secure });
    const identity = { ...tls, cert: certificate("client"), key: certificate("client.key") };
    expect(await post({ url: throughProxy("https", port), body: "x", tls: identity, proxy: proxy.url })).toMatchObject({ status: "answered" });
    expect(proxy.requests).toHaveLength(1);
    expect(proxy.requests[0]).not.toHaveProperty("client");
  });
});

describe("a target behind a tunnel", () => {
  it("may answer 407 itself", async () => {
    const { port } = await openIntake((response) => response.writeHead(407).end(), serverIdentity());
    const proxy = await openProxy();
    expect(await post({ url: throughProxy("https", port), body: "x", tls, proxy: proxy.url })).toMatchObject({ status: "answered", statusCode: 407 });
  });

  it("must show a certificate we trust", async () => {
    const { port, received } = await openIntake((response) => response.end(), serverIdentity());
    const proxy = await openProxy();
    expect(await post({ url: throughProxy("https", port), body: "x", proxy: proxy.url })).toMatchObject({ status: "failed", fault: "network" });
    expect(received).toHaveLength(0);
  });
});

describe("the proxy of the environment", () => {
  it("is used unless the request says none", async () => {
    const { port, received } = await openIntake((response) => response.end("ok"));
    const proxy = await openProxy();
    const before = process.env["http_proxy"];
    process.env["http_proxy"] = proxy.url;
    try {
      expect(await post({ url: throughProxy("http", port), body: "x" })).toMatchObject({ status: "answered", body: "ok" });
      expect(await post({ url: `http://127.0.0.1:${port}`, body: "x", proxy: "none" })).toMatchObject({ status: "answered", body: "ok" });
    } finally {
      if (before === undefined) delete process.env["http_proxy"];
      else process.env["http_proxy"] = before;
    }
    expect(proxy.requests).toHaveLength(1);
    expect(received).toHaveLength(2);
  });
});
