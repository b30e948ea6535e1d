/**
 * One capture through PostHog's own SDK, with candor's HTTP client as its `fetch`. One client and one request a batch.
 * What the SDK thinks of the outcome is not asked, because it calls a captive portal's page a success; the answer itself
 * is handed back. It makes no request unless the SDK has prepared exactly the events it was given.
 *
 * Loads posthog-node and node:http, so only the first send imports it.
 */
import type { PostRequest, PostResult } from "@candor/backend";
import { post } from "@candor/backend/post";
import { type EventMessage, PostHog, type PostHogOptions } from "posthog-node";
import { wellFormedJson } from "./encode.ts";

/** Where and how to send; the body is the messages. */
export interface CaptureRequest extends Omit<PostRequest, "body"> {
  /** The address of batches, `/batch/` included. */
  readonly url: URL;
  /** The project token. */
  readonly apiKey: string;
  readonly geoip: boolean;
}

/** What became of a batch. */
export type CaptureResult =
  | PostResult
  /** The SDK has dropped some of the events or changed their ids, so nothing was sent. */
  | { readonly status: "unfaithful" };

/** The longest a timer of Node.js runs: the SDK's limits must never come before candor's. */
const NEVER_MS = 2_147_483_647;

/** Sends the messages in one request. Never rejects. */
export async function captureMessages(messages: readonly EventMessage[], { apiKey, geoip, ...request }: CaptureRequest): Promise<CaptureResult> {
  let result: CaptureResult = { status: "failed", fault: "network", reason: "posthog-node made no request to the address of batches" };
  const base = `${request.url.origin}${request.url.pathname}`.replace(/\/batch\/$/u, "");
  const options: PostHogOptions = {
    host: base,
    // Nothing is sent before `flush`, all of it in one request, and no timer is set. Queue and request are as large at least.
    flushAt: messages.length + 1,
    flushInterval: 0,
    fetchRetryCount: 0,
    requestTimeout: NEVER_MS,
    disableCompression: true,
    disableGeoip: !geoip,
    // A person's machine is not a server: the SDK would mark its operating system as one.
    isServer: false,
    enableExceptionAutocapture: false,
    async fetch(url, { body }) {
      if (url === `${base}/batch/` && typeof body === "string") {
        result = holds(body, messages) ? await post({ ...request, body: wellFormedJson(body) }) : { status: "unfaithful" };
      }
      // 400 is the one refusal after which the SDK neither retries nor splits.
      const status = result.status === "answered" && result.statusCode === 200 ? 200 : 400;
      return { status, text: () => Promise.resolve(""), json: () => Promise.resolve({}) };
    },
  };
  try {
    const client = createClient(apiKey, options);
    for (const message of messages) client.capture(message);
    await client.flush();
  } catch {
    // Our own 400 comes back as an error; whatever else it is, the result says how far it came.
  }
  return result;
}

/**
 * The SDK's constructor reads POSTHOG_CAPTURE_MODE, and no option overrides it: `v1` would choose another protocol. The
 * variable belongs to whoever runs the tool. It is absent only within this call, which nothing else can interrupt.
 */
function createClient(apiKey: string, options: PostHogOptions): PostHog {
  const { POSTHOG_CAPTURE_MODE: mode } = process.env;
  if (mode === undefined) return new PostHog(apiKey, options);
  delete process.env["POSTHOG_CAPTURE_MODE"];
  try {
    return new PostHog(apiKey, options);
  } finally {
    process.env["POSTHOG_CAPTURE_MODE"] = mode;
  }
}

/** Whether the SDK's body holds these messages, all of them, in this order and under their own ids. */
function holds(body: string, messages: readonly EventMessage[]): boolean {
  const { batch }: { readonly batch: readonly { readonly uuid: unknown }[] } = JSON.parse(body);
  return batch.length === messages.length && batch.every(({ uuid }, index) => uuid === messages[index]?.uuid);
}
