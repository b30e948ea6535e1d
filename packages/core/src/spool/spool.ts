/**
 * The spool: the directory of one consent's batch files. This room knows its places, lists what is
 * pending and keeps the bound; `segment` writes into it, `claim` takes out of it and `purge` empties it.
 * The protocol and every interleaving are written down in docs/explanations/spool.md.
 */
import { type BatchName, parseBatchName } from "./batch.ts";
import { heldIn } from "./claim-directory.ts";
import { recordLosses } from "./losses.ts";
import { isRegularFile, namesIn, removeFile } from "../platform/entries.ts";
import { type Directories, joinPath } from "../platform/paths.ts";
import { makeDataDirectory, type Privacy } from "../platform/private-directory.ts";
import { type Ports, systemErrorCode } from "../platform/ports.ts";

export interface SpoolBounds {
  /** Largest batch file; default 1 MiB, as GTB. */
  readonly batchBytes: number;
  /** Pending, claimed and open files together; default 10 MiB, as GTB allows (10 files of 1 MiB). */
  readonly spoolBytes: number;
  /** The receipts of what was sent, at most; 0 keeps none. Default 1 MiB. */
  readonly receiptBytes: number;
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
  const privacy = makeDataDirectory(spool.directories.data, spool.directories, spool.ports);
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

/** Complete batches, oldest first. Foreign names are not listed. */
export function listPending(spool: Spool): PendingBatch[] {
  const batches: PendingBatch[] = [];
  for (const name of namesIn(spool.pending, spool.ports)) {
    const batch = parseBatchName(name);
    if (batch) batches.push({ ...batch, name });
  }
  return batches.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Pending batches that can be read: a directory or a link that merely has a batch's name is foreign too. */
function listDeliverable(spool: Spool): PendingBatch[] {
  return withoutForeign(listPending(spool), spool);
}

function withoutForeign(batches: readonly PendingBatch[], { pending, ports }: Spool): PendingBatch[] {
  return batches.filter(({ name }) => isRegularFile(joinPath(pending, name), ports));
}

/** Whether there is a pending batch of this kind that can be read. Only those of the kind are looked at. */
export function hasDeliverable(spool: Spool, isWanted: (batch: PendingBatch) => boolean): boolean {
  return listPending(spool).some((batch) => isWanted(batch) && isRegularFile(joinPath(spool.pending, batch.name), spool.ports));
}

export interface SpoolSize {
  readonly events: number;
  readonly bytes: number;
  readonly batches: number;
}

/** What waits in the spool. Events in segments that are still being written are not counted. */
export function measureSpool(spool: Spool): SpoolSize {
  const waiting: BatchName[] = [...listDeliverable(spool), ...listClaimed(spool)];
  return {
    events: waiting.reduce((sum, batch) => sum + batch.events, 0),
    bytes: bytesOf(waiting) + openBytes(spool),
    batches: waiting.length,
  };
}

/**
 * More pending batches than this are to be joined. Listing so many costs a command a few tenths of a millisecond, joining one costs as much;
 * and where the uploader comes by every ten seconds, it takes most of them first.
 */
export const MOST_BATCHES = 256;

/**
 * Deletes the oldest pending batches until the spool fits its bound with `roomBytes` to spare, and counts what was lost. Answers how many
 * were pending.
 */
export function keepBound(spool: Spool, roomBytes = 0): number {
  const pending = listPending(spool);
  const mostBytes = spool.bounds.spoolBytes - roomBytes - bytesOf(listClaimed(spool)) - openBytes(spool);
  // Looked at only when there is no room: a directory or a link that merely has a batch's name takes none.
  if (bytesOf(pending) > mostBytes) evict(withoutForeign(pending, spool), mostBytes, spool);
  return pending.length;
}

function evict(batches: readonly PendingBatch[], mostBytes: number, { directories, pending, ports }: Spool): void {
  let bytes = bytesOf(batches);
  for (const batch of batches) {
    if (bytes <= mostBytes) break;
    bytes -= batch.bytes;
    const count = (events: number): boolean => recordLosses({ evicted: events }, directories, ports, batch.acknowledged);
    // Counted first: a kill in between must not hide the loss. Taken back, if the disk took it, when another process was faster.
    const isCounted = count(batch.events);
    let isGone = false;
    try {
      isGone = removeFile(joinPath(pending, batch.name), ports);
    } finally {
      if (!isGone && isCounted) count(-batch.events);
    }
  }
}

function bytesOf(batches: readonly BatchName[]): number {
  return batches.reduce((sum, { bytes }) => sum + bytes, 0);
}

function listClaimed(spool: Spool): BatchName[] {
  return namesIn(spool.claimed, spool.ports).flatMap((name) => heldIn(joinPath(spool.claimed, name), spool).map(({ batch }) => batch));
}

function openBytes(spool: Spool): number {
  return namesIn(spool.open, spool.ports).reduce((sum, name) => {
    const found = spool.ports.fileSystem.lstatSync(joinPath(spool.open, name), { throwIfNoEntry: false });
    return sum + (found?.size ?? 0);
  }, 0);
}
