/**
 * A relay between a sender and a collector that can break at a chosen byte: it hands on what it gets, and at the breaking
 * point it runs what the test wants (kills the collector) and cuts the sender off without another byte. It understands
 * nothing of what it carries.
 */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Where the next connection breaks. */
export type BreakingPoint =
  /** After so many bytes of the request have been handed on. */
  | { readonly when: "request"; readonly bytes: number }
  /** When the answer begins: the collector has settled the request, and the sender will not know. */
  | { readonly when: "answer" };

export interface Relay {
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  /** Connections that were made so far. */
  readonly connections: () => number;
  /** Bytes of the request that was handed on last, its head included. */
  readonly lastRequestBytes: () => number;
  /** The next connection to reach the point breaks there, once. */
  breakAt(point: BreakingPoint, onBreak: () => void): void;
  close(): Promise<void>;
}

/** Starts a relay to `target` (`host:port`). */
export async function startRelay(target: string): Promise<Relay> {
  const [host = "", port = ""] = target.split(":");
  const sockets = new Set<Socket>();
  let connections = 0;
  let lastRequestBytes = 0;
  let planned: { readonly point: BreakingPoint; readonly onBreak: () => void } | undefined;

  const server = createServer((client) => {
    connections++;
    const upstream = connect(Number(port), host);
    let carried = 0;
    let broken = false;

    const breakNow = (): void => {
      broken = true;
      const { onBreak } = planned ?? { onBreak: () => undefined };
      planned = undefined;
      onBreak();
      client.resetAndDestroy();
    };
    client.on("data", (chunk) => {
      if (broken) return;
      const point = planned?.point;
      const rest = point?.when === "request" ? point.bytes - carried : Number.POSITIVE_INFINITY;
      carried += chunk.length;
      lastRequestBytes = carried;
      if (rest > chunk.length) {
        upstream.write(chunk);
        return;
      }
      broken = true;
      // The collector has the bytes before it is killed.
      upstream.write(chunk.subarray(0, rest), breakNow);
    });
    upstream.on("data", (chunk) => {
      if (broken) return;
      if (planned?.point.when === "answer") breakNow();
      else client.write(chunk);
    });
    for (const [socket, other] of [[client, upstream], [upstream, client]] as const) {
      sockets.add(socket);
      socket.on("end", () => other.end());
      // A reset of one side is what the test is about; the other side is told by its end.
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
    lastRequestBytes: () => lastRequestBytes,
    breakAt(point, onBreak) {
      planned = { point, onBreak };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
