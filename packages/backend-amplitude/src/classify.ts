/**
 * From Amplitude's answer to the outcome of a delivery. Pure. Only Amplitude's own answer acknowledges: status 200 with JSON whose `code`
 * is 200. The HTTP status decides, whatever the body's `code` claims. Amplitude's words are never passed on, because a server may quote
 * the key it was sent.
 */
import { classifyFailure, classifyStatus, type DeliveryResult, type PostResult, type Rejection } from "@candor/backend";

/** An event of a request, as far as an answer refers to it; its index is its place. */
export interface SentEvent {
  readonly id: string;
  readonly deviceId: string;
}

type Body = Readonly<Record<string, unknown>>;

/** Amplitude asks to pause a throttled device for 30 seconds. */
const THROTTLED_MS = 30_000;

/**
 * A device over its daily quota is counted over the last 24 hours, so room comes back little by little. Amplitude's SDKs drop the events
 * here; the spool keeps them.
 */
const OVER_QUOTA_MS = 3_600_000;

/** Lists of the indexes of events, by the field that is at fault. */
const indexLists: Readonly<Record<string, string>> = {
  events_with_invalid_fields: "Amplitude found a field of it invalid",
  events_with_missing_fields: "Amplitude misses a field of it",
  events_with_invalid_id_lengths: "Amplitude found its user or device id too short or too long",
};
const silenced = "Amplitude has silenced its device";

/** What `result` means for a request with these events. */
export function classify(result: PostResult, events: readonly SentEvent[]): DeliveryResult {
  if (result.status === "failed") return classifyFailure(result);
  const verdict = classifyStatus(result);
  const body = readObject(result.body);
  if (verdict === undefined) return acknowledge(result.statusCode, body);
  if (body === undefined) return result.statusCode === 429 ? putOff(verdict, THROTTLED_MS) : verdict;
  if (result.statusCode === 400) return refusal(verdict, body, events);
  if (result.statusCode === 429) return throttling(verdict, body);
  return verdict;
}

/** Adds the events that the SDK would not send to the verdict on the others. */
export function withUnsent(verdict: DeliveryResult, unsent: readonly Rejection[]): DeliveryResult {
  if (unsent.length === 0) return verdict;
  switch (verdict.status) {
    case "accepted":
      return { status: "partial", rejected: unsent };
    case "partial":
    case "rejected":
      return { ...verdict, rejected: [...(verdict.rejected ?? []), ...unsent] };
    default:
      // They wait with the others, and come up again.
      return verdict;
  }
}

function acknowledge(statusCode: number, body: Body | undefined): DeliveryResult {
  if (statusCode === 200 && body?.["code"] === 200) return { status: "accepted" };
  return { status: "retry", reason: `the server answered ${statusCode} without Amplitude's acknowledgement` };
}

function refusal(verdict: DeliveryResult, body: Body, events: readonly SentEvent[]): DeliveryResult {
  if (isAboutKey(body)) return { status: "blocked", reason: "the server answered 400: Amplitude does not accept the API key" };
  const rejected = namedIn(body, events);
  if (verdict.status !== "rejected" || rejected.length === 0) return verdict;
  return { status: "rejected", reason: `the server answered 400: Amplitude refused ${rejected.length} of ${events.length} events`, rejected };
}

/** Read from the start, because further on the text may quote an event. */
function isAboutKey(body: Body): boolean {
  const { missing_field: missing, error } = body;
  return missing === "api_key" || (typeof error === "string" && /^\s*(?:invalid|missing|unknown) api[ _-]?key/iu.test(error));
}

/** The events that a 400 names, by index or by device; what it names besides is not ours. */
function namedIn(body: Body, events: readonly SentEvent[]): readonly Rejection[] {
  const reasons = new Map<number, string>();
  const name = (indexes: unknown, reason: string): void => {
    for (const index of Array.isArray(indexes) ? indexes : []) if (typeof index === "number" && !reasons.has(index)) reasons.set(index, reason);
  };
  for (const [list, reason] of Object.entries(indexLists)) {
    for (const indexes of Object.values(body[list] ?? {})) name(indexes, reason);
  }
  name(body["silenced_events"], silenced);
  const devices = body["silenced_devices"];
  const silencedDevices = new Set<unknown>(Array.isArray(devices) ? devices : []);
  return events.flatMap(({ id, deviceId }, index) => {
    const reason = reasons.get(index) ?? (silencedDevices.has(deviceId) ? silenced : undefined);
    return reason === undefined ? [] : [{ id, reason }];
  });
}

function throttling(verdict: DeliveryResult, body: Body): DeliveryResult {
  const isOverQuota = [body["exceeded_daily_quota_devices"], body["exceeded_daily_quota_users"]].some((quota) => Object.keys(quota ?? {}).length > 0);
  if (!isOverQuota) return putOff(verdict, THROTTLED_MS);
  const asked = verdict.status === "retry" ? (verdict.afterMs ?? 0) : 0;
  return { status: "retry", reason: "the server answered 429: the daily quota of this device or user is used up", afterMs: Math.max(asked, OVER_QUOTA_MS) };
}

/** The verdict, put off by `afterMs` unless the server named a time. */
function putOff(verdict: DeliveryResult, afterMs: number): DeliveryResult {
  return verdict.status === "retry" ? { afterMs, ...verdict } : verdict;
}

/** The JSON object in a body; undefined for anything else. */
function readObject(text: string): Body | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Body) : undefined;
  } catch {
    // A page, a cut answer, somebody else's: the status has to do.
    return undefined;
  }
}
