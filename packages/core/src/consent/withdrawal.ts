/**
 * The withdrawal: stops a running upload and empties the spool, so that when it returns not one more byte leaves. Consent
 * must have been withdrawn before; every other process then finds the no, an empty spool, or both.
 */
import type { Installation } from "../collector/installation.ts";
import { livenessOf, processIdOf } from "../platform/owner.ts";
import { namesIn } from "../platform/entries.ts";
import { purgeSpools } from "../spool/purge.ts";
import { systemErrorCode } from "../platform/ports.ts";
import { currentLock, isHeld, type LockRecord, readLock } from "../uploader/lock-record.ts";
import { forgetOlder, preemptLock } from "../uploader/uploader-lock.ts";

/** `workDone`: what was to be done is done; what is left is somebody who may still be sending. */
export type WithdrawalOutcome = { readonly status: "done" } | { readonly status: "incomplete"; readonly reason: string; readonly workDone: boolean };

/** A holder notices within 25 ms; one that has not by now is stuck. */
const PATIENCE_MS = 2_000;

const POLL_MS = 5;

/** Stops whoever uploads, then deletes every pending event. */
export function withdraw(installation: Installation): Promise<WithdrawalOutcome> {
  const { directories, ports } = installation;
  return stopUpload(installation, () => {
    const purged = purgeSpools(directories, ports);
    return purged.status === "failed" ? purged.reason : undefined;
  });
}

/**
 * Stops whoever uploads, and does `work` while nobody can begin again.
 *
 * @param work Answers what went wrong, in words; undefined when nothing did.
 */
export async function stopUpload(
  { directories, ports }: Installation,
  work: () => string | undefined,
): Promise<WithdrawalOutcome> {
  try {
    // Nothing was ever collected here; making a directory now would be the first trace of telemetry.
    if (namesIn(directories.data, ports).length === 0) return { status: "done" };
    const taken = preemptLock(directories, ports);
    if (!taken) {
      const running = currentLock(directories, ports);
      const problem = work();
      const holder = running && isHeld(running, ports) ? processIdOf(running.owner) : undefined;
      return outcomeOf(problem, holder === undefined ? undefined : `process ${holder} may still be sending, and its lock cannot be taken`);
    }
    try {
      const stuck = taken.holder?.state === "running" ? await stopHolder(taken.holder, taken.holderGeneration, { directories, ports }) : undefined;
      return outcomeOf(work(), stuck);
    } finally {
      taken.lock.release();
      forgetOlder(taken.lock, directories, ports);
    }
  } catch (error) {
    return { status: "incomplete", reason: `${directories.data} cannot be read (${systemErrorCode(error) ?? String(error)})`, workDone: false };
  }
}

function outcomeOf(problem: string | undefined, stuck: string | undefined): WithdrawalOutcome {
  const reasons = [problem, stuck].filter((reason) => reason !== undefined);
  return reasons.length === 0 ? { status: "done" } : { status: "incomplete", reason: reasons.join("; "), workDone: problem === undefined };
}

/** Waits until the holder has stopped; answers what went wrong, if something did. */
async function stopHolder(holder: LockRecord, generation: number, { directories, ports }: Pick<Installation, "directories" | "ports">): Promise<string | undefined> {
  const ended = (): boolean => {
    const record = readLock(generation, directories, ports);
    return !record || !isHeld(record, ports);
  };
  if (await eventually(ended, PATIENCE_MS)) return undefined;
  const processId = processIdOf(holder.owner);
  // An uploader may be killed; the tool itself, or a process of another machine, may not.
  if (holder.kind !== "detached" || processId === undefined || livenessOf(holder.owner, ports) !== "alive") {
    return `process ${processId ?? "unknown"} is still sending`;
  }
  ports.host.kill(processId);
  await eventually(ended, PATIENCE_MS);
  // Ended from outside, it could not reset its connection: the system still sends what it had taken over.
  return `process ${processId} did not react and was ended; the request it was sending may still arrive`;

  async function eventually(condition: () => boolean, limitMs: number): Promise<boolean> {
    const endsAtMs = ports.clock.monotonicMs() + limitMs;
    while (!condition()) {
      if (ports.clock.monotonicMs() >= endsAtMs) return false;
      await ports.clock.wait(POLL_MS);
    }
    return true;
  }
}
