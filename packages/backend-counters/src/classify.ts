/** From the relay's answer to the outcome of a delivery. Pure. Only status 200 with the text `OK` acknowledges (PACE-12). */
import { classifyFailure, classifyStatus, type DeliveryResult, type PostResult } from "@candor/backend";

/** What `result` means for the counts that were sent. */
export function classify(result: PostResult): DeliveryResult {
  if (result.status === "failed") return classifyFailure(result);
  const verdict = classifyStatus(result);
  if (verdict !== undefined) return verdict;
  if (result.statusCode === 200 && result.body.trim() === "OK") return { status: "accepted" };
  return { status: "retry", reason: `the server answered ${result.statusCode} without the text OK, which is what acknowledges` };
}
