/**
 * The losses: counts every event that was accepted and will not be delivered, with the reason. Many
 * processes append, one line each; nothing is ever rewritten in place, so no count is lost to a race.
 */
import { parseObject, readPrivateFile } from "./private-file.ts";
import { type FileSystem, systemErrorCode } from "./ports.ts";

/** Why an event was lost. */
export type LossReason =
  /** The buffer was full and there was no disk to spill to. */
  | "buffer-full"
  /** The spool reached its bound; the oldest batch made room. */
  | "evicted"
  /** A line in the spool could not be read. */
  | "corrupt"
  /** One event is larger than a batch may be. */
  | "too-large"
  /** At-most-once delivery: the one attempt failed. */
  | "at-most-once"
  /** The disk refused, and the process ended. */
  | "not-stored";

export type LossCounts = Partial<Record<LossReason, number>>;

const REASONS: ReadonlySet<string> = new Set<LossReason>([
  "buffer-full", "evicted", "corrupt", "too-large", "at-most-once", "not-stored",
]);

/** Size of the reserve that is given up when the disk is full: one block of common file systems. */
const RESERVE_BYTES = 4096;

/** Some thousand lines. */
const FOLD_ABOVE_BYTES = 64 * 1024;

export interface LossesFiles {
  readonly lossesFile: string;
  readonly reserveFile: string;
}

/** Adds counts; answers false when even that could not be written. */
export function recordLosses(counts: LossCounts, files: LossesFiles, fileSystem: FileSystem): boolean {
  const lines = Object.entries(counts).map(([reason, count]) => `${JSON.stringify({ reason, count })}\n`);
  if (lines.length === 0) return true;
  const append = (): void => appendPrivately(files.lossesFile, lines.join(""), fileSystem);
  try {
    append();
    return true;
  } catch (error) {
    if (systemErrorCode(error) !== "ENOSPC") return false;
  }
  try {
    fileSystem.unlinkSync(files.reserveFile);
    append();
    return true;
  } catch {
    // Neither space nor a reserve: `status` reports the full disk itself.
    return false;
  }
}

/** Puts the reserve aside, if it is not there. @throws when the disk refuses. */
export function keepReserve(files: LossesFiles, fileSystem: FileSystem): void {
  if (fileSystem.lstatSync(files.reserveFile, { throwIfNoEntry: false })) return;
  fileSystem.writeFileSync(files.reserveFile, "\n".repeat(RESERVE_BYTES), { flag: "w", mode: 0o600 });
}

/** All losses recorded so far. */
export function readLosses(files: LossesFiles, fileSystem: FileSystem): LossCounts {
  const counts: LossCounts = {};
  for (const path of [files.lossesFile, folding(files)]) readInto(counts, path, fileSystem);
  return counts;
}

/**
 * Keeps the file short: what was set aside by an earlier call becomes one line a reason, and a file
 * that has grown long is set aside for the next call. A writer holds the file for microseconds, so
 * nobody still appends to what an earlier call set aside. Only the holder of the uploader's lock calls this.
 */
export function foldLosses(files: LossesFiles, fileSystem: FileSystem): void {
  if (fileSystem.lstatSync(folding(files), { throwIfNoEntry: false })) {
    const counts: LossCounts = {};
    readInto(counts, folding(files), fileSystem);
    fileSystem.unlinkSync(folding(files));
    recordLosses(counts, files, fileSystem);
  }
  const found = fileSystem.lstatSync(files.lossesFile, { throwIfNoEntry: false });
  if (found && found.size > FOLD_ABOVE_BYTES) fileSystem.renameSync(files.lossesFile, folding(files));
}

function folding(files: LossesFiles): string {
  return `${files.lossesFile}.folding`;
}

function readInto(counts: LossCounts, path: string, fileSystem: FileSystem): void {
  const content = readPrivateFile(path, fileSystem);
  if (content.status !== "read") return;
  for (const line of content.text.split("\n")) {
    const entry = parseObject(line);
    if (entry && REASONS.has(String(entry["reason"])) && Number.isSafeInteger(entry["count"])) {
      addLosses(counts, entry["reason"] as LossReason, Number(entry["count"]));
    }
  }
}

/** Adds `count` under `reason`, in place. */
export function addLosses(counts: LossCounts, reason: LossReason, count: number): void {
  if (count > 0) counts[reason] = (counts[reason] ?? 0) + count;
}

/** The sum over all reasons. */
export function totalLosses(counts: LossCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function appendPrivately(path: string, text: string, fileSystem: FileSystem): void {
  const found = fileSystem.lstatSync(path, { throwIfNoEntry: false });
  if (found && !found.isFile()) throw new Error(`${path} is not a regular file`);
  const descriptor = fileSystem.openSync(path, "a", 0o600);
  try {
    fileSystem.writeSync(descriptor, text);
  } finally {
    fileSystem.closeSync(descriptor);
  }
}
