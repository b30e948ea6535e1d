/**
 * Coalescence: joins many small batches into few, so that a user who is offline for long keeps
 * megabytes of events rather than a number of files. A crash at any step neither loses nor doubles.
 */
import { formatBatchName } from "./batch.ts";
import { createEventId } from "../event/event-id.ts";
import { thisOwner } from "../platform/owner.ts";
import { joinPath } from "../platform/paths.ts";
import { writePrivateFile } from "../platform/private-file.ts";
import { isRegularFile, moveFile, removeEmptyDirectory, removeFile } from "../platform/entries.ts";
import { joinedPath, joiningDirectory, returnClaims } from "./claim-directory.ts";
import { listPending, type PendingBatch, type Spool } from "./spool.ts";

/** A command that ends pays for the files that it joins, so it joins a sixteenth of them, at most so many, and each that follows its share of the rest. */
const MOST_JOINED = 128;

/** Joins some of the pending batches, where there are many. Those that went to different destinations stay apart. */
export function coalesce(spool: Spool): void {
  let pending = listPending(spool);
  const most = Math.min(MOST_JOINED, Math.ceil(pending.length / 16));
  for (;;) {
    const run = bestRun(pending, most, spool.bounds.batchBytes);
    if (run.length < 2) return;
    // Only what is to be joined is looked at: a directory or a link that merely has a batch's name.
    const foreign = new Set(run.filter(({ name }) => !isRegularFile(joinPath(spool.pending, name), spool.ports)));
    if (foreign.size === 0) return join(run, spool);
    pending = pending.filter((batch) => !foreign.has(batch));
  }
}

interface Run {
  readonly members: readonly PendingBatch[];
  readonly bytes: number;
}

/**
 * The most neighbours in age that fit into one batch, and of as many the smallest: so what a join has made waits until there are others
 * of its size, and is not read and written again with every few small ones.
 */
function bestRun(pending: readonly PendingBatch[], most: number, maxBytes: number): readonly PendingBatch[] {
  let best: Run = { members: [], bytes: 0 };
  for (const alike of byDestinations(pending)) {
    const members: PendingBatch[] = [];
    let bytes = 0;
    for (const batch of alike) {
      members.push(batch);
      bytes += batch.bytes;
      while (members.length > most || (bytes > maxBytes && members.length > 1)) bytes -= members.shift()?.bytes ?? 0;
      const isBetter = members.length > best.members.length || (members.length === best.members.length && bytes < best.bytes);
      if (isBetter) best = { members: [...members], bytes };
    }
  }
  return best.members;
}

function byDestinations(pending: readonly PendingBatch[]): Iterable<readonly PendingBatch[]> {
  const groups = new Map<string, PendingBatch[]>();
  for (const batch of pending) {
    const key = batch.acknowledged.join("+");
    const group = groups.get(key);
    if (group) group.push(batch);
    else groups.set(key, [batch]);
  }
  return groups.values();
}

function join(group: readonly PendingBatch[], spool: Spool): void {
  const { ports } = spool;
  const home = joiningDirectory(thisOwner(ports), createEventId(ports.clock.now()), spool);
  ports.fileSystem.mkdirSync(home, { recursive: true, mode: 0o700 });
  try {
    const claimed = group.filter((batch) => moveFile(joinPath(spool.pending, batch.name), joinPath(home, batch.name), ports));
    const first = claimed[0];
    if (first) replaceByOne(claimed, first, home, spool);
  } catch (error) {
    // A full disk, or a file that somebody else holds open: the batches stay many.
    giveBack(home, spool);
    throw error;
  } finally {
    removeEmptyDirectory(home, ports);
  }
}

function giveBack(home: string, spool: Spool): void {
  try {
    returnClaims(home, spool);
  } catch {
    // What is left in it is taken back by whoever recovers.
    return;
  }
}

function replaceByOne(claimed: readonly PendingBatch[], first: PendingBatch, home: string, spool: Spool): void {
  const { ports } = spool;
  const paths = claimed.map((batch) => joinPath(home, batch.name));
  const text = paths.map((path) => withFinalNewline(ports.fileSystem.readFileSync(path, "utf8"))).join("");
  const name = formatBatchName({
    // The oldest member's place in the order.
    id: first.id,
    events: claimed.reduce((sum, batch) => sum + batch.events, 0),
    bytes: Buffer.byteLength(text),
    acknowledged: first.acknowledged,
  });
  const joined = joinedPath(home, name);
  writePrivateFile(joined, text, ports.fileSystem);
  for (const path of paths) removeFile(path, ports);
  moveFile(joined, joinPath(spool.pending, name), ports);
}

function withFinalNewline(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}
