/**
 * The holdings: everything candor keeps for a tool on this machine, place by place. It reads what is there, follows no link, and leaves out
 * what is candor's own: its script, and the space it keeps for a full disk.
 */
import { type BackendChoice, isBackend } from "../destination/destination.ts";
import type { Installation } from "../collector/installation.ts";
import { receiptFiles } from "../delivery/receipts.ts";
import { readJournal, writeJournal } from "../destination/destination-journal.ts";
import { type Directories, joinPath } from "../platform/paths.ts";
import { inspect } from "../platform/private-directory.ts";
import { parseObject, readPrivateFile } from "../platform/private-file.ts";
import { type Ports, systemErrorCode } from "../platform/ports.ts";
import { namesIn } from "../platform/entries.ts";

/** What stands for a text that is not what it should be. */
interface Damaged {
  readonly text?: string;
  readonly note: string;
}

/** A file of another kind: written by a part of candor, or by the tool, that has its own use for it. */
interface OtherFile {
  readonly path: string;
  readonly bytes: number;
  readonly content: unknown;
}

/** Rotated logs are numbered from 1; more than these are an author's mistake. */
const MAX_ROTATED = 1_000;

/** What `@candor/backend-counters` keeps in the data directory; what it sets aside, and what a kill leaves of a write, is named after it. */
const COUNTERS_FILE = /^counters-[0-9a-f]{8}\.yaml(?:\.|$)/;

/** Larger files are named and not included. */
const MAX_OTHER_BYTES = 1024 * 1024;

/**
 * What is in a file of one JSON value, or, where `form` is `any`, of whatever its writer likes; undefined when there is no such file. Names it
 * in `problems` when it cannot be read.
 */
export function fileContent(path: string, { fileSystem }: Ports, problems: string[], form: "json" | "any" = "json"): unknown {
  const content = readPrivateFile(path, fileSystem);
  if (content.status === "missing") return undefined;
  if (content.status === "unreadable") {
    problems.push(`${path} (${content.reason})`);
    return { note: `this cannot be read: ${content.reason}` } satisfies Damaged;
  }
  const { text } = content;
  return parseObject(text) ?? (form === "any" ? { text } : ({ text, note: "this is not what candor writes there" } satisfies Damaged));
}

/** The lines of a file that is for people; none when there is no such file. Names it in `problems` when it cannot be read. */
export function* textLines(path: string, { fileSystem }: Ports, problems: string[]): Generator<string> {
  const content = readPrivateFile(path, fileSystem);
  if (content.status === "unreadable") problems.push(`${path} (${content.reason})`);
  if (content.status === "read") yield* content.text.split("\n").filter((line) => line !== "");
}

/** What is in files of one JSON value a line, one file at a time. Names those in `problems` that cannot be read. */
export function* lineContents(paths: readonly string[], { fileSystem }: Ports, problems: string[]): Generator {
  for (const path of paths) {
    const content = readPrivateFile(path, fileSystem);
    if (content.status === "unreadable") problems.push(`${path} (${content.reason})`);
    if (content.status !== "read") continue;
    for (const line of content.text.split("\n")) {
      if (line !== "") yield parseObject(line) ?? ({ text: line, note: "this line is damaged" } satisfies Damaged);
    }
  }
}

/** The files of the local log, and of `file` backends the author chose, oldest first. */
export function logFiles({ config, directories, ports }: Installation): readonly string[] {
  const chosen = config.backends.flatMap((backend) => (isFileChoice(backend) && typeof backend["path"] === "string" ? [backend["path"]] : []));
  return [...new Set([directories.localLog, ...chosen])].flatMap((path) => [...rotated(path, ports).toReversed(), path]);
}

/** Every other file below the data directory, and those that the tool itself keeps for telemetry. */
export function* otherFiles({ config, directories, ports }: Installation, known: readonly string[], problems: string[]): Generator<OtherFile> {
  const skipped = new Set([directories.spool, directories.refusalFile, directories.identityFile, directories.destinationsFile, directories.faultFile, directories.uploaderLog, directories.reserveFile, directories.compiledFile, directories.rejectedFile, ...receiptFiles(directories), ...known]);
  const own = config.files.filter((path) => ports.fileSystem.lstatSync(path, { throwIfNoEntry: false }) !== undefined);
  for (const path of [...filesBelow(directories.data, skipped, ports), ...own]) {
    if (path.startsWith(directories.lossesFile) || path.startsWith(`${directories.compiledFile}.`) || /[\\/]candor-uploader-[0-9a-f]+\.cjs$/.test(path)) continue;
    const bytes = ports.fileSystem.lstatSync(path, { throwIfNoEntry: false })?.size ?? 0;
    const content = bytes > MAX_OTHER_BYTES ? { note: "it is too large to be included" } : fileContent(path, ports, problems, "any");
    if (content !== undefined) yield { path, bytes, content };
  }
}

/**
 * Deletes the user's own record: the local log, the receipts and the counts. `disable` leaves it alone; `reset` asks for this. Answers what went wrong,
 * as sentences. Nothing is touched in a directory that is not ours.
 */
export function deleteOwnRecord({ directories, ports }: Pick<Installation, "directories" | "ports">): string[] {
  try {
    const privacy = inspect(directories.data, ports);
    if (!privacy) return [];
    if (privacy.status === "unusable") return [`The record of what was sent was left alone: ${privacy.reason}.`];
    for (const path of ownRecord(directories, ports)) ports.fileSystem.rmSync(path, { force: true });
    forgetLosses(directories, ports);
    return [];
  } catch (error) {
    return [`The record of what was sent could not be deleted: ${systemErrorCode(error) ?? String(error)}.`];
  }
}

/** What was lost under an id that is retired is not told under the next one. */
function forgetLosses(directories: Directories, ports: Ports): void {
  for (const name of namesIn(directories.data, ports)) {
    const path = joinPath(directories.data, name);
    if (path.startsWith(directories.lossesFile)) ports.fileSystem.rmSync(path, { force: true });
  }
  const journal = readJournal(directories, ports);
  if (Object.keys(journal).length === 0) return;
  writeJournal(Object.fromEntries(Object.entries(journal).map(([key, record]) => [key, { ...record, reportedLosses: 0 }])), directories, ports);
}

function ownRecord(directories: Directories, ports: Ports): readonly string[] {
  const counts = namesIn(directories.data, ports).filter((name) => COUNTERS_FILE.test(name));
  return [directories.localLog, ...rotated(directories.localLog, ports), ...receiptFiles(directories), directories.uploaderLog, ...counts.map((name) => joinPath(directories.data, name))];
}

function rotated(path: string, { fileSystem }: Ports): string[] {
  const found: string[] = [];
  for (let number = 1; number <= MAX_ROTATED; number++) {
    const name = `${path}.${number}`;
    // An interrupted rotation leaves one gap at most.
    if (fileSystem.lstatSync(name, { throwIfNoEntry: false })) found.push(name);
    else if (number > found.length + 1) break;
  }
  return found;
}

function* filesBelow(directory: string, skipped: ReadonlySet<string>, ports: Ports): Generator<string> {
  for (const name of namesIn(directory, ports).sort()) {
    const path = joinPath(directory, name);
    if (skipped.has(path)) continue;
    if (ports.fileSystem.lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) yield* filesBelow(path, skipped, ports);
    else yield path;
  }
}

function isFileChoice(backend: Installation["config"]["backends"][number]): backend is BackendChoice {
  return !isBackend(backend) && backend.use === "file";
}
