/**
 * The withdrawal: stops a running upload and empties the spool, so that when it returns not one more byte leaves. Consent
 * must have been withdrawn before; every other process then finds the no, an empty spool, or both.
 */
import type { Installation } from "./installation.ts";
import { livenessOf, processIdOf } from "./owner.ts";
import { namesIn, purgeSpools } from "./spool.ts";
import { isHeld, type LockRecord, preemptLock, readLock } from "./uploader-lock.ts";

export type WithdrawalOutcome = { readonly status: "done" } | { readonly status: "incomplete"; readonly reason: string };

/** A holder notices within 25 ms; one that has not by now is stuck. */
const PATIENCE_MS = 2_000;

const POLL_MS = 5;

/** Stops whoever uploads, then deletes every pending event. */
export async function withdraw({ directories, ports }: Installation): Promise<WithdrawalOutcome> {
  // Nothing was ever collected here; making a directory now would be the first trace of telemetry.
  if (namesIn(directories.data, ports).length === 0) return { status: "done" };
  const taken = preemptLock(directories, ports);
  try {
    const stopped = taken?.holder?.state === "running" ? await stopHolder(taken.holder, taken.holderGeneration, { directories, ports }) : true;
    const purged = purgeSpools(directories, ports);
    if (purged.status === "failed") return { status: "incomplete", reason: purged.reason };
    if (!stopped) return { status: "incomplete", reason: `process ${processIdOf(taken?.holder?.owner ?? "") ?? "unknown"} is still sending` };
    return { status: "done" };
  } finally {
    taken?.lock.release();
  }
}

async function stopHolder(holder: LockRecord, generation: number, { directories, ports }: Pick<Installation, "directories" | "ports">): Promise<boolean> {
  const ended = (): boolean => {
    const record = readLock(generation, directories, ports);
    return !record || !isHeld(record, ports);
  };
  if (await eventually(ended, PATIENCE_MS)) return true;
  const processId = processIdOf(holder.owner);
  // An uploader may be killed; the tool itself, or a process of another machine, may not.
  if (holder.kind !== "detached" || processId === undefined || livenessOf(holder.owner, ports) !== "alive") return false;
  ports.host.kill(processId);
  return eventually(ended, PATIENCE_MS);

  async function eventually(condition: () => boolean, limitMs: number): Promise<boolean> {
    const endsAtMs = ports.clock.monotonicMs() + limitMs;
    while (!condition()) {
      if (ports.clock.monotonicMs() >= endsAtMs) return false;
      await ports.clock.wait(POLL_MS);
    }
    return true;
  }
}
