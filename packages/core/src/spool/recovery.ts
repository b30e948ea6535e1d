/**
 * Recovery: takes back what dead processes left behind: open segments become batches, claims return to
 * `pending`. Safe to run in several processes at once; every step is a rename or a delete that has one winner.
 */
import { createEventId } from "../event/event-id.ts";
import { formatBatchName, parseLines } from "./batch.ts";
import { isJoining, ownerIn, returnClaims } from "./claim-directory.ts";
import { isOwner, livenessOf, thisOwner } from "../platform/owner.ts";
import { joinPath } from "../platform/paths.ts";
import { moveFile, namesIn, removeFile } from "../platform/entries.ts";
import type { Spool } from "./spool.ts";

/** A foreign machine's claims are taken back after this long; an uploader lives far shorter. */
const FOREIGN_CLAIM_EXPIRES_MS = 15 * 60_000;

/** A join takes milliseconds; what is older was left by one that failed. */
const JOIN_EXPIRES_MS = 60_000;

/** A foreign machine's segment is taken back after this long without a write. */
const FOREIGN_SEGMENT_EXPIRES_MS = 24 * 60 * 60_000;

/**
 * Makes everything that dead owners left available again. With `own`, also this process's claims: only for a process that holds the
 * uploader's lock and has not begun to claim. What cannot be read is left for a better day; foreign names are left alone.
 */
export function recoverOrphans(spool: Spool, { own = false }: { readonly own?: boolean } = {}): void {
  const mine = own ? thisOwner(spool.ports) : undefined;
  for (const name of namesIn(spool.claimed, spool.ports)) {
    const home = joinPath(spool.claimed, name);
    const isLeft = ownerIn(name) === mine && (!isJoining(name) || isOlder(home, JOIN_EXPIRES_MS, spool));
    const abandoned = isLeft || isAbandoned(ownerIn(name), home, FOREIGN_CLAIM_EXPIRES_MS, spool);
    if (abandoned) attempt(() => returnClaims(home, spool));
  }
  for (const name of namesIn(spool.open, spool.ports)) {
    const path = joinPath(spool.open, name);
    const abandoned = name.endsWith(".ndjson") && isAbandoned(ownerIn(name), path, FOREIGN_SEGMENT_EXPIRES_MS, spool);
    if (abandoned) attempt(() => sealOrphan(path, spool));
  }
}

/** One thing that cannot be read must not keep back the others. */
function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // It stays where it is, and the next uploader tries again.
    return;
  }
}

function isAbandoned(owner: string, path: string, expiresMs: number, spool: Spool): boolean {
  if (!isOwner(owner)) return false;
  const liveness = livenessOf(owner, spool.ports);
  return liveness === "foreign" ? isOlder(path, expiresMs, spool) : liveness === "dead";
}

function isOlder(path: string, ageMs: number, { ports }: Spool): boolean {
  const found = ports.fileSystem.lstatSync(path, { throwIfNoEntry: false });
  // Either direction: a clock that jumped back must not keep it for years.
  return found !== undefined && Math.abs(ports.clock.now() - found.mtimeMs) > ageMs;
}

function sealOrphan(path: string, spool: Spool): void {
  const { fileSystem, clock } = spool.ports;
  const found = fileSystem.lstatSync(path, { throwIfNoEntry: false });
  if (!found?.isFile()) return;
  const text = fileSystem.readFileSync(path, "utf8");
  const { events, corrupt } = parseLines(text);
  if (events.length + corrupt === 0) {
    removeFile(path, spool.ports);
    return;
  }
  const name = formatBatchName({
    id: createEventId(clock.now()),
    events: events.length,
    bytes: Buffer.byteLength(text),
    acknowledged: [],
  });
  moveFile(path, joinPath(spool.pending, name), spool.ports);
}
