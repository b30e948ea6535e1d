/**
 * Deletion, asked for by a person: plans the request, keeps it before anything is sent, and asks. What is not confirmed stays on disk for
 * later runs. It never says that something was sent which nobody confirmed.
 */
import type { DeletionOutcome } from "@candor/backend";
import type { Installation } from "../collector/installation.ts";
import type { ConsentDecision } from "../consent/consent.ts";
import { createEventId } from "../event/event-id.ts";
import { acquireLock, type LockOutcome, type UploaderLock } from "../uploader/uploader-lock.ts";
import { addresseesOf } from "./addressee.ts";
import { failed } from "./ask.ts";
import { openWithDesktop } from "./desktop.ts";
import { type Asked, runDeletions } from "./deletion-run.ts";
import { type DeletionRequest, type KeepOutcome, keepRequest, readRequests, removeRequestFile } from "./deletion-request.ts";
import { policyHold } from "./hold.ts";
import { DELETION_LIMIT_MS } from "./retry-run.ts";

/** A request as a person made it. */
export interface PlannedDeletion {
  readonly request: DeletionRequest;
  readonly consent: ConsentDecision;
  /** Whether later runs can find it. */
  readonly kept: KeepOutcome;
}

/** How often the lock is tried while another process of the tool is at work. */
const LOCK_POLL_MS = 25;

/** Longest user id that is passed on, in characters. */
const MAX_USER_ID_LENGTH = 256;

/** Plans a request for these ids and keeps it. `consent` is the one from before the reset: it knows where events went. */
export function planDeletion(installation: Installation, consent: ConsentDecision, machineIds: readonly string[]): PlannedDeletion {
  const { directories, ports } = installation;
  const nowMs = ports.clock.now();
  const userId = userIdOf(installation);
  const request: DeletionRequest = {
    id: createEventId(nowMs),
    requestedAt: new Date(nowMs).toISOString(),
    ...(userId === undefined ? {} : { userId }),
    ids: machineIds.map((machineId) => ({ machineId, requestId: createEventId(nowMs) })),
    outstanding: addresseesOf(installation, consent).map(({ key, description, askedBy }) => {
      return { key, description, askedBy, machineIds, failures: 0, nextAttemptAt: 0 };
    }),
  };
  const nobody = request.outstanding.length === 0;
  const kept: KeepOutcome = nobody ? { status: "failed", reason: "nobody can be asked" } : keepRequest(request, directories, ports);
  return { request, consent, kept };
}

export interface DeletionAnswer {
  readonly asked: readonly Asked[];
  /** Files of earlier requests that could not be read; the new one stands in their place. */
  readonly replaced: readonly string[];
  /** What keeps later runs from trying, for now. */
  readonly hold?: string;
}

/** Asks everybody of the request, and of earlier ones that still wait, within the limit. Never rejects. */
export async function askNow(installation: Installation, { request, consent, kept }: PlannedDeletion): Promise<DeletionAnswer> {
  const { directories, ports, logger } = installation;
  const hold = policyHold(installation);
  const offline = new Set(addresseesOf(installation, consent).flatMap(({ key, overNetwork }) => (overNetwork ? [] : [key])));
  const endsAtMs = ports.clock.monotonicMs() + DELETION_LIMIT_MS;
  const held = hold === undefined ? {} : { hold };
  const run = {
    installation,
    consent,
    by: "everybody",
    resolveFrom: ports.host.script,
    openAddress: (address: string) => openWithDesktop(address, ports.host),
    limitMs: DELETION_LIMIT_MS,
    offline,
    ...held,
  } as const;
  try {
    if (kept.status === "failed") return { asked: await runDeletions({ ...run, requests: [request] }), replaced: [] };
    const outcome = await waitForLock(installation, endsAtMs);
    if (outcome.status !== "held") return { asked: unasked(request, outcome), replaced: [], ...held };
    const { lock } = outcome;
    try {
      const { requests, unreadable } = readRequests(directories, ports);
      const replaced = unreadable.filter(({ path }) => isRemoved(path, lock, installation)).map(({ path }) => path);
      // As it was made: another reset may have settled it meanwhile, and only what this one hears itself can it vouch for.
      const others = requests.filter(({ id }) => id !== request.id);
      const asked = await runDeletions({ ...run, requests: [...others, request], lock, limitMs: Math.max(1, endsAtMs - ports.clock.monotonicMs()) });
      return { asked: lock.isHighest() ? asked : asked.map(orTakenOver), replaced, ...held };
    } finally {
      lock.release();
    }
  } catch (error) {
    logger.warn("the deletion request could not be made", { error: String(error) });
    return { asked: everybody(request, failed(String(error))), replaced: [] };
  }
}

/** The author's id of the person; his code may throw or answer anything, and the answer is printed. */
function userIdOf({ config, logger }: Installation): string | undefined {
  try {
    const answer: unknown = config.userId?.();
    const text = typeof answer === "string" ? answer.replaceAll(/\p{Cc}/gu, "").trim().slice(0, MAX_USER_ID_LENGTH) : "";
    return text === "" ? undefined : text;
  } catch (error) {
    logger.warn("the tool's userId() failed; deletion is asked for without it", { error: String(error) });
    return undefined;
  }
}

async function waitForLock({ directories, ports }: Installation, endsAtMs: number): Promise<LockOutcome> {
  for (;;) {
    const outcome = acquireLock({ state: "running", kind: "in-process", lifetimeMs: DELETION_LIMIT_MS, minimumIntervalMs: 0 }, directories, ports);
    if (outcome.status !== "busy" || ports.clock.monotonicMs() >= endsAtMs) return outcome;
    await ports.clock.wait(LOCK_POLL_MS);
  }
}

function unasked(request: DeletionRequest, outcome: Exclude<LockOutcome, { status: "held" }>): Asked[] {
  return everybody(request, failed(outcome.status === "unusable" ? outcome.reason : "another process of the tool is at work"));
}

/** The other process asks them too; what this one heard last is not what they said last. */
function orTakenOver(asked: Asked): Asked {
  return asked.outcome.status === "failed" ? { ...asked, outcome: failed("another process of the tool has taken it over") } : asked;
}

function everybody({ outstanding }: DeletionRequest, outcome: DeletionOutcome): Asked[] {
  return outstanding.map(({ key, description, machineIds }) => ({ key, description, machineIds, confirmed: [], outcome }));
}

function isRemoved(path: string, lock: UploaderLock, { directories, ports, logger }: Installation): boolean {
  try {
    if (!lock.isHighest()) return false;
    removeRequestFile(path, directories, ports);
    return true;
  } catch (error) {
    logger.debug("a damaged deletion request could not be removed", { error: String(error) });
    return false;
  }
}
