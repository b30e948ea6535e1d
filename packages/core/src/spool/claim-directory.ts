/**
 * The claim directory: what one process has taken out of `pending`, to deliver it or to join it, and what of that counts. A batch that was
 * joined from the others beside it stands for them.
 */
import { type BatchName, parseBatchName } from "./batch.ts";
import { isRegularFile, moveFile, namesIn, removeEmptyDirectory, removeFile } from "../platform/entries.ts";
import { joinPath } from "../platform/paths.ts";
import type { Spool } from "./spool.ts";

/** Ending of a joined batch that still lies in the claim directory. */
const JOINED = ".joined";

/** Ending of a claim directory in which a process joins, apart from what it claimed for delivery. */
const JOINING = ".joining";

/** The directory for one join; what an earlier one left must not be taken for the outcome of this one. */
export function joiningDirectory(owner: string, id: string, { claimed }: Spool): string {
  return joinPath(claimed, `${owner}.${id}${JOINING}`);
}

/** Whether a claim directory is one for a join. */
export function isJoining(name: string): boolean {
  return name.endsWith(JOINING);
}

/** `<owner>`, `<owner>.<id>.joining` and `<owner>.<random>.ndjson` all begin with the owner. */
export function ownerIn(name: string): string {
  return name.split(".", 1)[0] ?? name;
}

/** The path of a joined batch until the originals are gone. */
export function joinedPath(home: string, name: string): string {
  return joinPath(home, `${name}${JOINED}`);
}

export interface HeldFile {
  readonly path: string;
  readonly batch: BatchName;
}

/** The files of a claim directory that count. */
export function heldIn(home: string, { ports }: Spool): HeldFile[] {
  const names = namesIn(home, ports);
  const joined = names.filter((name) => name.endsWith(JOINED));
  return (joined.length > 0 ? joined : names).flatMap((name) => {
    const batch = parseBatchName(withoutEnding(name));
    return batch ? [{ path: joinPath(home, name), batch }] : [];
  });
}

/** Gives what counts back to `pending`, and deletes the rest. @throws the system error when the disk refuses; call it again later. */
export function returnClaims(home: string, { pending, ports }: Spool): void {
  const names = namesIn(home, ports);
  const joined = names.find((name) => name.endsWith(JOINED));
  for (const name of names.filter((entry) => isRegularFile(joinPath(home, entry), ports))) {
    const path = joinPath(home, name);
    // The temporary file of a write that was not finished.
    if (name.endsWith(".tmp")) removeFile(path, ports);
    else if (!parseBatchName(name)) continue;
    else if (joined === undefined) moveFile(path, joinPath(pending, name), ports);
    else removeFile(path, ports);
  }
  if (joined !== undefined) moveFile(joinPath(home, joined), joinPath(pending, withoutEnding(joined)), ports);
  removeEmptyDirectory(home, ports);
}

function withoutEnding(name: string): string {
  return name.endsWith(JOINED) ? name.slice(0, -JOINED.length) : name;
}
