/**
 * A fake PostHog: takes batches at `/batch/` by the rules of PostHog's capture service, with its limits and its answers,
 * and keeps what it accepted, repetitions once. One bad event fails the whole request, as there. It keeps no persons and
 * looks nothing up. Scripted replies come first, as with every intake.
 */
import type { JsonValue } from "@candor/backend";
import { type Intake, type IntakeOptions, startIntake } from "./intake.ts";
import type { AnswerReply, IntakeRequest } from "./intake-reply.ts";

type JsonObject = { readonly [key: string]: JsonValue };

/** One event as it came. */
export interface PostHogEvent {
  /** Absent where the sender left it to PostHog. */
  readonly uuid?: string;
  readonly event: string;
  readonly distinct_id: string;
  readonly timestamp?: string;
  readonly properties: JsonObject;
}

export interface PostHogIntakeOptions {
  /** The project token that is known. Default: any that is none of PostHog's secret keys. */
  readonly token?: string;
  /** What comes before `/batch/`, as behind a reverse proxy. Default: nothing. */
  readonly basePath?: string;
  /** Events that fail their request with 400 although their form is right. Default: none. */
  readonly isPoison?: (event: PostHogEvent) => boolean;
}

/** What PostHog does with a project's events. */
export type PostHogState =
  | "open"
  /** The quota is used up: events are confirmed and dropped, which is what the real service does. */
  | "over-quota"
  /** As before, and the answer says so in `quota_limited`. */
  | "over-quota-told"
  /** 429. */
  | "rate-limited";

export interface PostHogIntake extends Omit<Intake, "events"> {
  /** Accepted events in the order of their first arrival. */
  readonly accepted: readonly PostHogEvent[];
  /** Changes the state from the next request on. It begins as `open`. */
  become(state: PostHogState): void;
}

/** "POST bodies should be less than 20 MB" (PostHog's documentation, "Capture API"). */
const MAX_BODY_BYTES = 20 * 1024 * 1024;
const MAX_EVENT_BYTES = 1024 * 1024;
const MAX_TOKEN_LENGTH = 64;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Starts a fake PostHog on a free port of 127.0.0.1. */
export async function startPostHogIntake(options: PostHogIntakeOptions = {}): Promise<PostHogIntake> {
  const accepted: PostHogEvent[] = [];
  let state: PostHogState = "open";

  function keep(events: readonly PostHogEvent[]): void {
    for (const event of events) {
      const isKnown = event.uuid !== undefined && accepted.some((known) => isRepetition(event, known));
      if (!isKnown) accepted.push(event);
    }
  }

  const reply: IntakeOptions["reply"] = (request) => {
    const batch = readBatch(request, options);
    if (!Array.isArray(batch)) return batch;
    if (state === "rate-limited") return refusal(429, "rate limited");
    if (state === "open") keep(batch);
    return {
      action: "answer",
      status: 200,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ status: "Ok", ...(state === "over-quota-told" && { quota_limited: ["events"] }) }),
    };
  };

  const intake = await startIntake({ reply });
  return {
    ...intake,
    accepted,
    become(next) {
      state = next;
    },
  };
}

/** PostHog takes an event for a repetition when all that it sorts events by is the same: `uuid`, day, name and `distinct_id`. */
function isRepetition(event: PostHogEvent, known: PostHogEvent): boolean {
  const dayOf = ({ timestamp = "" }: PostHogEvent): string => timestamp.slice(0, "2026-01-01".length);
  return event.uuid === known.uuid && event.event === known.event && event.distinct_id === known.distinct_id && dayOf(event) === dayOf(known);
}

/** The events of a request, or the answer that refuses it, in the order in which PostHog asks. */
function readBatch(request: IntakeRequest, { token, basePath = "", isPoison }: PostHogIntakeOptions): PostHogEvent[] | AnswerReply {
  const path = request.path.replace(/\?.*$/, "");
  if (path !== `${basePath}/batch/` && path !== `${basePath}/batch`) return refusal(404, "");
  if (request.method !== "POST") return refusal(405, "");
  if (Math.max(request.rawBody.length, Buffer.byteLength(request.body)) > MAX_BODY_BYTES) return refusal(413, "length limit exceeded");
  if (!/^application\/json\b/i.test(request.headers["content-type"] ?? "")) return refusal(400, "failed to decode request: unexpected content type");
  const body = parseObject(request.body);
  const batch = body?.["batch"];
  if (body === undefined || !Array.isArray(batch)) return refusal(400, "failed to parse request");
  if (batch.length === 0) return refusal(400, "request holds no event");
  const wrongToken = faultOfToken(body["api_key"] ?? body["token"], token);
  if (wrongToken !== undefined) return refusal(401, wrongToken);

  const events: PostHogEvent[] = [];
  for (const item of batch as readonly JsonValue[]) {
    const event = readEvent(item);
    if (typeof event === "string") return refusal(400, event);
    if (Buffer.byteLength(JSON.stringify(item)) > MAX_EVENT_BYTES) return refusal(413, "maximum event size exceeded");
    if (isPoison?.(event) === true) return refusal(400, "invalid event could not be processed");
    events.push(event);
  }
  return events;
}

/** Secret keys are told from project tokens by how they begin; a wrong token is quoted in no answer. */
function faultOfToken(token: JsonValue | undefined, known: string | undefined): string | undefined {
  if (typeof token !== "string" || token === "") return "event submitted without an api_key";
  if (token.startsWith("phx_")) return "API key is not valid: personal_api_key";
  if (token.length > MAX_TOKEN_LENGTH) return "API key is not valid: too_long";
  return known === undefined || token === known ? undefined : "API key is not valid: unknown";
}

/** The event, or what is wrong with its form. */
function readEvent(item: JsonValue): PostHogEvent | string {
  if (!isObject(item)) return "failed to parse request: an event is not an object";
  const { uuid, event, distinct_id: distinctId, timestamp, properties = {} } = item;
  if (typeof event !== "string") return "failed to parse request: missing field event";
  if (event === "") return "event submitted with an empty event name";
  if (!isObject(properties)) return "failed to parse request: properties are not an object";
  if (uuid !== undefined && !(typeof uuid === "string" && UUID.test(uuid))) return "failed to parse request: uuid";
  if (timestamp !== undefined && typeof timestamp !== "string") return "failed to parse request: timestamp";
  if (typeof distinctId !== "string" || distinctId === "") return "event submitted without a distinct_id";
  return { ...(uuid !== undefined && { uuid }), event, distinct_id: distinctId, ...(timestamp !== undefined && { timestamp }), properties };
}

/** PostHog refuses in plain words. */
function refusal(status: number, words: string): AnswerReply {
  return { action: "answer", status, headers: { "content-type": "text/plain; charset=utf-8" }, body: words };
}

/** Reads strictly: half a surrogate pair is no text. Newer servers mend that, older ones refuse the request. */
function parseObject(text: string): JsonObject | undefined {
  const half = /\p{Surrogate}/u;
  let isWhole = true;
  try {
    const parsed: JsonValue = JSON.parse(text, (key, value: JsonValue) => {
      if (half.test(key) || (typeof value === "string" && half.test(value))) isWhole = false;
      return value;
    });
    return isWhole && isObject(parsed) ? parsed : undefined;
  } catch {
    // Answered as PostHog answers it.
    return undefined;
  }
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
