/** The waiting deletions: what `status` says of deletion requests that somebody has not confirmed. Reads only, and hides none. */
import type { Installation } from "../collector/installation.ts";
import { type DeletionRequest, expiresAtMs, KEEP_DAYS, readRequests } from "../deletion/deletion-request.ts";
import { policyHold } from "../deletion/hold.ts";
import type { Outstanding } from "../deletion/outstanding.ts";
import { asTime } from "./time.ts";

export interface WaitingDeletion {
  /** `waiting`: later runs try again. `expired`: they no longer do. `user-action`, `impossible`: what it answered. `unreadable`: nobody knows. */
  readonly status: "waiting" | "expired" | "user-action" | "impossible" | "unreadable";
  /** Whom the request is for; of one that cannot be read, its file. */
  readonly destination: string;
  /** RFC 3339. */
  readonly requestedAt?: string;
  readonly machineIds: readonly string[];
  readonly reason?: string;
  /** RFC 3339. */
  readonly nextAttemptAt?: string;
  /** Why it is not sent for now although it is due. */
  readonly hold?: string;
}

/** Every request that somebody has not confirmed, oldest first. */
export function waitingDeletions(installation: Installation): WaitingDeletion[] {
  const { requests, unreadable } = readRequests(installation.directories, installation.ports);
  if (requests.length + unreadable.length === 0) return [];
  const hold = policyHold(installation);
  const nowMs = installation.ports.clock.now();
  return [
    ...requests.flatMap((request) => request.outstanding.map((each) => describe(request, each, nowMs, hold))),
    ...unreadable.map(({ path, reason }) => ({ status: "unreadable" as const, destination: path, machineIds: [], reason })),
  ];
}

function describe(request: DeletionRequest, outstanding: Outstanding, nowMs: number, hold: string | undefined): WaitingDeletion {
  const { description: destination, machineIds, verdict, lastError, nextAttemptAt, askedBy } = outstanding;
  const about = { destination, requestedAt: request.requestedAt, machineIds };
  if (verdict) return { ...about, status: verdict.status, reason: verdict.text };
  // The reset that was to show the message was cut short; only another one can.
  if (askedBy === "person") return { ...about, status: "user-action", reason: "the message has not been shown to you" };
  const why = lastError ? { reason: lastError.reason } : {};
  if (expiresAtMs(request) <= nowMs) return { ...about, ...why, status: "expired" };
  const next = nextAttemptAt > nowMs ? { nextAttemptAt: asTime(nextAttemptAt) } : {};
  return { ...about, ...why, status: "waiting", ...next, ...(hold === undefined ? {} : { hold }) };
}

/** The waiting deletions for people. */
export function waitingDeletionLines(deletions: readonly WaitingDeletion[], telemetryCommand: string): string[] {
  const again = `\`${telemetryCommand} reset\``;
  return deletions.flatMap(({ status, destination, requestedAt = "", reason, nextAttemptAt, hold }) => {
    const asked = `Deletion request of ${requestedAt.slice(0, 10)} to ${destination}:`;
    switch (status) {
      case "waiting":
        return [
          `${asked} not confirmed yet${hold === undefined ? "; later runs try again" : `; it waits, because ${hold}`}`,
          ...(reason === undefined ? [] : [`  Last error: ${reason}`]),
          ...(nextAttemptAt === undefined || hold !== undefined ? [] : [`  Next attempt: ${nextAttemptAt}`]),
        ];
      case "expired":
        return [
          `${asked} given up after ${KEEP_DAYS} days without a confirmation; ${again} asks again`,
          ...(reason === undefined ? [] : [`  Last error: ${reason}`]),
        ];
      case "user-action":
        return [`${asked} needs you; ${again} shows what to do`, ...(reason ?? "").split("\n").map((line) => `  ${line}`)];
      case "impossible":
        return [`${asked} it cannot be asked: ${reason}`];
      case "unreadable":
        return [`A deletion request cannot be read (${reason}), so nobody knows whether it was sent: ${destination}`, `  ${again} asks again.`];
    }
  });
}
