import { gunzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "@jest/globals";
import { get, post } from "../src/post.ts";
import { arrival, closedPort, closeServers, openIntake, openTcp } from "./loopback.ts";

afterEach(closeServers);

describe("a request that cannot be made", () => {
  it.each(["", "not a url", "ftp://127.0.0.1/", "http://ann:hunter2@127.0.0.1/", "http://127.0.0.1:99999/"])(
    "answers failed for the address %j without repeating it",
    async (url) => {
      const result = await post({ url, body: "x" });
      expect(result).toMatchObject({ status: "failed", fault: "network", reason: expect.stringContaining("the address") });
      expect(JSON.stringify(result)).not.toContain("hunter2");
    },
  );

  it.each([{ "x-key": "a\r\nb: hunter2" }, { "x-key": "hunter2\u{1F511}" }, { "x key": "hunter2" }, { "": "hunter2" }])(
    "answers failed for the headers %j without repeating the value",
    async (headers) => {
      const { url, received } = await openIntake((response) => response.end());
      const result = await post({ url, body: "x", headers });
      expect(result).toMatchObject({ status: "failed", fault: "network", reason: expect.stringContaining("does not allow") });
      expect(JSON.stringify(result)).not.toContain("hunter2");
      expect(received).toHaveLength(0);
    },
  );

  it("answers failed for a body that is none", async () => {
    const request = { url: "http://127.0.0.1/", body: "x" };
    Object.assign(request, { body: Symbol("no body") });
    expect(await post(request)).toMatchObject({ status: "failed", fault: "network" });
  });
});

describe("a question", () => {
  it("is a GET with its headers and without a body, and its answer is whole", async () => {
    const { url, received } = await openIntake((response) => response.end('{"uid":"u"}'));
    expect(await get({ url: `${url}/api/v2/account/info/?x=1`, headers: { authorization: "Bearer t" } })).toMatchObject({ status: "answered", statusCode: 200, body: '{"uid":"u"}' });
    expect(received).toHaveLength(1);
    expect(received[0]?.request).toMatchObject({ method: "GET", url: "/api/v2/account/info/?x=1", headers: { authorization: "Bearer t" } });
    expect(received[0]?.request.headers).not.toHaveProperty("content-length");
    expect(received[0]?.request.headers).not.toHaveProperty("transfer-encoding");
  });

  it("follows no redirect, and fails at its limit", async () => {
    const { url, received } = await openIntake((response, { request }) => {
      if (request.url === "/moved") response.writeHead(302, { location: "/elsewhere" }).end();
    });
    expect(await get({ url: `${url}/moved` })).toMatchObject({ status: "answered", statusCode: 302 });
    expect(await get({ url: `${url}/silent`, timeoutMs: 50 })).toMatchObject({ status: "failed", fault: "timeout" });
    expect(received).toHaveLength(2);
  });
});

describe("a connection that fails", () => {
  it("answers failed when nobody listens", async () => {
    const result = await post({ url: `http://127.0.0.1:${await closedPort()}/path?key=hunter2`, body: "x" });
    expect(result).toEqual({ status: "failed", fault: "network", reason: "the connection was refused (ECONNREFUSED)" });
  });

  it("answers failed when the server closes without an answer", async () => {
    const { url } = await openTcp((socket) => socket.once("data", () => socket.end()));
    expect(await post({ url, body: "x" })).toMatchObject({ status: "failed", fault: "network" });
  });

  it("answers failed when the server resets the connection before it answers", async () => {
    const { url } = await openTcp((socket) => socket.once("data", () => socket.resetAndDestroy()));
    expect(await post({ url, body: "x" })).toMatchObject({ status: "failed", fault: "network", reason: expect.stringContaining("reset") });
  });

  it("answers failed when the answer is not HTTP", async () => {
    const { url } = await openTcp((socket) => socket.once("data", () => socket.end("SSH-2.0-OpenSSH_9.6\r\n")));
    expect(await post({ url, body: "x" })).toMatchObject({ status: "failed", fault: "network", reason: expect.stringContaining("not valid HTTP") });
  });

  it("answers failed when the server switches to another protocol", async () => {
    const { url } = await openTcp((socket) => socket.once("data", () => socket.write("HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n")));
    expect(await post({ url, body: "x" })).toMatchObject({ status: "failed", fault: "network" });
  });
});

describe("a complete answer", () => {
  it.each([200, 202, 204, 301, 307, 400, 401, 407, 413, 429, 500, 503])("passes on status %d as it is", async (statusCode) => {
    const { url } = await openIntake((response) => response.writeHead(statusCode, { "X-Seen": "yes" }).end(statusCode === 204 ? "" : "café"));
    expect(await post({ url, body: "x" })).toMatchObject({
      status: "answered",
      statusCode,
      headers: { "x-seen": "yes" },
      body: statusCode === 204 ? "" : "café",
    });
  });

  it("takes interim answers for what they are", async () => {
    const { url } = await openTcp((socket) => socket.once("data", () => socket.end("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")));
    expect(await post({ url, body: "x" })).toMatchObject({ status: "answered", statusCode: 200, body: "ok" });
  });

  it("joins repeated headers", async () => {
    const { url } = await openIntake((response) => response.writeHead(200, { "set-cookie": ["a=1", "b=2"] }).end());
    expect(await post({ url, body: "x" })).toMatchObject({ headers: { "set-cookie": "a=1, b=2" } });
  });

  it("does not follow a redirect", async () => {
    const elsewhere = await openIntake((response) => response.end());
    const { url, received } = await openIntake((response) => response.writeHead(307, { location: elsewhere.url }).end());
    expect(await post({ url, body: "x" })).toMatchObject({ status: "answered", statusCode: 307, headers: { location: elsewhere.url } });
    expect(received).toHaveLength(1);
    expect(elsewhere.received).toHaveLength(0);
  });

  it("sends the whole body even when the server confirms it early", async () => {
    const body = "x".repeat(16_000_000);
    const closed = arrival<number>();
    const { url } = await openTcp((socket) => {
      let receivedBytes = 0;
      socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"));
      socket.on("data", (chunk) => {
        receivedBytes += chunk.length;
      });
      socket.on("error", () => socket.destroy());
      socket.once("close", () => closed.resolve(receivedBytes));
    });
    expect(await post({ url, body })).toMatchObject({ status: "answered", statusCode: 200 });
    expect(await closed.promise).toBeGreaterThan(body.length);
  });
});

describe("the request as the server sees it", () => {
  it("carries method, path, query, host, length and the headers it was given", async () => {
    const { url, port, received } = await openIntake((response) => response.end());
    await post({ url: `${url}/v1/logs?team=a#part`, body: "{}", headers: { "Content-Type": "application/json", "DD-API-KEY": "k" } });
    expect(received[0]?.request).toMatchObject({ method: "POST", url: "/v1/logs?team=a" });
    expect(received[0]?.request.headers).toEqual({
      host: `127.0.0.1:${port}`,
      "user-agent": "candor",
      "content-type": "application/json",
      "dd-api-key": "k",
      "content-length": "2",
      connection: "close",
    });
  });

  it("lets the caller name the agent and nobody touch the framing", async () => {
    const { url, received } = await openIntake((response) => response.end());
    const headers = { "User-Agent": "notes/1.0", "Content-Length": "1", "Transfer-Encoding": "chunked", Host: "evil", "Accept-Encoding": "br", Connection: "keep-alive" };
    await post({ url, body: "four", headers });
    expect(received[0]?.body.toString()).toBe("four");
    expect(received[0]?.request.headers).toMatchObject({ "user-agent": "notes/1.0", "content-length": "4", connection: "close" });
    expect(received[0]?.request.headers).not.toHaveProperty("accept-encoding");
    expect(received[0]?.request.headers.host).not.toBe("evil");
  });

  it.each([
    ["zażółć 日本 🎉", Buffer.from("zażółć 日本 🎉")],
    [new Uint8Array([0, 255, 128]), Buffer.from([0, 255, 128])],
    ["", Buffer.alloc(0)],
  ])("counts the bytes of the body %j", async (body, bytes) => {
    const { url, received } = await openIntake((response) => response.end());
    await post({ url, body });
    expect(received[0]?.request.headers["content-length"]).toBe(String(bytes.length));
    expect(received[0]?.body.equals(bytes)).toBe(true);
  });

  it("compresses the body when asked", async () => {
    const { url, received } = await openIntake((response) => response.end());
    const body = "telemetry ".repeat(1000);
    await post({ url, body, gzip: true });
    expect(received[0]?.request.headers["content-encoding"]).toBe("gzip");
    expect(received[0]?.body.length).toBeLessThan(1000);
    expect(gunzipSync(received[0]?.body ?? "").toString()).toBe(body);
  });

  it("keeps concurrent requests apart", async () => {
    const { url } = await openIntake((response, { body }) => response.end(body));
    const bodies = Array.from({ length: 20 }, (_, index) => `body ${index}`);
    const results = await Promise.all(bodies.map((body) => post({ url, body })));
    expect(results.map((result) => result.status === "answered" && result.body)).toEqual(bodies);
  });
});
