/**
 * The way from here to the destination, ready for a request: a TCP connection, a CONNECT tunnel where
 * a proxy asks for one, and TLS. Sends nothing of the request itself, and never goes round a proxy.
 */
import { request as httpRequest } from "node:http";
import type { Socket } from "node:net";
import type { SecureContext } from "node:tls";
import type { PostFailure } from "./exchange.ts";
import type { Line } from "./line.ts";
import { describeProxy, proxyAuthorization } from "./proxy.ts";
import type { Trust } from "./trust.ts";
import { describeWireFault } from "./wire-fault.ts";

/** An open way to the destination. */
export type Route = { readonly status: "open"; readonly socket: Socket } | PostFailure;

const failed = (fault: "network" | "proxy", reason: string): PostFailure => ({ status: "failed", fault, reason });

function portOf(url: URL): number {
  if (url.port !== "") return Number(url.port);
  return url.protocol === "https:" ? 443 : 80;
}

async function connectTo(url: URL, line: Line, secureContext: SecureContext | undefined): Promise<Socket> {
  const socket = await line.connect(url.hostname, portOf(url));
  return secureContext === undefined ? socket : line.secure(socket, url.hostname, secureContext);
}

/** Asks a connected proxy for a tunnel. Its refusal is told from a failure of the wire. */
function openTunnel(socket: Socket, proxy: URL, target: URL): Promise<Route> {
  const authority = `${target.hostname}:${portOf(target)}`;
  const authorization = proxyAuthorization(proxy);
  return new Promise((resolve) => {
    const refuse = (what: string): void => resolve(failed("proxy", `${describeProxy(proxy)} ${what}`));
    const request = httpRequest({
      method: "CONNECT",
      path: authority,
      setHost: false,
      headers: { host: authority, ...(authorization !== undefined && { "proxy-authorization": authorization }) },
      createConnection: () => socket,
    });
    request.once("connect", (response, tunnel, head) => {
      const statusCode = response.statusCode ?? 0;
      if (statusCode === 407) return refuse("asks for a user name and password that it accepts (407)");
      if (statusCode < 200 || statusCode > 299) return refuse(`refused the tunnel with ${statusCode}`);
      if (head.length > 0) tunnel.unshift(head);
      return resolve({ status: "open", socket });
    });
    request.on("error", (error) => refuse(`gave no tunnel: ${describeWireFault(error)}`));
    request.end();
  });
}

async function openProxy(proxy: URL, line: Line, trust: Trust): Promise<Route> {
  try {
    return { status: "open", socket: await connectTo(proxy, line, trust.proxy) };
  } catch (error) {
    return failed("proxy", `${describeProxy(proxy)} cannot be used: ${describeWireFault(error)}`);
  }
}

/** Opens the way to `target`, through `proxy` if there is one. */
export async function openRoute(target: URL, proxy: URL | undefined, line: Line, trust: Trust): Promise<Route> {
  try {
    if (proxy === undefined) return { status: "open", socket: await connectTo(target, line, trust.destination) };

    const reached = await openProxy(proxy, line, trust);
    if (reached.status === "failed" || trust.destination === undefined) return reached;

    const tunnel = await openTunnel(reached.socket, proxy, target);
    if (tunnel.status === "failed") return tunnel;
    return { status: "open", socket: await line.secure(tunnel.socket, target.hostname, trust.destination) };
  } catch (error) {
    return failed("network", describeWireFault(error));
  }
}
