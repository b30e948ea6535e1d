/**
 * The losses: counts every event that was tracked and will not be delivered, with the reason, and every property that was kept out of
 * an event. Many processes append, one line each; nothing is ever rewritten in place, so no count is lost to a race.
 */
import { joinPath } from "../platform/paths.ts";
import { appendPrivateFile, parseObject, readPrivateFile, writePrivateFile } from "../platform/private-file.ts";
import { makeDataDirectory } from "../platform/private-directory.ts";
import { type FileSystem, type Ports, systemErrorCode } from "../platform/ports.ts";

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
  | "not-stored"
  /** The author's catalog does not declare it. */
  | "undeclared";

/** Why an event was recorded without one of its properties. */
export type PropertyLossReason =
  /** The author's catalog does not declare it for this event. */
  | "undeclared-property"
  /** Its value does not fit the declaration. */
  | "invalid-property";

/** Events, and properties of events, by the reason. */
export type LossCounts = Partial<Record<LossReason | PropertyLossReason, number>>;

const PROPERTY_REASONS: ReadonlySet<string> = new Set<PropertyLossReason>(["undeclared-property", "invalid-property"]);

const EVENT_REASONS: ReadonlySet<string> = new Set<LossReason>([
  "buffer-full", "evicted", "corrupt", "too-large", "at-most-once", "not-stored", "undeclared",
]);

/** Size of the reserve that is given up when the disk is full: one block of common file systems. */
const RESERVE_BYTES = 4096;

/** Some thousand lines. */
const FOLD_ABOVE_BYTES = 64 * 1024;

export interface LossesFiles {
  readonly data: string;
  readonly lossesFile: string;
  readonly reserveFile: string;
}

/** Adds counts; answers false when even that could not be written. */
export function recordLosses(counts: LossCounts, files: LossesFiles, ports: Ports): boolean {
  const { fileSystem } = ports;
  // Each begins on a new line of its own, whatever a process that was killed left at the end.
  const lines = Object.entries(counts).map(([reason, count]) => `\n${JSON.stringify({ reason, count })}\n`);
  if (lines.length === 0) return true;
  if (makeDataDirectory(files.data, files, ports).status === "unusable") return false;
  const append = (): void => appendPrivateFile(files.lossesFile, lines.join(""), fileSystem);
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

/** Frees the reserve's space, if it is there. */
export function giveUpReserve(files: LossesFiles, { fileSystem }: Ports): void {
  try {
    fileSystem.unlinkSync(files.reserveFile);
  } catch {
    // It was not there, or its directory cannot be changed: there is no space to be had from it.
    return;
  }
}

/** All losses recorded so far. */
export function readLosses(files: LossesFiles, ports: Ports): LossCounts {
  const sum = readSum(files, ports.fileSystem);
  const aside = asideOf(files, ports).filter((path) => path !== sum.through);
  for (const path of [...aside, files.lossesFile]) readInto(sum.counts, path, ports.fileSystem);
  return sum.counts;
}

/**
 * Keeps the file short: a file that has grown long is set aside, and what an earlier call set aside is added to the sum. A
 * writer holds the file for microseconds, so nobody still appends to that. The sum names the file it took in last, so a kill
 * at any step neither forgets a count nor adds it twice. Only the holder of the uploader's lock calls this.
 */
export function foldLosses(files: LossesFiles, ports: Ports): void {
  const { fileSystem } = ports;
  for (const path of asideOf(files, ports)) {
    const sum = readSum(files, fileSystem);
    if (sum.through !== path) {
      readInto(sum.counts, path, fileSystem);
      writePrivateFile(sumOf(files), `${JSON.stringify({ counts: sum.counts, through: path })}\n`, fileSystem);
    }
    fileSystem.unlinkSync(path);
  }
  const found = fileSystem.lstatSync(files.lossesFile, { throwIfNoEntry: false });
  if (!found || found.size <= FOLD_ABOVE_BYTES) return;
  const unique = `${ports.clock.now().toString(36)}-${Math.floor(ports.random() * 2 ** 32).toString(36)}`;
  fileSystem.renameSync(files.lossesFile, `${files.lossesFile}${ASIDE}${unique}`);
}

const ASIDE = ".aside-";

function sumOf({ lossesFile }: LossesFiles): string {
  return `${lossesFile}.sum`;
}

/** The files set aside, oldest first. */
function asideOf(files: LossesFiles, { fileSystem }: Ports): string[] {
  try {
    const names = fileSystem.readdirSync(files.data).map((name) => joinPath(files.data, name));
    return names.filter((path) => path.startsWith(`${files.lossesFile}${ASIDE}`)).sort();
  } catch {
    // No data directory, or none that may be read: nothing was set aside there.
    return [];
  }
}

function readSum(files: LossesFiles, fileSystem: FileSystem): { readonly counts: LossCounts; readonly through: unknown } {
  const content = readPrivateFile(sumOf(files), fileSystem);
  const record = content.status === "read" ? parseObject(content.text) : undefined;
  const counts: LossCounts = {};
  for (const [reason, count] of Object.entries((record?.["counts"] ?? {}) as Record<string, unknown>)) addEntry(counts, reason, count);
  return { counts, through: record?.["through"] };
}

function readInto(counts: LossCounts, path: string, fileSystem: FileSystem): void {
  const content = readPrivateFile(path, fileSystem);
  if (content.status !== "read") return;
  for (const line of content.text.split("\n")) {
    const entry = parseObject(line);
    if (entry) addEntry(counts, String(entry["reason"]), entry["count"]);
  }
}

function addEntry(counts: LossCounts, reason: string, count: unknown): void {
  if ((EVENT_REASONS.has(reason) || PROPERTY_REASONS.has(reason)) && Number.isSafeInteger(count)) {
    const key = reason as keyof LossCounts;
    const sum = (counts[key] ?? 0) + Number(count);
    // What was counted and taken back is no loss.
    if (sum === 0) delete counts[key];
    else counts[key] = sum;
  }
}

/** Adds `count` under `reason`, in place. */
export function addLosses(counts: LossCounts, reason: keyof LossCounts, count: number): void {
  if (count > 0) counts[reason] = (counts[reason] ?? 0) + count;
}

/** Lost events, over all reasons. A property that was dropped is no event. */
export function totalLosses(counts: LossCounts): number {
  return sumOver(counts, EVENT_REASONS);
}

/** Dropped properties, over all reasons. */
export function totalDroppedProperties(counts: LossCounts): number {
  return sumOver(counts, PROPERTY_REASONS);
}

/** `2 evicted, 1 undeclared`: the counts of events, or those of properties, for people. */
export function describeLosses(counts: LossCounts, of: "events" | "properties"): string {
  const reasons = of === "events" ? EVENT_REASONS : PROPERTY_REASONS;
  return Object.entries(counts).flatMap(([reason, count]) => (reasons.has(reason) ? `${count} ${reason}` : [])).join(", ");
}

function sumOver(counts: LossCounts, reasons: ReadonlySet<string>): number {
  return Object.entries(counts).reduce((total, [reason, count]) => (reasons.has(reason) ? total + count : total), 0);
}
