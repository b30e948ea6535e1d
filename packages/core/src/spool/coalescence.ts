/**
 * Coalescence: joins many small batches into few, so that a user who is offline for long keeps
 * megabytes of events rather than a number of files. A crash at any step neither loses nor doubles.
 */
import { formatBatchName } from "./batch.ts";
import { createEventId } from "../event/event-id.ts";
import { thisOwner } from "../platform/owner.ts";
import { joinPath } from "../platform/paths.ts";
import { writePrivateFile } from "../platform/private-file.ts";
import { firstDeliverable, listPending, MOST_BATCHES, moveFile, type PendingBatch, removeFile, type Spool } from "./spool.ts";

/** So many files are joined at once: a command that ends pays for them, and each that follows takes its share of what is left. */
const JOINED_AT_ONCE = 128;

/** Ending of a joined batch that still lies in the claim directory; its presence supersedes the originals there. */
export const JOINED = ".joined";

/** Ending of the claim directory in which a process joins, apart from what it claimed for delivery. */
const JOINING = ".joining";

/** Joins the oldest batches when there are many, some at a time. Batches that went to different destinations stay apart. */
export function coalesce(spool: Spool): void {
  const pending = listPending(spool);
  if (pending.length <= MOST_BATCHES) return;
  for (const group of groupsOf(firstDeliverable(pending, spool, JOINED_AT_ONCE), spool.bounds.batchBytes)) join(group, spool);
}

function groupsOf(pending: readonly PendingBatch[], maxBytes: number): PendingBatch[][] {
  const groups = new Map<string, PendingBatch[][]>();
  for (const batch of pending) {
    const key = batch.acknowledged.join("+");
    const list = groups.get(key) ?? [[]];
    const last = list.at(-1) ?? [];
    const bytes = last.reduce((sum, member) => sum + member.bytes, batch.bytes);
    if (bytes > maxBytes) list.push([batch]);
    else last.push(batch);
    groups.set(key, list);
  }
  return [...groups.values()].flat().filter((group) => group.length > 1);
}

function join(group: readonly PendingBatch[], spool: Spool): void {
  const { ports } = spool;
  // A directory of its own for each join: what an earlier one left must not be taken for the outcome of this one.
  const home = joinPath(spool.claimed, `${thisOwner(ports)}.${createEventId(ports.clock.now())}${JOINING}`);
  ports.fileSystem.mkdirSync(home, { recursive: true, mode: 0o700 });
  const claimed = group.filter((batch) => moveFile(joinPath(spool.pending, batch.name), joinPath(home, batch.name), ports));
  try {
    const first = claimed[0];
    if (first) replaceByOne(claimed, first, home, spool);
  } catch (error) {
    // A full disk: the originals go back, and the batches stay many.
    for (const batch of claimed) moveFile(joinPath(home, batch.name), joinPath(spool.pending, batch.name), ports);
    throw error;
  } finally {
    removeEmpty(home, spool);
  }
}

function removeEmpty(home: string, { ports }: Spool): void {
  try {
    ports.fileSystem.rmdirSync(home);
  } catch {
    // A join that failed half-way left something in it, which is recovered when this process has ended.
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
  const joined = joinPath(home, `${name}${JOINED}`);
  writePrivateFile(joined, text, ports.fileSystem);
  for (const path of paths) removeFile(path, ports);
  moveFile(joined, joinPath(spool.pending, name), ports);
}

function withFinalNewline(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}
