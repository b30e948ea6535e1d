/**
 * Reachability: looks at the way to a destination step by step (proxy, name, connection, TLS) and says where it ends. It sends
 * no request and no data; for `telemetry doctor`, so it may take its time, within a limit.
 */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { TlsSettings } from "./exchange.ts";
import { Line } from "./line.ts";
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

/** The steps towards `url`, up to and including the first that fails. Whatever fails at a proxy is the step `proxy`. Never rejects. */
export async function checkReachability(url: URL, tls?: TlsSettings): Promise<ReachabilityStep[]> {
  const choice = chooseProxy(url);
  if (choice.status === "failed") return [{ step: "proxy", status: "fail", message: choice.reason }];
  if (choice.status === "direct") return walk(url, "destination", tls);
  const name = describeProxy(choice.proxy);
  const steps = await walk(choice.proxy, "proxy", tls);
  const told = steps.map((step): ReachabilityStep => (step.status === "fail" ? { step: "proxy", status: "fail", message: `${name} cannot be used: ${step.message}` } : step));
  return [{ step: "proxy", status: "pass", message: `requests go through ${name}` }, ...told];
}

/** The steps to one peer. Delivery's own line takes them, so that both judge a certificate alike. */
async function walk(url: URL, peer: "destination" | "proxy", tls: TlsSettings | undefined): Promise<ReachabilityStep[]> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  const line = new Line();
  const steps: ReachabilityStep[] = [];
  /** Takes a step unless one has failed before; answers what it led to. */
  const take = async <Result>(step: ReachabilityStep["step"], attempt: () => Promise<Result>, describe: (result: Result) => string): Promise<Result | undefined> => {
    if (steps.some(({ status }) => status === "fail")) return undefined;
    try {
      const result = await within(attempt());
      steps.push({ step, status: "pass", message: describe(result) });
      return result;
    } catch (error) {
      steps.push({ step, status: "fail", message: describeWireFault(error) });
      return undefined;
    }
  };
  if (isIP(host) === 0) await take("dns", () => lookup(host), ({ address }) => `${host} is ${address}`);
  const socket = await take("tcp", () => line.connect(host, port), () => `${host} accepts connections on port ${port}`);
  if (socket && url.protocol === "https:") {
    await take("tls", async () => line.secure(socket, host, contextFor(peer, tls)), (secured) => `the certificate of ${host} is trusted (${secured.getProtocol()})`);
  }
  line.close();
  return steps;
}

/** The outcome of one step; a step that takes too long has failed. @throws whatever it failed by. */
async function within<Result>(attempt: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" })), STEP_LIMIT_MS);
  });
  try {
    return await Promise.race([attempt, limit]);
  } finally {
    clearTimeout(timer);
  }
}
