/**
 * Recovery: takes back what dead processes left behind: open segments become batches, claims return to
 * `pending`. Safe to run in several processes at once; every step is a rename or a delete that has one winner.
 */
import { createEventId } from "../event/event-id.ts";
import { formatBatchName, parseBatchName, parseLines } from "./batch.ts";
import { JOINED } from "./coalescence.ts";
import { isOwner, livenessOf, thisOwner } from "../platform/owner.ts";
import { joinPath } from "../platform/paths.ts";
import { isRegularFile, moveFile, namesIn, removeFile, type Spool } from "./spool.ts";

/** A foreign machine's claims are taken back after this long; an uploader lives far shorter. */
const FOREIGN_CLAIM_EXPIRES_MS = 15 * 60_000;

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
    const abandoned = name === mine || isAbandoned(ownerIn(name), home, FOREIGN_CLAIM_EXPIRES_MS, spool);
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

/** `<owner>`, `<owner>.joining` and `<owner>.<n>.ndjson` all begin with the owner. */
function ownerIn(name: string): string {
  return name.split(".", 1)[0] ?? name;
}

function isAbandoned(owner: string, path: string, expiresMs: number, { ports }: Spool): boolean {
  if (!isOwner(owner)) return false;
  const liveness = livenessOf(owner, ports);
  if (liveness !== "foreign") return liveness === "dead";
  const found = ports.fileSystem.lstatSync(path, { throwIfNoEntry: false });
  // Either direction: a clock that jumped back must not keep it for years.
  return found !== undefined && Math.abs(ports.clock.now() - found.mtimeMs) > expiresMs;
}

function returnClaims(home: string, spool: Spool): void {
  const names = namesIn(home, spool.ports);
  const joined = names.find((name) => name.endsWith(JOINED));
  if (joined) {
    const superseded = names.filter((name) => parseBatchName(name) && isRegularFile(joinPath(home, name), spool.ports));
    for (const name of superseded) removeFile(joinPath(home, name), spool.ports);
    moveFile(joinPath(home, joined), joinPath(spool.pending, joined.slice(0, -JOINED.length)), spool.ports);
  } else {
    for (const name of names.filter((entry) => isRegularFile(joinPath(home, entry), spool.ports))) {
      if (parseBatchName(name)) moveFile(joinPath(home, name), joinPath(spool.pending, name), spool.ports);
      // The temporary file of a write that was not finished.
      else if (name.endsWith(".tmp")) removeFile(joinPath(home, name), spool.ports);
    }
  }
  try {
    spool.ports.fileSystem.rmdirSync(home);
  } catch {
    // Another process is recovering the same claims.
  }
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
