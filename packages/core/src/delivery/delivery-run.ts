/**
 * The delivery run: one upload under the lock, whoever's process it is in. It ends the upload at its limit, when
 * somebody else takes the lock, and when consent is withdrawn; and it looks once more after releasing, so that a
 * batch sealed in the last moment is not left until the next command.
 */
import { anySignal, isLeavable, type Logger } from "@candor/backend";
import type { ConsentDecision } from "../consent/consent.ts";
import type { Destination } from "../destination/destination.ts";
import { hasDeliverable, type Spool } from "../spool/spool.ts";
import { upload, type UploadSummary } from "./upload.ts";
import { type LockRecord } from "../uploader/lock-record.ts";
import type { RunningTasks } from "../uploader/background-tasks.ts";
import { acquireLock, type UploaderLock } from "../uploader/uploader-lock.ts";

export interface DeliveryRun {
  readonly spool: Spool;
  readonly destinations: readonly Destination[];
  readonly mode: "at-least-once" | "at-most-once";
  readonly sendTimeoutMs: number;
  /** Milliseconds until the run ends, finished or not. */
  readonly limitMs: number;
  readonly kind: LockRecord["kind"];
  /** Consent at this moment. */
  readonly consent: () => ConsentDecision;
  readonly logger: Logger;
  /** Ends the run. One that is `leavable` lets the process end meanwhile, too. */
  readonly signal?: AbortSignal;
  readonly ignoreBackoff?: boolean;
  /** Waits between attempts within the run; see `upload`. */
  readonly retryWaitsMs?: readonly number[];
  /** Work that goes on beside; the lock is held until it is over, and it ends when the run must. */
  readonly beside?: RunningTasks;
}

/** How often a run looks whether it must stop while a request is under way. */
const WATCH_MS = 25;

/** Time for an aborted attempt to settle and be written down; less in a run that is short itself. */
const SETTLE_MS = 300;

/** A batch may be sealed just after an upload has looked; where one settles nothing again and again, something else is amiss. */
const MOST_IN_VAIN = 3;

/** Runs under a lock already held, and releases it. */
export async function runDelivery(run: DeliveryRun, lock: UploaderLock): Promise<UploadSummary> {
  const { spool } = run;
  const { ports, directories } = spool;
  const endsAtMs = ports.clock.monotonicMs() + run.limitMs;
  let held: UploaderLock | undefined = lock;
  let summary: UploadSummary = { accepted: 0, rejected: 0, failures: {} };
  let inVain = 0;
  while (held) {
    const remainingMs = endsAtMs - ports.clock.monotonicMs();
    const { stopped, ...next } = await underLock(run, held, remainingMs);
    summary = { accepted: summary.accepted + next.accepted, rejected: summary.rejected + next.rejected, failures: next.failures };
    inVain = next.accepted + next.rejected === 0 ? inVain + 1 : 0;
    if (inVain >= MOST_IN_VAIN || stopped || ports.clock.monotonicMs() >= endsAtMs || !isConsented(run) || !somethingWaits(run, next.failures)) break;
    const again = acquireLock({ state: "running", kind: run.kind, lifetimeMs: run.limitMs, minimumIntervalMs: 0 }, directories, ports);
    held = again.status === "held" ? again.lock : undefined;
  }
  return summary;
}

async function underLock(run: DeliveryRun, lock: UploaderLock, remainingMs: number): Promise<UploadSummary & { readonly stopped: boolean }> {
  const endsAtMs = run.spool.ports.clock.monotonicMs() + remainingMs;
  const stop = new AbortController();
  const signal = run.signal ? anySignal(run.signal, stop.signal) : stop.signal;
  const abort = (): void => {
    stop.abort();
    run.beside?.stop();
  };
  const watch = setInterval(() => {
    if (!lock.isHighest()) abort();
  }, WATCH_MS);
  const limit = setTimeout(abort, Math.max(0, remainingMs));
  if (isLeavable(signal)) for (const timer of [watch, limit]) timer.unref();
  run.signal?.addEventListener("abort", abort, { once: true });
  if (run.signal?.aborted) abort();
  try {
    const summary = await upload({
      spool: run.spool,
      destinations: run.destinations,
      mode: run.mode,
      // An attempt ends before the run does, so that a destination that does not answer is remembered as one.
      sendTimeoutMs: Math.floor(Math.min(run.sendTimeoutMs, Math.max(remainingMs * 0.7, remainingMs - SETTLE_MS, 1))),
      signal,
      mayContinue: () => run.spool.ports.clock.monotonicMs() < endsAtMs && lock.isHighest() && isConsented(run),
      isConsented: () => isConsented(run),
      logger: run.logger,
      ...(run.ignoreBackoff ? { ignoreBackoff: true } : {}),
      ...(run.retryWaitsMs ? { retryWaitsMs: run.retryWaitsMs } : {}),
    });
    await run.beside?.done;
    return { ...summary, stopped: stop.signal.aborted };
  } finally {
    run.beside?.stop();
    await run.beside?.done;
    clearInterval(watch);
    clearTimeout(limit);
    run.signal?.removeEventListener("abort", abort);
    lock.release();
  }
}

function isConsented({ consent, spool }: DeliveryRun): boolean {
  const now = consent();
  return now.enabled && now.consentId === spool.consentId;
}

/** Whether a batch waits for a destination that did not fail in the run just ended. */
function somethingWaits({ spool, destinations }: DeliveryRun, failures: UploadSummary["failures"]): boolean {
  const ready = destinations.filter(({ description }) => !Object.hasOwn(failures, description));
  return hasDeliverable(spool, (batch) => ready.some(({ key }) => !batch.acknowledged.includes(key)));
}
