/** `disable` in the middle of a request: what the destination has not got by then, it never gets. */
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { waitUntil } from "@candor/testing";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, type ServerResponse } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { workbenchPerTest } from "./workbench-per-test.ts";
import { onLinux } from "./workbench.ts";

const onLinuxOnly = onLinux ? describe : describe.skip;

const { bench } = workbenchPerTest({ consent: "stored" });
beforeEach(async () => {
  await bench.command("enable");
});


describe("disable while a large body is on its way to a slow destination", () => {
  let server: Server;
  let sockets: Socket[];
  let received: number;
  let endings: string[];
  let holding: boolean;

  beforeEach(async () => {
    sockets = [];
    received = 0;
    endings = [];
    holding = true;
    server = createServer((socket) => {
      sockets.push(socket);
      socket.on("data", (chunk) => {
        received += chunk.length;
        // Reads the beginning, then nothing until the test lets it.
        if (holding) socket.pause();
      });
      socket.on("error", (error: NodeJS.ErrnoException) => endings.push(error.code ?? "error"));
      socket.on("end", () => endings.push("end"));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });

  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });

  const toTheSlowOne = (): { options: Record<string, unknown> } => ({
    options: { backend: { use: "http", endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` } },
  });

  /**
   * Sends a megabyte, of which the destination has read the beginning when this resolves. Answers how many bytes have reached
   * its side of the connection, read or not; it takes no more until it reads on.
   */
  async function beginTheBody(): Promise<number> {
    await bench.run([["trackMany", "large", 1_000, 5_000]], toTheSlowOne());
    await waitUntil("the destination has read the beginning", () => received > 0, 15_000);
    let unread = 0;
    let looksAlike = 0;
    // A sender on a loaded machine may rest for some looks; one that rests for this many has filled the connection.
    await waitUntil("the connection is full", () => {
      const now = receiveQueue((server.address() as AddressInfo).port);
      looksAlike = now > 0 && now === unread ? looksAlike + 1 : 0;
      unread = now;
      return looksAlike >= 60;
    });
    // One chunk may lie between the kernel and the test, read and not yet reported.
    return received + unread + 65_536;
  }

  function readOn(): void {
    holding = false;
    for (const socket of sockets) socket.resume();
  }

  onLinuxOnly("on Linux", () => {
    it("cuts the connection, so that what the destination had not taken never arrives", async () => {
      const arrived = await beginTheBody();
      const report = await bench.command("disable", toTheSlowOne());
      expect(report.exitCode).toBe(0);
      expect(bench.spooled()).toEqual([]);
      await bench.uploadersGone(2_000);
      readOn();
      await waitUntil("the connection has ended", () => endings.length > 0 || sockets.every((socket) => socket.destroyed));
      expect(sockets).toHaveLength(1);
      expect(received).toBeLessThanOrEqual(arrived);
    });

    it("ends even an uploader that hears nothing any more, and says what that cannot undo", async () => {
      await beginTheBody();
      const [uploader] = bench.uploaders();
      process.kill(uploader?.pid ?? 0, "SIGSTOP");
      const report = await bench.command("disable", toTheSlowOne());
      // Ended from outside it cannot reset its connection, so the request under way may still be completed by the system.
      expect(report.exitCode).toBe(1);
      expect(report.lines.join(" ")).toContain("may still arrive");
      expect(bench.uploaders()).toEqual([]);
      expect(bench.spooled()).toEqual([]);
      readOn();
      await waitUntil("the connection has ended", () => endings.length > 0 || sockets.every((socket) => socket.destroyed));
      expect(sockets).toHaveLength(1);
    });
  });
});

describe("disable while a tool that has no disk sends from memory", () => {
  it("lets it send nothing more", async () => {
    const held: ServerResponse[] = [];
    const server = createHttpServer((request, response) => {
      request.resume().on("end", () => held.push(response));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const options = { backend: { use: "http", endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }, bounds: { bufferEvents: 5_000 } };
    try {
      mkdirSync(dirname(bench.data), { recursive: true, mode: 0o700 });
      writeFileSync(bench.data, "a file where the directory should be");
      // Two requests' worth of events, the first of which is being answered while the user says no.
      const tool = bench.start([["trackMany", "in memory", 2_000, 2_000], ["flush", 10_000], ["print", "flushed"], ["exit", 0]], { options });
      // A request that is not answered would end the flush, so a second one is only sent after the answer.
      await waitUntil("the first request is there", () => held.length === 1, 15_000);
      const report = await bench.command("disable", { options });
      expect(report.exitCode).toBe(0);
      held[0]?.writeHead(200, { "content-type": "application/json" }).end("{}");
      await tool.waitForOutput("flushed").catch(() => undefined);
      await tool.exited;
      expect(held).toHaveLength(1);
    } finally {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    }
  });
});

/** Bytes that the kernel holds for the accepted connection on this local port (proc(5), /proc/net/tcp). */
function receiveQueue(port: number): number {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const connections = readFileSync("/proc/net/tcp", "utf8").split("\n").map((line) => line.trim().split(/\s+/));
  const established = connections.find(([, address, , state]) => address === local && state === "01");
  return Number.parseInt(established?.[4]?.split(":")[1] ?? "0", 16);
}
