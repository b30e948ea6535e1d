/**
 * Reachability: looks at the way to a destination step by step (proxy, name, connection, TLS) and says where it ends. It sends
 * no request and no data; for `telemetry doctor`, so it may take its time, within a limit.
 */
import { lookup } from "node:dns/promises";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { TlsSettings } from "./exchange.ts";
import { chooseProxy, describeProxy } from "./proxy.ts";
import { contextFor } from "./trust.ts";
import { describeWireFault } from "./wire-fault.ts";

export interface ReachabilityStep {
  readonly step: "proxy" | "dns" | "tcp" | "tls";
  readonly status: "pass" | "fail";
  /** Plain words; never a credential. */
  readonly message: string;
}

/** Limit of one step. */
const STEP_LIMIT_MS = 5_000;

/** The steps towards `url`, up to and including the first that fails. Never rejects. */
export async function checkReachability(url: URL, tls?: TlsSettings): Promise<ReachabilityStep[]> {
  const steps: ReachabilityStep[] = [];
  const proxy = chooseProxy(url);
  if (proxy.status === "failed") return [{ step: "proxy", status: "fail", message: proxy.reason }];
  const next = proxy.status === "proxied" ? proxy.proxy : url;
  if (proxy.status === "proxied") steps.push({ step: "proxy", status: "pass", message: `requests go through ${describeProxy(proxy.proxy)}` });
  const host = next.hostname.replace(/^\[|\]$/g, "");
  const port = Number(next.port) || (next.protocol === "https:" ? 443 : 80);

  if (isIP(host) === 0) {
    const found = await within(lookup(host).then(({ address }) => `${host} is ${address}`));
    steps.push({ step: "dns", ...found });
    if (found.status === "fail") return steps;
  }
  let socket: Socket | undefined;
  const connected = await within(
    new Promise<string>((resolve, reject) => {
      socket = connectTcp({ host, port }, () => resolve(`${host} accepts connections on port ${port}`));
      socket.once("error", reject);
    }),
  );
  steps.push({ step: "tcp", ...connected });
  if (connected.status === "pass" && socket && next.protocol === "https:") {
    const raw = socket;
    const secured = await within(
      new Promise<string>((resolve, reject) => {
        const secure = connectTls({ socket: raw, servername: isIP(host) ? "" : host, secureContext: contextFor("destination", tls) }, () =>
          resolve(`the certificate of ${host} is trusted (${secure.getProtocol()})`),
        );
        secure.once("error", reject);
      }),
    );
    steps.push({ step: "tls", ...secured });
  }
  socket?.destroy();
  return steps;
}

/** The outcome of one step; a step that takes too long has failed. */
async function within(attempt: Promise<string>): Promise<Pick<ReachabilityStep, "status" | "message">> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" })), STEP_LIMIT_MS);
  });
  try {
    return { status: "pass", message: await Promise.race([attempt, limit]) };
  } catch (error) {
    return { status: "fail", message: describeWireFault(error) };
  } finally {
    clearTimeout(timer);
  }
}
