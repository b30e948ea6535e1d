/**
 * The spool: the directory of one consent's batch files. This room knows its places, lists what is
 * pending, keeps the bound and empties it; `segment` writes into it and `claim` takes out of it.
 * The protocol and every interleaving are written down in docs/explanations/spool.md.
 */
import { type BatchName, parseBatchName } from "./batch.ts";
import { addLosses, type LossCounts, recordLosses } from "./losses.ts";
import { type Directories, joinPath } from "./paths.ts";
import { makePrivateDirectory, type Privacy } from "./private-directory.ts";
import { type Ports, systemErrorCode } from "./ports.ts";
import { UNRECORDED_CONSENT } from "./consent.ts";

export interface SpoolBounds {
  /** Largest batch file; default 1 MiB, as GTB. */
  readonly batchBytes: number;
  /** Pending, claimed and open files together; default 10 MiB, as GTB allows (10 files of 1 MiB). */
  readonly spoolBytes: number;
}

export interface Spool {
  readonly directories: Directories;
  readonly bounds: SpoolBounds;
  readonly ports: Ports;
  readonly consentId: string;
  readonly open: string;
  readonly pending: string;
  readonly claimed: string;
}

export interface PendingBatch extends BatchName {
  readonly name: string;
}

/** The spool of one consent. Touches no disk. */
export function createSpool(consentId: string, directories: Directories, bounds: SpoolBounds, ports: Ports): Spool {
  const root = joinPath(directories.spool, consentId);
  return {
    directories,
    bounds,
    ports,
    consentId,
    open: joinPath(root, "open"),
    pending: joinPath(root, "pending"),
    claimed: joinPath(root, "claimed"),
  };
}

/** Makes the spool's directories, or says why they cannot be used. */
export function prepareSpool(spool: Spool): Privacy {
  const privacy = makePrivateDirectory(spool.directories.data, spool.ports);
  if (privacy.status === "unusable") return privacy;
  try {
    for (const directory of [spool.open, spool.pending, spool.claimed]) {
      spool.ports.fileSystem.mkdirSync(directory, { recursive: true, mode: 0o700 });
    }
    return privacy;
  } catch (error) {
    return { status: "unusable", reason: `${spool.open} cannot be made (${systemErrorCode(error) ?? String(error)})` };
  }
}

/** Complete batches, oldest first. Foreign files are not listed. */
export function listPending(spool: Spool): PendingBatch[] {
  const batches: PendingBatch[] = [];
  for (const name of namesIn(spool.pending, spool.ports)) {
    const batch = parseBatchName(name);
    if (batch) batches.push({ ...batch, name });
  }
  return batches.sort((a, b) => (a.name < b.name ? -1 : 1));
}

export interface SpoolSize {
  readonly events: number;
  readonly bytes: number;
  readonly batches: number;
}

/** What waits in the spool. Events in segments that are still being written are not counted. */
export function measureSpool(spool: Spool): SpoolSize {
  const waiting: BatchName[] = [...listPending(spool), ...listClaimed(spool)];
  return {
    events: waiting.reduce((sum, batch) => sum + batch.events, 0),
    bytes: waiting.reduce((sum, batch) => sum + batch.bytes, 0) + openBytes(spool),
    batches: waiting.length,
  };
}

/** Deletes the oldest pending batches until the spool fits its bound, and counts what was lost. */
export function keepBound(spool: Spool): void {
  const pending = listPending(spool);
  const others = listClaimed(spool).reduce((sum, batch) => sum + batch.bytes, 0) + openBytes(spool);
  let bytes = pending.reduce((sum, batch) => sum + batch.bytes, others);
  const lost: LossCounts = {};
  for (const batch of pending) {
    if (bytes <= spool.bounds.spoolBytes) break;
    bytes -= batch.bytes;
    if (removeFile(joinPath(spool.pending, batch.name), spool.ports)) addLosses(lost, "evicted", batch.events);
  }
  recordLosses(lost, spool.directories, spool.ports.fileSystem);
}

export type PurgeOutcome = { readonly status: "empty" } | { readonly status: "failed"; readonly reason: string };

/** Deletes every event of every consent: pending, claimed, open and set aside. */
export function purgeSpools(directories: Directories, ports: Ports): PurgeOutcome {
  try {
    for (const path of [directories.spool, directories.rejectedFile]) {
      ports.fileSystem.rmSync(path, { recursive: true, force: true, maxRetries: 3 });
    }
    return { status: "empty" };
  } catch (error) {
    if (systemErrorCode(error) === "ENOTDIR") return { status: "empty" };
    return { status: "failed", reason: `${directories.spool} cannot be deleted (${systemErrorCode(error) ?? String(error)})` };
  }
}

const RECORDED_CONSENT = /^[0-9a-f]{8}(-local)?$/;

/** Deletes the spools of recorded consents other than the current one: they have been withdrawn. */
export function purgeWithdrawn(spool: Spool): void {
  const { directories, ports } = spool;
  const current = spool.consentId.replace(/-local$/, "");
  for (const name of namesIn(directories.spool, ports)) {
    const base = name.replace(/-local$/, "");
    const withdrawn = base === UNRECORDED_CONSENT ? current !== base : RECORDED_CONSENT.test(name) && base !== current;
    if (withdrawn) ports.fileSystem.rmSync(joinPath(directories.spool, name), { recursive: true, force: true });
  }
}

/** Names in a directory; none when it is not there. */
export function namesIn(directory: string, { fileSystem }: Ports): string[] {
  try {
    return fileSystem.readdirSync(directory);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw error;
  }
}

/** Deletes a file; false when another process was first. */
export function removeFile(path: string, { fileSystem }: Ports): boolean {
  try {
    fileSystem.unlinkSync(path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return false;
    throw error;
  }
}

/** Renames a file; false when another process was first. */
export function moveFile(from: string, to: string, { fileSystem }: Ports): boolean {
  try {
    fileSystem.renameSync(from, to);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return false;
    throw error;
  }
}

function listClaimed(spool: Spool): BatchName[] {
  return namesIn(spool.claimed, spool.ports).flatMap((owner) =>
    namesIn(joinPath(spool.claimed, owner), spool.ports).flatMap((name) => parseBatchName(name) ?? []),
  );
}

function openBytes(spool: Spool): number {
  return namesIn(spool.open, spool.ports).reduce((sum, name) => {
    const found = spool.ports.fileSystem.lstatSync(joinPath(spool.open, name), { throwIfNoEntry: false });
    return sum + (found?.size ?? 0);
  }, 0);
}
