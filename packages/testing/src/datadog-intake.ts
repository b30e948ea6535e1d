/**
 * A fake of Datadog's v2 logs intake: it asks for the key, keeps to the documented limits and answers in the
 * vendor's form. What the real one does without a word (cutting off, not indexing) it does too, and tells
 * the test. It knows no event of candor's, and leaves undocumented behaviour to the script.
 */
import type { JsonValue } from "@candor/backend";
import { type Intake, startIntake } from "./intake.ts";
import type { AnswerReply, IntakeRequest } from "./intake-reply.ts";

/** One entry as Datadog would have stored it. */
export interface StoredLog {
  readonly entry: { readonly [attribute: string]: JsonValue };
  /** It was larger than 1 MB: the real intake keeps the beginning of it. */
  readonly isTruncated: boolean;
}

export interface DatadogIntakeOptions {
  /** The only key that is let in. */
  readonly apiKey: string;
  /** Milliseconds since 1970. Default: the system's clock. */
  readonly now?: () => number;
}

export interface DatadogIntake extends Intake {
  /** The complete address: `<url>/api/v2/logs`. */
  readonly endpoint: string;
  /** What was acknowledged and is to be found in Datadog. */
  readonly accepted: readonly StoredLog[];
  /** What was acknowledged and is never indexed: its `timestamp` is more than 18 hours old, or more than 2 hours ahead. */
  readonly outdated: readonly StoredLog[];
  /** From now on refuses every request with 429, and says when to come back; undefined lifts it. */
  limitRate(resetSeconds: number | undefined): void;
}

/** "Send logs", limits per HTTP request. */
const MAX_PAYLOAD_BYTES = 5_000_000;
const MAX_ENTRY_BYTES = 1_000_000;
const MAX_ENTRIES = 1_000;
/** "Send logs" has the past, older editions of "Log collection" the future. */
const OLDEST_MS = 18 * 3_600_000;
const NEWEST_MS = 2 * 3_600_000;

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  413: "Payload Too Large",
  429: "Too Many Requests",
};

/** Starts an intake on a free port of 127.0.0.1. */
export async function startDatadogIntake({ apiKey, now = Date.now }: DatadogIntakeOptions): Promise<DatadogIntake> {
  const accepted: StoredLog[] = [];
  const outdated: StoredLog[] = [];
  let resetSeconds: number | undefined;

  function reply(request: IntakeRequest): AnswerReply {
    const key = request.headers["dd-api-key"];
    const [path] = request.path.split("?");
    if (request.method !== "POST" || path !== "/api/v2/logs") return refusal(404, "There is nothing here");
    if (key === undefined) return refusal(401, "API key is missing");
    // The real one is not known to quote the key; a server may.
    if (key !== apiKey) return refusal(403, `API key ${String(key)} is invalid`);
    if (resetSeconds !== undefined) return refusal(429, "Rate limit exceeded", { "x-ratelimit-reset": String(resetSeconds) });
    if (Buffer.byteLength(request.body) > MAX_PAYLOAD_BYTES) return refusal(413, "The payload is larger than 5MB");
    const entries = readEntries(request.body);
    if (typeof entries === "string") return refusal(400, entries);
    for (const entry of entries) {
      const isTruncated = Buffer.byteLength(JSON.stringify(entry)) > MAX_ENTRY_BYTES;
      (isIndexed(entry, now()) ? accepted : outdated).push({ entry, isTruncated });
    }
    return { action: "answer", status: 202, headers: { "content-type": "application/json" }, body: "{}" };
  }

  const intake = await startIntake({ reply });
  return {
    ...intake,
    endpoint: `${intake.url}/api/v2/logs`,
    accepted,
    outdated,
    limitRate(seconds) {
      resetSeconds = seconds;
    },
  };
}

/** The entries of a body, or what is wrong with it. A lone object is one entry; an empty one, which the Agent sends to ask, is none. */
function readEntries(body: string): readonly StoredLog["entry"][] | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return "The body is not JSON";
  }
  const items: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  if (items.length > MAX_ENTRIES) return `The array holds ${items.length} entries`;
  const entries = items.filter(isEntry);
  return entries.length === items.length ? entries.filter((entry) => Object.keys(entry).length > 0) : "An entry is not an object with a message";
}

function isEntry(item: unknown): item is StoredLog["entry"] {
  if (typeof item !== "object" || item === null || Array.isArray(item)) return false;
  return Object.keys(item).length === 0 || ("message" in item && typeof item.message === "string");
}

/** A log without a time that can be read gets the time of its arrival. */
function isIndexed({ timestamp }: StoredLog["entry"], nowMs: number): boolean {
  const atMs = typeof timestamp === "number" ? timestamp : Date.parse(typeof timestamp === "string" ? timestamp : "");
  return Number.isNaN(atMs) || (atMs >= nowMs - OLDEST_MS && atMs <= nowMs + NEWEST_MS);
}

function refusal(status: number, detail: string, headers: Readonly<Record<string, string>> = {}): AnswerReply {
  const errors = [{ status: String(status), title: TITLES[status] ?? "Error", detail }];
  return { action: "answer", status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify({ errors }) };
}
