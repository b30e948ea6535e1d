/**
 * The losses: counts every event that was tracked and will not be delivered, with the reason, and every property that was kept out of
 * an event. Many processes append, one line each; nothing is ever rewritten in place, so no count is lost to a race.
 */
import { isLossReason, type LossCounts, totalLosses } from "./loss-counts.ts";
import { joinPath } from "../platform/paths.ts";
import { appendPrivateFile, parseObject, readPrivateFile, writePrivateFile } from "../platform/private-file.ts";
import { makeDataDirectory } from "../platform/private-directory.ts";
import { type FileSystem, type Ports, systemErrorCode } from "../platform/ports.ts";

/** Size of the reserve that is given up when the disk is full: one block of common file systems. */
const RESERVE_BYTES = 4096;

/** Some thousand lines. */
const FOLD_ABOVE_BYTES = 64 * 1024;

export interface LossesFiles {
  readonly data: string;
  readonly lossesFile: string;
  readonly reserveFile: string;
}

/**
 * Adds counts; answers false when even that could not be written.
 *
 * @param notFor Keys of destinations to which these events are not lost: they have them, or will.
 */
export function recordLosses(counts: LossCounts, files: LossesFiles, ports: Ports, notFor: readonly string[] = []): boolean {
  const { fileSystem } = ports;
  const beside = notFor.length > 0 ? { notFor } : {};
  // Each begins on a new line of its own, whatever a process that was killed left at the end.
  const lines = Object.entries(counts).map(([reason, count]) => `\n${JSON.stringify({ reason, count, ...beside })}\n`);
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

/** What was lost, and how much of it some destinations have all the same. */
export interface LossAccount {
  readonly counts: LossCounts;
  /** Destination key to a number of events. */
  readonly notFor: Readonly<Record<string, number>>;
}

/** All losses recorded so far. */
export function readLosses(files: LossesFiles, ports: Ports): LossCounts {
  return readLossAccount(files, ports).counts;
}

/** As `readLosses`, for those who tell them to destinations. */
export function readLossAccount(files: LossesFiles, ports: Ports): LossAccount {
  const { account, through } = readSum(files, ports.fileSystem);
  const aside = asideOf(files, ports).filter((path) => path !== through);
  for (const path of [...aside, files.lossesFile]) readInto(account, path, ports.fileSystem);
  return account;
}

/** How many events are lost to the destination of this key. */
export function lossesTo(key: string, { counts, notFor }: LossAccount): number {
  return totalLosses(counts) - (notFor[key] ?? 0);
}

/**
 * Keeps the file short: a file that has grown long is set aside, and what an earlier call set aside is added to the sum. A
 * writer holds the file for microseconds, so nobody still appends to that. The sum names the file it took in last, so a kill
 * at any step neither forgets a count nor adds it twice. Only the holder of the uploader's lock calls this.
 */
export function foldLosses(files: LossesFiles, ports: Ports): void {
  const { fileSystem } = ports;
  for (const path of asideOf(files, ports)) {
    const { account, through } = readSum(files, fileSystem);
    if (through !== path) {
      readInto(account, path, fileSystem);
      writePrivateFile(sumOf(files), `${JSON.stringify({ ...account, through: path })}\n`, fileSystem);
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

interface WorkingAccount {
  readonly counts: LossCounts;
  readonly notFor: Record<string, number>;
}

function readSum(files: LossesFiles, fileSystem: FileSystem): { readonly account: WorkingAccount; readonly through: unknown } {
  const content = readPrivateFile(sumOf(files), fileSystem);
  const record = content.status === "read" ? parseObject(content.text) : undefined;
  const account: WorkingAccount = { counts: {}, notFor: {} };
  for (const [reason, count] of Object.entries((record?.["counts"] ?? {}) as Record<string, unknown>)) addEntry(account, reason, count, []);
  for (const [key, count] of Object.entries((record?.["notFor"] ?? {}) as Record<string, unknown>)) {
    if (Number.isSafeInteger(count)) account.notFor[key] = Number(count);
  }
  return { account, through: record?.["through"] };
}

function readInto(account: WorkingAccount, path: string, fileSystem: FileSystem): void {
  const content = readPrivateFile(path, fileSystem);
  if (content.status !== "read") return;
  for (const line of content.text.split("\n")) {
    const entry = parseObject(line);
    if (entry) addEntry(account, String(entry["reason"]), entry["count"], entry["notFor"]);
  }
}

function addEntry({ counts, notFor }: WorkingAccount, reason: string, count: unknown, keys: unknown): void {
  if (!isLossReason(reason) || !Number.isSafeInteger(count)) return;
  const sum = (counts[reason] ?? 0) + Number(count);
  // What was counted and taken back is no loss.
  if (sum === 0) delete counts[reason];
  else counts[reason] = sum;
  for (const key of Array.isArray(keys) ? keys : []) if (typeof key === "string") notFor[key] = (notFor[key] ?? 0) + Number(count);
}
