/**
 * From the intake's answer to the outcome of a delivery. Pure. Only the intake's own answer acknowledges; its
 * words are never passed on, because a server may quote the key it was sent.
 */
import { classifyFailure, classifyStatus, type DeliveryResult, isForeignPage, type PostAnswer, type PostResult, retryAfterMs } from "@candor/backend";

/** 202 is the documented one; 200 is what the earlier intake answered, and what relays in front of it answer today. */
const acknowledgements = new Set([200, 202]);

/** What `result` means for its batch. The intake takes all of it or nothing. */
export function classify(result: PostResult, nowMs: number = Date.now()): DeliveryResult {
  if (result.status === "failed") return classifyFailure(result);
  const verdict = classifyStatus(result, nowMs);
  if (verdict?.status === "retry") return { ...resetOf(result, nowMs), ...verdict };
  if (verdict?.status === "blocked" && (result.statusCode === 401 || result.statusCode === 403)) {
    return { ...verdict, reason: `${verdict.reason}; check that the API key is valid and belongs to this site` };
  }
  if (verdict !== undefined) return verdict;
  const fault = faultOf(result);
  if (fault === undefined) return { status: "accepted" };
  return { status: "retry", reason: `the server answered ${result.statusCode} with ${fault}, which is not Datadog's acknowledgement` };
}

/** Datadog says by a header of its own when a used-up rate is restored, in seconds; Retry-After wins over it. */
function resetOf({ headers }: PostAnswer, nowMs: number): { readonly afterMs?: number } {
  const afterMs = retryAfterMs(headers["x-ratelimit-reset"], nowMs);
  return afterMs === undefined ? {} : { afterMs };
}

/** Why a 2xx acknowledges nothing; undefined for a JSON object without errors, or for no body at all. */
function faultOf(answer: PostAnswer): string | undefined {
  if (!acknowledgements.has(answer.statusCode)) return "a status that Datadog does not use";
  if (isForeignPage(answer)) return "a web page";
  if (answer.body.trim() === "") return undefined;
  let body: unknown;
  try {
    body = JSON.parse(answer.body);
  } catch {
    // Cut off or somebody else's: the data is kept and sent again.
    return "a body that is not JSON";
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) return "a body that is not a JSON object";
  return "errors" in body ? "a list of errors" : undefined;
}
