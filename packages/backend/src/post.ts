/**
 * The HTTP client: one request, one attempt, one limit over all of it. Knows nothing of events and
 * judges no status. Never rejects, and leaves no socket and no timer behind.
 *
 * Loads node:http and node:tls, so only `lazy-post` imports it.
 */
import { setMaxListeners } from "node:events";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { exchangeOver } from "./answer.ts";
import type { GetRequest, PostFailure, PostRequest, PostResult } from "./exchange.ts";
import { isLeavable } from "./leaving.ts";
import { Line } from "./line.ts";
import { describeProxy } from "./proxy.ts";
import { planRequest, type RequestPlan } from "./request-plan.ts";
import { openRoute } from "./route.ts";
import { contextFor, type Trust } from "./trust.ts";
import { describeWireFault } from "./wire-fault.ts";

const defaultTimeoutMs = 10_000;
const defaultMaxResponseBytes = 1_048_576;
/** The longest a Node.js timer runs; a longer one would fire at once. */
const maxTimeoutMs = 2_147_483_647;

const compress = promisify(gzip);

const failed = (fault: PostFailure["fault"], reason: string): PostFailure => ({ status: "failed", fault, reason });
const aborted = failed("aborted", "the attempt was stopped");

/** Ends an attempt from outside: at its limit or at the caller's signal, whichever comes first. */
function watch(request: PostRequest, line: Line): { readonly ended: Promise<PostFailure>; readonly stop: () => void } {
  const wantedMs = request.timeoutMs ?? defaultTimeoutMs;
  const timeoutMs = Number.isNaN(wantedMs) ? defaultTimeoutMs : Math.min(Math.max(0, wantedMs), maxTimeoutMs);
  let stop = (): void => undefined;
  const ended = new Promise<PostFailure>((resolve) => {
    // The cut does not wait for a promise: whoever aborts may leave by process.exit in the next line.
    const end = (failure: PostFailure): void => {
      line.cut();
      resolve(failure);
    };
    const onAbort = (): void => end(aborted);
    const timer = setTimeout(() => end(failed("timeout", `no complete answer within ${timeoutMs} ms`)), timeoutMs);
    if (isLeavable(request.signal)) timer.unref();
    stop = () => {
      clearTimeout(timer);
      request.signal?.removeEventListener("abort", onAbort);
    };
    if (request.signal === undefined) return;
    // One signal may end many requests; at the eleventh Node would warn of a leak on the tool's stderr.
    setMaxListeners(0, request.signal);
    request.signal.addEventListener("abort", onAbort, { once: true });
  });
  return { ended, stop };
}

function readTrust(request: PostRequest, plan: RequestPlan): Trust | PostFailure {
  try {
    return {
      destination: plan.url.protocol === "https:" ? contextFor("destination", request.tls) : undefined,
      proxy: plan.proxy?.protocol === "https:" ? contextFor("proxy", request.tls) : undefined,
    };
  } catch (error) {
    return failed("network", `the certificates or the key cannot be used: ${describeWireFault(error)}`);
  }
}

type Method = "GET" | "POST";

async function attempt(method: Method, request: PostRequest, line: Line): Promise<PostResult> {
  const plan = planRequest(request);
  if (plan.status === "failed") return plan;
  const trust = readTrust(request, plan);
  if ("status" in trust) return trust;

  const body = request.gzip === true ? await compress(plan.body) : plan.body;
  const route = await openRoute(plan.url, plan.proxy, line, trust);
  if (route.status === "failed") return route;

  const maxResponseBytes = request.maxResponseBytes ?? defaultMaxResponseBytes;
  const result = await exchangeOver(route.socket, { method, path: plan.path, headers: plan.headers, body, maxResponseBytes });
  // Without a tunnel a 407 is the proxy's own; the destination has not been asked.
  if (plan.proxy !== undefined && plan.url.protocol === "http:" && result.status === "answered" && result.statusCode === 407) {
    return failed("proxy", `${describeProxy(plan.proxy)} asks for a user name and password that it accepts (407)`);
  }
  return result;
}

async function attemptWithinLimit(method: Method, request: PostRequest, line: Line): Promise<PostResult> {
  const limit = watch(request, line);
  try {
    const result = await Promise.race([limit.ended, attempt(method, request, line)]);
    if (result.status === "answered") line.close();
    return result;
  } finally {
    limit.stop();
  }
}

/** Sends one HTTP POST; see `lazy-post` for the contract. */
export function post(request: PostRequest): Promise<PostResult> {
  return send("POST", request);
}

/** Sends one HTTP GET; see `lazy-post` for the contract. */
export function get(request: GetRequest): Promise<PostResult> {
  return send("GET", { ...request, body: "" });
}

async function send(method: Method, request: PostRequest): Promise<PostResult> {
  if (request.signal?.aborted === true) return aborted;
  const line = new Line({ leavable: isLeavable(request.signal) });
  try {
    return await attemptWithinLimit(method, request, line);
  } catch (error) {
    return failed("network", `the request could not be made: ${describeWireFault(error)}`);
  } finally {
    line.cut();
  }
}
