/** The retry's run: what a later run of the tool does about requests nobody has confirmed, in the uploader or in its own process. */
import type { Installation } from "../collector/installation.ts";
import { acquireLock, type UploaderLock } from "../uploader/uploader-lock.ts";
import { childManner } from "../uploader/detachment.ts";
import { runDeletions } from "./deletion-run.ts";
import { readRequests } from "./deletion-request.ts";
import { holdsRetries } from "./hold.ts";

/** Limit of one attempt at all of them; GTB's for one request. */
export const DELETION_LIMIT_MS = 10_000;

/** In the uploader, under the lock it has and keeps. */
export async function retryDeletions(
  installation: Installation,
  lock: UploaderLock,
  resolveFrom: string | undefined,
  limitMs: number,
): Promise<void> {
  await retry(installation, lock, "uploader", resolveFrom, Math.min(limitMs, DELETION_LIMIT_MS));
}

/** In the tool's own process, which alone can ask some of them. Somebody else at work means: not now. */
export async function retryDeletionsHere(installation: Installation): Promise<void> {
  const { config, directories, ports } = installation;
  const limitMs = config.delivery.inlineTimeoutMs;
  const outcome = acquireLock({ state: "running", kind: "in-process", lifetimeMs: limitMs, minimumIntervalMs: 0 }, directories, ports);
  if (outcome.status !== "held") return;
  try {
    await retry(installation, outcome.lock, "tool", ports.host.script, limitMs);
    // Where no other process can be started, this one does that one's part too.
    if (childManner(installation) === undefined) await retry(installation, outcome.lock, "uploader", ports.host.script, limitMs);
  } finally {
    outcome.lock.release();
  }
}

async function retry(
  installation: Installation,
  lock: UploaderLock,
  by: "uploader" | "tool",
  resolveFrom: string | undefined,
  limitMs: number,
): Promise<void> {
  const { directories, ports, logger } = installation;
  try {
    if (holdsRetries(installation)) return;
    const { requests } = readRequests(directories, ports);
    await runDeletions({ installation, consent: installation.consent(), requests, lock, by, resolveFrom, limitMs });
  } catch (error) {
    // A disk that fails here must not keep events from being delivered.
    logger.debug("deletion requests could not be retried", { error: String(error) });
  }
}
