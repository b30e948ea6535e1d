/**
 * From PostHog's answer to the outcome of a delivery. Pure. Only PostHog's own answer acknowledges: 200 with a JSON
 * object whose `status` is `Ok`, or 1 from older servers. The server's words are never passed on, because it may quote
 * the token it was sent.
 */
import { classifyFailure, classifyStatus, type DeliveryResult, isForeignPage, isRecord, type PostAnswer } from "@candor/backend";
import type { CaptureResult } from "./capture.ts";

/** The values of `status` by which PostHog confirms a batch. */
const confirmations: ReadonlySet<unknown> = new Set(["Ok", "ok", 1]);

/** What the result means for the batch. */
export function classify(result: CaptureResult): DeliveryResult {
  if (result.status === "unfaithful") return { status: "rejected", reason: "posthog-node did not prepare the events as they are" };
  if (result.status === "failed") return classifyFailure(result);
  const verdict = classifyStatus(result);
  if (verdict !== undefined) return verdict;

  const acknowledgement = readAcknowledgement(result);
  if (typeof acknowledgement === "string") {
    return { status: "retry", reason: `the server answered ${result.statusCode} with ${acknowledgement}, which is not PostHog's acknowledgement` };
  }
  // PostHog drops what is over the quota. Waiting for it to be raised or renewed loses less, and needs a person.
  if (acknowledgement.isOverQuota) return { status: "blocked", reason: "PostHog takes no more events: the quota of the project is used up" };
  return { status: "accepted" };
}

/** What PostHog says of a batch it took; otherwise what the answer is instead. */
function readAcknowledgement(answer: PostAnswer): { readonly isOverQuota: boolean } | string {
  if (answer.statusCode !== 200) return "a status that PostHog does not use";
  if (isForeignPage(answer)) return "a web page";
  let body: unknown;
  try {
    body = JSON.parse(answer.body);
  } catch {
    // Cut off or somebody else's: the data is kept and sent again.
    return "a body that is not JSON";
  }
  if (!isRecord(body) || !confirmations.has(body["status"])) return "a body without PostHog's status";
  const limited = body["quota_limited"] ?? [];
  return { isOverQuota: !Array.isArray(limited) || limited.length > 0 };
}
