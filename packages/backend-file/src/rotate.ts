/**
 * Rotation: `telemetry.log` becomes `telemetry.log.1`, that one `.2`, and so on, so that the files
 * stay bounded. `planRotation` decides and touches nothing; `rotateWhenFull` acts.
 *
 * Processes share the files. A lock file, held for a few system calls, lets one rotate at a time, and
 * the size is judged again under it: a process that judged the file before another rotated it finds
 * the new, small one and does nothing. Who finds the lock taken appends without rotating.
 *
 * A lock left by a dead process is removed once it is 10 s old. A process that slept longer in the
 * middle of a rotation may wake beside another rotation; no move overwrites a file that it finds in
 * its place, so it stops there and the files only keep a gap, which the next rotation fills.
 */
import { constants } from "node:fs";
import { basename, dirname } from "node:path";
import { errorCode, type FileSystem, statusIfPresent } from "./file-system.ts";

/** A rotation is some twenty system calls; a lock this old has lost its owner. */
const STALE_LOCK_MS = 10_000;

/** The bounded set of files. */
export interface RotationBounds {
  /** Path of the live file; absolute. */
  readonly path: string;
  /** The live file is rotated before an append that would make it larger than this. */
  readonly maxBytes: number;
  /** How many files are kept, the live one included; at least 1. */
  readonly maxFiles: number;
}

/** One step of a rotation. Index 0 is the live file, 1 the youngest rotated one. */
export type RotationStep =
  | { readonly action: "remove"; readonly index: number }
  | { readonly action: "move"; readonly from: number; readonly to: number };

/** Whether an append must be preceded by a rotation. An empty file takes any batch. */
export function isFull(sizeBytes: number, incomingBytes: number, maxBytes: number): boolean {
  return sizeBytes > 0 && sizeBytes + incomingBytes > maxBytes;
}

/**
 * The steps, in order, that free the live name and leave at most `maxFiles - 1` rotated files. A gap
 * left by an interrupted rotation is filled rather than shifted. Every `to` is free when its turn comes.
 */
export function planRotation(rotated: readonly number[], maxFiles: number): readonly RotationStep[] {
  const oldest = maxFiles - 1;
  const surplus = rotated.filter((index) => index > oldest);
  const steps: RotationStep[] = surplus.map((index) => ({ action: "remove", index }));
  if (oldest === 0) return [...steps, { action: "remove", index: 0 }];
  let free = 1;
  while (free < oldest && rotated.includes(free)) free += 1;
  if (rotated.includes(free)) steps.push({ action: "remove", index: free });
  for (let to = free; to > 0; to -= 1) steps.push({ action: "move", from: to - 1, to });
  return steps;
}

/**
 * Rotates when `incomingBytes` more would overfill the live file and no other process is rotating.
 * Rejects with the system's error when a step fails; the files are then whole, perhaps with a gap.
 */
export async function rotateWhenFull(
  bounds: RotationBounds,
  incomingBytes: number,
  fileSystem: FileSystem,
  now: () => number = Date.now,
): Promise<void> {
  const full = async (): Promise<boolean> => {
    const live = await statusIfPresent(fileSystem, bounds.path);
    return live !== undefined && isFull(live.size, incomingBytes, bounds.maxBytes);
  };
  if (!(await full())) return;
  const lockPath = `${bounds.path}.lock`;
  const lockInode = await takeLock(lockPath, fileSystem, now);
  if (lockInode === undefined) return;
  try {
    if (await full()) await followPlan(bounds, fileSystem);
  } finally {
    await releaseLock(lockPath, lockInode, fileSystem);
  }
}

async function followPlan({ path, maxFiles }: RotationBounds, fileSystem: FileSystem): Promise<void> {
  const nameOf = (index: number): string => (index === 0 ? path : `${path}.${index}`);
  const prefix = `${basename(path)}.`;
  const names = await fileSystem.readdir(dirname(path));
  const rotated = names
    .filter((name) => name.startsWith(prefix) && /^[1-9]\d{0,8}$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)));
  for (const step of planRotation(rotated, maxFiles)) {
    if (step.action === "remove") {
      await fileSystem.unlink(nameOf(step.index));
    } else {
      if ((await statusIfPresent(fileSystem, nameOf(step.to))) !== undefined) return;
      await fileSystem.rename(nameOf(step.from), nameOf(step.to));
    }
  }
}

/** The lock's inode when it is now ours; `undefined` when another process holds it. */
async function takeLock(lockPath: string, fileSystem: FileSystem, now: () => number): Promise<number | undefined> {
  try {
    const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY;
    const lock = await fileSystem.open(lockPath, flags, 0o600);
    try {
      return (await lock.stat()).ino;
    } finally {
      await lock.close();
    }
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
    const held = await statusIfPresent(fileSystem, lockPath);
    // The distance counts, not the sign: a clock set back must not keep a dead lock alive.
    if (held !== undefined && Math.abs(now() - held.mtimeMs) > STALE_LOCK_MS) await fileSystem.unlink(lockPath);
    // Rotation is left to the next append: taking over here would race with whoever removes it too.
    return undefined;
  }
}

async function releaseLock(lockPath: string, inode: number, fileSystem: FileSystem): Promise<void> {
  try {
    // Another process may have taken this lock for dead and hold its own by now.
    const held = await statusIfPresent(fileSystem, lockPath);
    if (held?.ino === inode) await fileSystem.unlink(lockPath);
  } catch {
    // The files are rotated, which is what counts; a lock that stays is removed when it is stale.
    return;
  }
}
