import { createServer as createTls, TLSSocket } from "node:tls";
import { afterEach, describe, expect, it } from "@jest/globals";
import { post } from "../src/post.ts";
import { certificate, closeServers, listen, openIntake, serverIdentity } from "./loopback.ts";
import { withEnvironment } from "./with-environment.ts";

afterEach(closeServers);

const ca = certificate("ca");

describe("trust", () => {
  it("refuses a server of an unknown authority, and sends nothing", async () => {
    const { url, received } = await openIntake((response) => response.end(), serverIdentity());
    const result = await post({ url, body: "x" });
    expect(result).toMatchObject({ status: "failed", fault: "network", reason: expect.stringContaining("certificate is not trusted") });
    expect(received).toHaveLength(0);
  });

  it("refuses a certificate for another host", async () => {
    const { port, received } = await openIntake((response) => response.end(), serverIdentity());
    const result = await post({ url: `https://127.0.0.2:${port}`, body: "x", tls: { ca } });
    expect(result).toMatchObject({ status: "failed", fault: "network" });
    expect(received).toHaveLength(0);
  });

  it("refuses a name that the certificate does not carry", async () => {
    const { port, received } = await openIntake((response) => response.end(), serverIdentity());
    const result = await post({ url: `https://other.localhost:${port}`, body: "x", tls: { ca }, timeoutMs: 5_000 });
    expect(result).toMatchObject({ status: "failed", fault: "network" });
    expect(received).toHaveLength(0);
  });

  it("refuses a server that speaks nothing newer than TLS 1.1", async () => {
    const options = { ...serverIdentity(), minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
    const { url } = await openIntake((response) => response.end(), options);
    expect(await post({ url, body: "x", tls: { ca } })).toMatchObject({ status: "failed", fault: "network" });
  });

  it("checks certificates even where NODE_TLS_REJECT_UNAUTHORIZED is 0", async () => {
    const { url, received } = await openIntake((response) => response.end(), serverIdentity());
    const result = await withEnvironment({ NODE_TLS_REJECT_UNAUTHORIZED: "0" }, () => post({ url, body: "x" }));
    expect(result).toMatchObject({ status: "failed", fault: "network" });
    expect(received).toHaveLength(0);
  });

  it.each([
    ["text", ca],
    ["a buffer", Buffer.from(ca)],
    ["a list", [ca, Buffer.from(ca)]],
  ])("accepts a private authority given as %s", async (_, authority) => {
    const { url } = await openIntake((response) => response.end("ok"), serverIdentity());
    expect(await post({ url, body: "x", tls: { ca: authority } })).toMatchObject({ status: "answered", body: "ok" });
  });

  it("accepts it by name too, and asks for that name", async () => {
    let askedFor: unknown;
    const port = await listen(
      createTls(serverIdentity(), (socket) => {
        askedFor = "servername" in socket && socket.servername;
        socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"));
      }),
    );
    expect(await post({ url: `https://localhost:${port}`, body: "x", tls: { ca } })).toMatchObject({ status: "answered", body: "ok" });
    expect(askedFor).toBe("localhost");
  });
});

describe("a client certificate", () => {
  const mutual = { ...serverIdentity(), ca, requestCert: true, rejectUnauthorized: true };

  it("is missed by a server that asks for one", async () => {
    const { url, received } = await openIntake((response) => response.end(), mutual);
    expect(await post({ url, body: "x", tls: { ca } })).toMatchObject({ status: "failed", fault: "network" });
    expect(received).toHaveLength(0);
  });

  it("opens that server's door", async () => {
    let subject = "";
    const { url } = await openIntake((response, { request }) => {
      if (request.socket instanceof TLSSocket) subject = String(request.socket.getPeerCertificate().subject.CN);
      response.end("ok");
    }, mutual);
    const tls = { ca, cert: certificate("client"), key: Buffer.from(certificate("client.key")) };
    expect(await post({ url, body: "x", tls })).toMatchObject({ status: "answered", body: "ok" });
    expect(subject).toBe("TEST ONLY client");
  });

  it.each([
    ["is no certificate", { cert: "hunter2", key: certificate("client.key") }],
    ["does not belong to its key", { cert: certificate("client"), key: certificate("server.key") }],
  ])("that %s answers failed before anything is sent", async (_, identity) => {
    const { url, received } = await openIntake((response) => response.end(), serverIdentity());
    const result = await post({ url, body: "x", tls: { ca, ...identity } });
    expect(result).toMatchObject({ status: "failed", fault: "network", reason: expect.stringContaining("the certificates or the key cannot be used") });
    expect(JSON.stringify(result)).not.toContain("hunter2");
    expect(received).toHaveLength(0);
  });
});
