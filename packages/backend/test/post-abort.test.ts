import type { Socket } from "node:net";
import { createServer as createTls } from "node:tls";
import { afterEach, describe, expect, it } from "@jest/globals";
import { post } from "../src/post.ts";
import { arrival, certificate, closeServers, listen, openIntake, openTcp, serverIdentity } from "./loopback.ts";
import { openProxy } from "./loopback-proxy.ts";

afterEach(closeServers);

const aborted = { status: "failed", fault: "aborted", reason: "the attempt was stopped" };

/** One that the abort does not end comes to its own limit, and says that. */
async function endsAborted(run: () => Promise<unknown>): Promise<void> {
  expect(await run()).toEqual(aborted);
}

describe("an abort", () => {
  it("before the start connects to nobody", async () => {
    let connections = 0;
    const { url } = await openTcp(() => {
      connections += 1;
    });
    await endsAborted(() => post({ url, body: "x", signal: AbortSignal.abort() }));
    // A connection that works proves that an earlier one would have been seen.
    await post({ url, body: "x", timeoutMs: 500 });
    expect(connections).toBe(1);
  });

  it.each([false, true])("while connecting sends nothing (gzip %p)", async (gzip) => {
    const { url, received } = await openIntake((response) => response.end());
    const controller = new AbortController();
    const result = post({ url, body: "x", gzip, signal: controller.signal });
    controller.abort(new Error("hunter2"));
    await endsAborted(() => result);
    await post({ url, body: "later" });
    expect(received.map(({ body }) => body.toString())).toEqual(["later"]);
  });

  it("inside the TLS handshake resets the connection", async () => {
    const controller = new AbortController();
    const end = arrival<unknown>();
    const { port } = await openTcp((socket) => {
      socket.on("error", end.resolve);
      socket.once("data", () => controller.abort());
    });
    await endsAborted(() => post({ url: `https://127.0.0.1:${port}`, body: "x", signal: controller.signal }));
    expect(await end.promise).toMatchObject({ code: "ECONNRESET" });
  });

  it("inside a proxy's CONNECT closes the proxy's connection", async () => {
    const controller = new AbortController();
    const end = arrival<void>();
    const proxy = await openProxy({
      hangs: (client) => {
        client.once("close", () => end.resolve());
        client.resume();
        controller.abort();
      },
    });
    await endsAborted(() => post({ url: "https://intake.test", body: "x", proxy: proxy.url, signal: controller.signal }));
    await end.promise;
    expect(proxy.requests).toHaveLength(1);
  });

  it("while the server thinks resets the connection", async () => {
    const controller = new AbortController();
    const end = arrival<unknown>();
    const { url } = await openTcp((socket) => {
      socket.on("error", end.resolve);
      socket.once("data", () => controller.abort());
    });
    await endsAborted(() => post({ url, body: "x", signal: controller.signal }));
    expect(await end.promise).toMatchObject({ code: "ECONNRESET" });
  });

  it("inside the answer resets the connection", async () => {
    const controller = new AbortController();
    const end = arrival<unknown>();
    const { url } = await openTcp((socket) => {
      socket.on("error", end.resolve);
      socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", () => setImmediate(() => controller.abort())));
    });
    await endsAborted(() => post({ url, body: "x", signal: controller.signal }));
    expect(await end.promise).toMatchObject({ code: "ECONNRESET" });
  });
});

/**
 * Aborts while the server leaves a large body unread, then lets it read on; answers how many bytes
 * it got. A plain close would deliver the kernel's send buffer too, which on loopback is megabytes;
 * what the server's own kernel has received, some 0.2 MB, nobody can take back.
 */
async function bytesAfterAbort(url: (port: number) => string, serve: (onSocket: (socket: Socket) => void) => Promise<number>): Promise<number> {
  const controller = new AbortController();
  const connected = arrival<Socket>();
  const port = await serve((socket) => connected.resolve(socket));
  const body = Buffer.alloc(32_000_000);
  const result = post({ url: url(port), body, signal: controller.signal, tls: { ca: certificate("ca") } });
  const socket = await connected.promise;
  // The first bytes show that the body is on its way; the rest stays unread.
  let receivedBytes = 0;
  socket.on("data", (chunk: Buffer) => {
    receivedBytes += chunk.length;
  });
  socket.once("data", () => {
    socket.pause();
    setImmediate(() => controller.abort());
  });
  await endsAborted(() => result);
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.on("error", () => socket.destroy());
  socket.resume();
  await closed;
  return receivedBytes;
}

describe("what an abort takes back", () => {
  it("is everything the server has not got yet, over http", async () => {
    const receivedBytes = await bytesAfterAbort(
      (port) => `http://127.0.0.1:${port}`,
      async (onSocket) => (await openTcp(onSocket)).port,
    );
    expect(receivedBytes).toBeGreaterThan(0);
    expect(receivedBytes).toBeLessThan(1_000_000);
  });

  it("is everything the server has not got yet, over https", async () => {
    const receivedBytes = await bytesAfterAbort(
      (port) => `https://127.0.0.1:${port}`,
      (onSocket) => listen(createTls(serverIdentity(), onSocket)),
    );
    expect(receivedBytes).toBeGreaterThan(0);
    expect(receivedBytes).toBeLessThan(1_000_000);
  });
});
