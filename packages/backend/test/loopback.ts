/**
 * Servers on 127.0.0.1 for the tests of this package: an HTTP(S) intake that records what it got, and
 * a bare TCP server for answers that no HTTP library would give. `closeServers` ends every one of
 * them with all their sockets.
 */
import { readFileSync } from "node:fs";
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttps } from "node:https";
import { createServer as createTcp, type Server, type Socket } from "node:net";
import path from "node:path";
import type { TlsOptions } from "node:tls";

/** A test-only certificate or key: `ca`, or `server`, `named`, `addressed`, `client`, each with its `.key`. */
export function certificate(name: string): string {
  return readFileSync(path.join(__dirname, "certificates", `test-only-${name}.pem`), "utf8");
}

/** What a TLS server of the tests shows: a certificate for localhost and its addresses, for the name alone, or for 127.0.0.1 alone. */
export function serverIdentity(role: "server" | "named" | "addressed" = "server"): { cert: string; key: string } {
  return { cert: certificate(role), key: certificate(`${role}.key`) };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server does not listen on a port");
  return address.port;
}

const open: { server: Server; sockets: Set<Socket> }[] = [];

/** Listens on a free port and remembers the server for `closeServers`. */
export async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  open.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return portOf(server);
}

/** Closes every server since the last call. */
export async function closeServers(): Promise<void> {
  for (const { server, sockets } of open.splice(0)) {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  }
}

/** One request as the intake saw it. */
export interface Received {
  readonly request: IncomingMessage;
  readonly body: Buffer;
}

/** How the intake answers a complete request. */
export type Reply = (response: ServerResponse, received: Received) => void;

/** An HTTP server, or HTTPS when `tls` is given, that records every complete request. */
export async function openIntake(reply: Reply, tls?: TlsOptions): Promise<{ url: string; port: number; received: Received[] }> {
  const received: Received[] = [];
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on("error", () => response.destroy());
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const entry = { request, body: Buffer.concat(chunks) };
      received.push(entry);
      reply(response, entry);
    });
  };
  const port = await listen(tls === undefined ? createHttp(onRequest) : createHttps(tls, onRequest));
  return { url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`, port, received };
}

/** A TCP server that hands every connection to `onSocket`. */
export async function openTcp(onSocket: (socket: Socket) => void): Promise<{ url: string; port: number }> {
  const port = await listen(createTcp(onSocket));
  return { url: `http://127.0.0.1:${port}`, port };
}

/** A port on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createTcp();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(portOf(server)));
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A value that arrives later, from an event of a server. */
export function arrival<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
