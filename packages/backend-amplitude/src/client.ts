/**
 * One request through Amplitude's own SDK, which builds the payload, with candor's HTTP client as its transport. One attempt: the SDK
 * is told that every request went well, because it would otherwise retry or drop events by rules of its own; the server's real
 * answer is handed back. Each send has an instance for itself, and nothing of it stays.
 *
 * Loads the SDK and node:http, so only the first send imports it.
 */
import { createInstance, type Payload } from "@amplitude/analytics-node";
import type { Logger, PostRequest, PostResult } from "@candor/backend";
import { post } from "@candor/backend/post";
import type { AmplitudeEvent } from "./amplitude-event.ts";
import { sdkLogger } from "./sdk-logger.ts";

/** Where and how to send; the body is the events. */
export interface ClientRequest extends Omit<PostRequest, "body"> {
  readonly url: URL;
  readonly apiKey: string;
  readonly minIdLength: number;
  readonly verbose: boolean;
  readonly logger: Logger;
}

/** What became of the events. */
export type Exchange =
  /** The ids of those that the SDK put into the request, in its order, and the server's answer. */
  | { readonly status: "sent"; readonly ids: readonly string[]; readonly result: PostResult }
  /** The SDK refused every event, and there was no request. */
  | { readonly status: "unsent" };

/** Verbose, one below the level at which the SDK writes down the arguments of every call, the API key among them. */
const LOG_LEVEL = 3;

/** Sends the events, which JSON must be able to hold, in one request. Rejects only when the SDK itself fails. */
export async function exchange(events: readonly AmplitudeEvent[], { apiKey, minIdLength, verbose, logger, ...request }: ClientRequest): Promise<Exchange> {
  let outcome: Exchange = { status: "unsent" };
  const lines = sdkLogger(logger, { verbose, apiKey });
  const client = createInstance();
  await client.init(apiKey, {
    serverUrl: request.url.href,
    minIdLength,
    // One request for all of them.
    flushQueueSize: Math.max(1, events.length),
    // After a flush the SDK leaves the timer of this interval running.
    flushIntervalMillis: 0,
    flushMaxRetries: 1,
    logLevel: LOG_LEVEL,
    loggerProvider: lines,
    transportProvider: {
      async send(_url, payload) {
        outcome = await transmit(payload, request);
        if (outcome.status === "sent" && outcome.result.status === "answered") lines.log(`HTTP response code: ${outcome.result.statusCode}`);
        return { status: "success", statusCode: 200 };
      },
    },
  }).promise;
  for (const event of events) client.track(event);
  await client.flush().promise;
  // The SDK's own timers, of no delay, were set before this one, and so have fired when it does.
  await new Promise((resolve) => setTimeout(resolve, 0));
  return outcome;
}

async function transmit(payload: Payload, request: Omit<PostRequest, "body">): Promise<Exchange> {
  const events = payload.events.map(withoutCounter);
  const result = await post({ ...request, body: toJson({ ...payload, events }) });
  return { status: "sent", ids: events.map(({ insert_id }) => String(insert_id)), result };
}

/**
 * The SDK numbers events from 0 in each instance. The number orders events of one time, which it would do wrongly between requests, and
 * an event that is sent again after a batch was split would come with another one.
 */
function withoutCounter(event: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(event).filter(([name]) => name !== "event_id"));
}

/**
 * JSON without lone halves of surrogate pairs, which some readers refuse a whole request over. `JSON.stringify` writes them as escapes;
 * the pattern takes backslashes in pairs, so that what merely looks like one inside a text is left alone.
 */
function toJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(/\\(?:\\|u(d[89a-f][\da-f]{2}))/g, (escape, half?: string) => (half === undefined ? escape : "\\ufffd"));
}
