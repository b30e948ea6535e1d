/**
 * A fake Amplitude: the HTTP V2 API at `/2/httpapi` and the Batch Event Upload API at `/batch`, with their limits, their refusals and
 * their words. It keeps what it accepted, an event once in 7 days, so that a test can show what a repetition costs.
 *
 * Rates and quotas are off unless a test sets them, because what a test sends in a second depends on the machine.
 */
import type { JsonValue } from "@candor/backend";
import { asKept, faultsOf, type JsonObject } from "./amplitude-validation.ts";
import { type Intake, startIntake } from "./intake.ts";
import type { AnswerReply, IntakeRequest } from "./intake-reply.ts";

export interface AmplitudeIntakeOptions {
  /** The only key it accepts. Default: any key that is not empty. */
  readonly apiKey?: string;
  /** Devices whose events it refuses. Default: none. */
  readonly silencedDevices?: readonly string[];
  /** Events a second from one device, as an average over 30 seconds. Amplitude's are 30, and 1,000 at `/batch`. Default: no limit. */
  readonly eventsPerSecond?: number;
  /** Events in 24 hours from one device; Amplitude's is 500,000. Default: no limit. */
  readonly dailyQuota?: number;
  /** Milliseconds since 1970. Default: the clock. */
  readonly now?: () => number;
}

export interface AmplitudeIntake extends Intake {
  /** What it accepted, in order; of events with the same `device_id` and `insert_id` within 7 days only the first. */
  readonly accepted: readonly JsonObject[];
}

/** Amplitude's limits of one request; a list of 2,000 events is too long, 1 MB is too large. */
const requestLimits: Readonly<Record<string, { readonly events: number; readonly bytes: number }>> = {
  "/2/httpapi": { events: 1_999, bytes: 999_999 },
  "/batch": { events: 1_999, bytes: 20_000_000 },
};

const DEFAULT_MIN_ID_LENGTH = 5;
const RATE_WINDOW_MS = 30_000;
const QUOTA_WINDOW_MS = 86_400_000;
/** How long Amplitude knows an `insert_id` ("HTTP V2 API", event deduplication). */
const DEDUPLICATION_WINDOW_MS = 7 * 86_400_000;

/** Starts a fake Amplitude on a free port; `url` is followed by the path of one of its APIs. */
export async function startAmplitudeIntake(options: AmplitudeIntakeOptions = {}): Promise<AmplitudeIntake> {
  const { now = Date.now, eventsPerSecond = Infinity, dailyQuota = Infinity } = options;
  const silencedDevices = new Set(options.silencedDevices);
  const accepted: JsonObject[] = [];
  /** When an event was kept, by its device and its `insert_id`. */
  const keptAt = new Map<string, number>();
  /** When a device sent each of its events. */
  const arrivals = new Map<string, number[]>();

  function answerTo({ method, path, body }: IntakeRequest): AnswerReply {
    const limits = requestLimits[path.split("?")[0] ?? ""];
    if (limits === undefined) return refuse(404, "Not Found");
    if (method !== "POST") return refuse(405, "Method Not Allowed");
    const sizeBytes = Buffer.byteLength(body);
    if (sizeBytes > limits.bytes) return refuse(413, "Payload too large");
    const request = readJson(body);
    if (!isObject(request)) return refuse(400, "Invalid JSON request body");

    const apiKey = request["api_key"] ?? "";
    if (apiKey === "") return refuse(400, "Request missing required field", { missing_field: "api_key" });
    if (typeof apiKey !== "string" || apiKey !== (options.apiKey ?? apiKey)) return refuse(400, `Invalid API key: ${JSON.stringify(apiKey)}`);
    const { events } = request;
    if (!Array.isArray(events) || events.length === 0) return refuse(400, "Request missing required field", { missing_field: "events" });
    if (events.length > limits.events) return refuse(413, "Too many events in request");
    return refusalOf(events, minIdLengthOf(request)) ?? throttlingOf(events) ?? accept(events, sizeBytes);
  }

  function refusalOf(events: readonly JsonValue[], minIdLength: number): AnswerReply | undefined {
    const lists: Record<string, Record<string, number[]>> = { events_with_invalid_fields: {}, events_with_missing_fields: {}, events_with_invalid_id_lengths: {} };
    const silenced: number[] = [];
    for (const [index, event] of events.entries()) {
      const faults = isObject(event) ? faultsOf(event, minIdLength) : [{ list: "events_with_invalid_fields", field: "event" }];
      for (const { list, field } of faults) ((lists[list] ??= {})[field] ??= []).push(index);
      if (silencedDevices.has(deviceOf(event))) silenced.push(index);
    }
    if (silenced.length === 0 && Object.values(lists).every((list) => Object.keys(list).length === 0)) return undefined;
    const devices = [...new Set(silenced.map((index) => deviceOf(events[index])))];
    return refuse(400, "Request has invalid events", { ...lists, silenced_events: silenced, silenced_devices: devices });
  }

  function throttlingOf(events: readonly JsonValue[]): AnswerReply | undefined {
    const throttled: Record<string, number> = {};
    const overQuota: Record<string, number> = {};
    for (const device of new Set(events.map(deviceOf))) {
      const sent = arrivals.get(device) ?? [];
      const coming = events.filter((event) => deviceOf(event) === device).length;
      const within = (windowMs: number): number => coming + sent.filter((at) => at > now() - windowMs).length;
      const rate = within(RATE_WINDOW_MS) / (RATE_WINDOW_MS / 1000);
      if (rate > eventsPerSecond) throttled[device] = Math.ceil(rate);
      if (within(QUOTA_WINDOW_MS) > dailyQuota) overQuota[device] = within(QUOTA_WINDOW_MS);
    }
    const indexes = [...events.keys()].filter((index) => Object.hasOwn(throttled, deviceOf(events[index])));
    if (indexes.length === 0 && Object.keys(overQuota).length === 0) return undefined;
    return refuse(429, "Too many requests for some devices and users", {
      eps_threshold: Number.isFinite(eventsPerSecond) ? eventsPerSecond : 0,
      throttled_devices: throttled,
      throttled_users: {},
      throttled_events: indexes,
      exceeded_daily_quota_devices: overQuota,
      exceeded_daily_quota_users: {},
    });
  }

  function accept(events: readonly JsonValue[], sizeBytes: number): AnswerReply {
    const at = now();
    for (const event of events.filter(isObject)) {
      const device = deviceOf(event);
      const times = arrivals.get(device) ?? [];
      times.push(at);
      arrivals.set(device, times);
      const insertId = event["insert_id"] ?? undefined;
      const key = JSON.stringify([device, insertId]);
      // Without an insert_id Amplitude cannot tell a repetition.
      if (insertId !== undefined && at - (keptAt.get(key) ?? Number.NEGATIVE_INFINITY) < DEDUPLICATION_WINDOW_MS) continue;
      keptAt.set(key, at);
      accepted.push(asKept(event));
    }
    return answer(200, { code: 200, events_ingested: events.length, payload_size_bytes: sizeBytes, server_upload_time: at });
  }

  const intake = await startIntake({ reply: answerTo });
  return { ...intake, accepted };
}

function minIdLengthOf({ options }: JsonObject): number {
  const length = isObject(options) ? options["min_id_length"] : undefined;
  return typeof length === "number" ? length : DEFAULT_MIN_ID_LENGTH;
}

function deviceOf(event: JsonValue | undefined): string {
  return isObject(event) && typeof event["device_id"] === "string" ? event["device_id"] : "";
}

function refuse(status: number, error: string, details: JsonObject = {}): AnswerReply {
  return answer(status, { code: status, error, ...details });
}

function answer(status: number, body: JsonObject): AnswerReply {
  return { action: "answer", status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

function readJson(body: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(body);
    return value;
  } catch {
    // The caller answers 400, as Amplitude does.
    return undefined;
  }
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
