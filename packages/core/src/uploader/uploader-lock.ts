/**
 * The uploader's lock: at most one upload at a time for a tool, without a file that a crash could leave
 * locked. The holder is whoever created the highest generation; see docs/explanations/spool.md.
 */
import { generations, highestGeneration, isHeld, type LockRecord, pathOf, readLock, START_EXPIRES_MS } from "./lock-record.ts";
import { thisOwner } from "../platform/owner.ts";
import type { Directories } from "../platform/paths.ts";
import { makeDataDirectory } from "../platform/private-directory.ts";
import { CREATE_EXCLUSIVELY, writePrivateFile } from "../platform/private-file.ts";
import { type Ports, systemErrorCode } from "../platform/ports.ts";
import { removeFile } from "../platform/entries.ts";

export interface UploaderLock {
  readonly generation: number;
  /** Whether nobody has taken the lock since. */
  isHighest(): boolean;
  /** Records this process as the one that uploads. */
  markRunning(): void;
  /** Lets the next uploader begin. Leaves the start time behind, which is the rate limit. */
  release(): void;
}

export type LockOutcome =
  | { readonly status: "held"; readonly lock: UploaderLock }
  | { readonly status: "busy" | "too-soon" }
  | { readonly status: "unusable"; readonly reason: string };

export interface LockRequest {
  readonly state: "starting" | "running";
  readonly kind: LockRecord["kind"];
  readonly lifetimeMs: number;
  /** Least time since the last upload began. */
  readonly minimumIntervalMs: number;
}

/** Takes the lock, unless somebody holds it or uploaded too recently. */
export function acquireLock(request: LockRequest, directories: Directories, ports: Ports): LockOutcome {
  const privacy = makeDataDirectory(directories.uploader, directories, ports);
  if (privacy.status === "unusable") return privacy;
  const generation = highestGeneration(directories, ports);
  const record = generation > 0 ? readLock(generation, directories, ports) : undefined;
  if (record && isHeld(record, ports)) return { status: "busy" };
  const elapsedMs = record ? ports.clock.now() - record.startedAt : Number.POSITIVE_INFINITY;
  if (elapsedMs >= 0 && elapsedMs < request.minimumIntervalMs) return { status: "too-soon" };
  return create(generation + 1, { ...request, owner: thisOwner(ports), startedAt: ports.clock.now() }, directories, ports);
}

/** Takes the lock from whoever holds it. Answers the record of the holder that must now stop. */
export function preemptLock(
  directories: Directories,
  ports: Ports,
): { readonly lock: UploaderLock; readonly holder: LockRecord | undefined; readonly holderGeneration: number } | undefined {
  const privacy = makeDataDirectory(directories.uploader, directories, ports);
  if (privacy.status === "unusable") return undefined;
  for (;;) {
    const holderGeneration = highestGeneration(directories, ports);
    const before = holderGeneration > 0 ? readLock(holderGeneration, directories, ports) : undefined;
    const record = {
      state: "running",
      owner: thisOwner(ports),
      kind: "in-process",
      // It begins no upload, so the rate limit goes on from the last one.
      startedAt: before?.startedAt ?? 0,
      lifetimeMs: START_EXPIRES_MS,
    } as const;
    const outcome = create(holderGeneration + 1, record, directories, ports, "keep-older");
    if (outcome.status === "held") {
      // Read again: a starting child records itself before it looks for a higher generation.
      const holder = holderGeneration > 0 ? readLock(holderGeneration, directories, ports) : undefined;
      return { lock: outcome.lock, holder, holderGeneration };
    }
    if (outcome.status === "unusable") return undefined;
  }
}

/** Deletes the generations that a preempted lock left for reading. */
export function forgetOlder({ generation }: UploaderLock, directories: Directories, ports: Ports): void {
  for (const lower of generations(directories, ports)) if (lower < generation) tidy(pathOf(lower, directories), ports);
}

/** The lock a parent took for this process; undefined when it has been taken by somebody else since. */
export function adoptLock(generation: number, directories: Directories, ports: Ports): UploaderLock | undefined {
  const lock = lockOf(generation, directories, ports);
  // The order matters: whoever takes the lock away looks for our mark after making its own.
  lock.markRunning();
  if (lock.isHighest()) return lock;
  lock.release();
  return undefined;
}

function create(
  generation: number,
  record: Omit<LockRecord, "heldSince">,
  directories: Directories,
  ports: Ports,
  older: "delete-older" | "keep-older" = "delete-older",
): LockOutcome {
  const { state, owner, kind, startedAt, lifetimeMs } = record;
  const text = JSON.stringify({ state, owner, kind, startedAt, heldSince: ports.clock.now(), lifetimeMs });
  try {
    if (!writeNew(generation, text, older, directories, ports)) return { status: "busy" };
  } catch (error) {
    return { status: "unusable", reason: `the uploader's lock cannot be written (${systemErrorCode(error)})` };
  }
  const lock = lockOf(generation, directories, ports);
  if (!lock.isHighest()) {
    removeFile(pathOf(generation, directories), ports);
    return { status: "busy" };
  }
  if (older === "delete-older") forgetOlder(lock, directories, ports);
  return { status: "held", lock };
}

/** Creates the file of a generation; false when another process was first. @throws the system error when the disk refuses. */
function writeNew(generation: number, text: string, older: "delete-older" | "keep-older", directories: Directories, ports: Ports): boolean {
  const path = pathOf(generation, directories);
  try {
    ports.fileSystem.writeFileSync(path, text, { flag: CREATE_EXCLUSIVELY, mode: 0o600 });
    return true;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === "EEXIST") return false;
    if (code !== "ENOSPC" && code !== "EDQUOT") throw error;
    // A full disk takes the name and not the content; an empty lock would hold up everybody.
    removeFile(path, ports);
    if (older === "keep-older" || generation === 1) throw error;
    return reuse(pathOf(generation - 1, directories), path, text, ports);
  }
}

/** The space of the generation before serves once more, because an upload is what makes room. */
function reuse(before: string, path: string, text: string, ports: Ports): boolean {
  try {
    ports.fileSystem.linkSync(before, path);
  } catch (error) {
    const code = systemErrorCode(error);
    // Who is first deletes the one before.
    if (code === "EEXIST" || code === "ENOENT") return false;
    throw error;
  }
  overwrite(path, text, ports);
  return true;
}

/** Writes into the space that the file has. What is read meanwhile is torn, and then counts as a lock that is just being taken. */
function overwrite(path: string, text: string, { fileSystem }: Ports): void {
  const descriptor = fileSystem.openSync(path, "r+");
  try {
    fileSystem.ftruncateSync(descriptor, fileSystem.writeSync(descriptor, text, 0));
  } finally {
    fileSystem.closeSync(descriptor);
  }
}

/** A superseded generation that cannot be deleted is litter, no more. */
function tidy(path: string, ports: Ports): void {
  try {
    removeFile(path, ports);
  } catch {
    // The next holder tries again.
    return;
  }
}

function lockOf(generation: number, directories: Directories, ports: Ports): UploaderLock {
  const rewrite = (change: Partial<LockRecord>): void => {
    const record = readLock(generation, directories, ports);
    // A generation that is gone has been superseded; writing it again would only litter.
    if (!record) return;
    const path = pathOf(generation, directories);
    const text = JSON.stringify({ ...record, ...change });
    try {
      writePrivateFile(path, text, ports.fileSystem);
    } catch {
      // A full disk has no room for a new file; the old one has.
      overwrite(path, text, ports);
    }
  };
  return {
    generation,
    isHighest: () => highestGeneration(directories, ports) === generation,
    markRunning: () => rewrite({ state: "running", owner: thisOwner(ports) }),
    release: () => rewrite({ state: "released" }),
  };
}
