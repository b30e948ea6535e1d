import { afterEach, describe, expect, it } from "@jest/globals";
import { post } from "../src/post.ts";
import { arrival, closeServers, openIntake, openTcp } from "./loopback.ts";

afterEach(closeServers);

describe("an answer that breaks off", () => {
  it.each([
    ["ends before its content-length", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf"],
    ["ends inside a chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n8\r\nhalf"],
    ["ends before the last chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n"],
    ["has a broken chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhalf"],
  ])("is truncated when it %s", async (_, text) => {
    const { url } = await openTcp((socket) => socket.once("data", () => socket.end(text)));
    expect(await post({ url, body: "x" })).toMatchObject({ status: "failed", fault: "truncated" });
  });

  it("is truncated when the connection is reset inside the body", async () => {
    const { url } = await openTcp((socket) => {
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 64000000\r\n\r\n");
        // More than the kernel buffers: once it is written, the client has begun to read.
        socket.write(Buffer.alloc(32_000_000), () => socket.resetAndDestroy());
      });
    });
    expect(await post({ url, body: "x", maxResponseBytes: 64_000_000 })).toMatchObject({ status: "failed", fault: "truncated" });
  });
});

describe("an answer before the end of the request", () => {
  /** More than the kernel buffers on both sides. */
  const body = Buffer.alloc(32_000_000);

  const answered = (status: string): string => `HTTP/1.1 ${status}\r\ncontent-length: 2\r\n\r\n{}`;

  it("confirms nothing when the server goes away without the rest", async () => {
    const { url } = await openTcp((socket) => {
      socket.on("error", () => socket.destroy());
      socket.once("data", () => socket.pause().write(answered("200 OK"), () => socket.destroy()));
    });
    // Which fault it is depends on whether the answer or the reset is read first.
    expect(await post({ url, body })).toMatchObject({ status: "failed" });
  });

  it("is taken when it refuses, although the rest is never read", async () => {
    const { url } = await openTcp((socket) => {
      socket.on("error", () => socket.destroy());
      socket.once("data", () => socket.pause().end(answered("413 Content Too Large")));
    });
    expect(await post({ url, body })).toMatchObject({ status: "answered", statusCode: 413 });
  });
});

describe("the size limit", () => {
  it("refuses an answer one byte too large and takes one that fits", async () => {
    const { url } = await openIntake((response) => response.end("12345678"));
    expect(await post({ url, body: "x", maxResponseBytes: 7 })).toEqual({
      status: "failed",
      fault: "response-too-large",
      reason: "the answer is larger than 7 bytes",
    });
    expect(await post({ url, body: "x", maxResponseBytes: 8 })).toMatchObject({ status: "answered", body: "12345678" });
  });

  it("refuses an endless answer at 1 MiB by default and hangs up", async () => {
    const hungUp = arrival<void>();
    const { url } = await openIntake((response) => {
      const pour = (): void => {
        while (response.write(Buffer.alloc(65_536, 120))) if (response.destroyed) return;
      };
      response.on("drain", pour);
      response.on("close", () => hungUp.resolve());
      pour();
    });
    expect(await post({ url, body: "x" })).toMatchObject({ status: "failed", fault: "response-too-large" });
    await hungUp.promise;
  });

  it("does not unpack an answer that came packed", async () => {
    const packed = Buffer.from([0x1f, 0x8b, 0xff, 0x00]);
    const { url } = await openIntake((response) => response.writeHead(200, { "content-encoding": "gzip" }).end(packed));
    const result = await post({ url, body: "x" });
    expect(result.status === "answered" && Buffer.from(result.body, "latin1")).toEqual(packed);
  });
});

describe("the time limit", () => {
  const timeout = { status: "failed", fault: "timeout", reason: "no complete answer within 60 ms" };

  it("ends a request that is never answered, and the server sees a reset", async () => {
    const end = arrival<unknown>();
    const { url } = await openTcp((socket) => {
      socket.resume();
      socket.on("error", end.resolve);
    });
    // Long enough to have connected on a busy machine, or there would be nothing to reset.
    expect(await post({ url, body: "x", timeoutMs: 500 })).toMatchObject({ status: "failed", fault: "timeout" });
    expect(await end.promise).toMatchObject({ code: "ECONNRESET" });
  });

  it("ends an answer that trickles without end", async () => {
    const { url } = await openTcp((socket) => {
      socket.on("error", () => socket.destroy());
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      const trickle = setInterval(() => socket.write("."), 5);
      socket.once("close", () => clearInterval(trickle));
    });
    expect(await post({ url, body: "x", timeoutMs: 60 })).toEqual(timeout);
  });

  it("ends a stream of interim answers", async () => {
    const { url } = await openTcp((socket) => {
      socket.on("error", () => socket.destroy());
      const trickle = setInterval(() => socket.write("HTTP/1.1 102 Processing\r\n\r\n"), 5);
      socket.once("close", () => clearInterval(trickle));
    });
    expect(await post({ url, body: "x", timeoutMs: 60 })).toEqual(timeout);
  });

  it("ends a TLS handshake that nobody answers", async () => {
    const { port } = await openTcp((socket) => socket.on("error", () => socket.destroy()).resume());
    expect(await post({ url: `https://127.0.0.1:${port}`, body: "x", timeoutMs: 60 })).toEqual(timeout);
  });

  it("ends a body that the server does not read", async () => {
    const { url } = await openTcp((socket) => socket.pause().on("error", () => socket.destroy()));
    expect(await post({ url, body: "x".repeat(32_000_000), timeoutMs: 60 })).toEqual(timeout);
  });

  it.each([Number.POSITIVE_INFINITY, Number.NaN, 1e12])("takes %d for a long time, not for none", async (timeoutMs) => {
    const { url } = await openIntake((response) => response.end("ok"));
    expect(await post({ url, body: "x", timeoutMs })).toMatchObject({ status: "answered" });
  });
});
