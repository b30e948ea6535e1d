/**
 * The receipts: what each destination was sent, event by event, and what it answered. They are the user's own record, read by
 * `telemetry inspect --sent`. Bounded: a file that holds half of the bound becomes the older part, and the older part before it goes.
 * Only whoever delivers writes them, once a request. A disk that refuses costs receipts and never a delivery.
 */
import type { TelemetryEvent } from "@candor/backend";
import { isEvent } from "../spool/batch.ts";
import type { Directories } from "../platform/paths.ts";
import { joinedBytes } from "../platform/joined-bytes.ts";
import { appendPrivateFile, parseObject, readPrivateFile } from "../platform/private-file.ts";
import type { FileSystem, Ports } from "../platform/ports.ts";
import { removeFile } from "../platform/entries.ts";
import type { Spool } from "../spool/spool.ts";
import type { TextOf } from "./delivery.ts";

/** What became of one event at one destination. */
export type ReceiptOutcome =
  /** The destination confirmed it. */
  | "accepted"
  /** The destination refused it for good. */
  | "rejected"
  /** It was in a request of which the destination refused some events without naming them. */
  | "unclear"
  /** The request ended without an acknowledgement, and the event is not sent again: it may have arrived all the same. */
  | "unacknowledged";

export interface Receipt {
  /** When the outcome was known; RFC 3339. */
  readonly at: string;
  /** For people: `http (https://telemetry.example.com/events)`. */
  readonly destination: string;
  readonly outcome: ReceiptOutcome;
  /** Why, unless it was accepted. */
  readonly reason?: string;
  /** The event exactly as it was sent, `droppedEvents` included. */
  readonly event: TelemetryEvent;
}

export interface ReceiptBook {
  /** Oldest first. */
  readonly receipts: readonly Receipt[];
  /** How many lines are torn or foreign. */
  readonly damaged: number;
  /** Files that cannot be read, each with the reason. */
  readonly problems: readonly string[];
}

const OUTCOMES: ReadonlySet<string> = new Set<ReceiptOutcome>(["accepted", "rejected", "unclear", "unacknowledged"]);

/**
 * Adds receipts, newest last; answers how many the disk did not take. What is larger than half of the bound makes room at once. `textOf`
 * answers the JSON of an event where it is known; default: it is made.
 */
export function writeReceipts(receipts: readonly Receipt[], { directories, bounds, ports }: Spool, textOf: TextOf = JSON.stringify): number {
  const halfBytes = bounds.receiptBytes / 2;
  const headOf = headWriter();
  const lines = newestWithin(receipts.map((receipt) => `${headOf(receipt)}"event":${textOf(receipt.event)}}\n`), halfBytes);
  if (lines.length === 0) return 0;
  // It begins on a new line of its own, whatever a process that was killed left at the end.
  const content = joinedBytes(["\n", ...lines]);
  const { receiptsFile } = directories;
  let sizeBefore = 0;
  try {
    const found = ports.fileSystem.lstatSync(receiptsFile, { throwIfNoEntry: false });
    const full = found?.isFile() === true && found.size + content.length > halfBytes;
    if (full) makeOlder(directories, ports);
    else sizeBefore = found?.size ?? 0;
    appendPrivateFile(receiptsFile, content, ports.fileSystem);
    return 0;
  } catch {
    // Full, read-only, or something else stands in its place: the caller counts them, so none of them may stand there.
    cutBack(receiptsFile, sizeBefore, ports.fileSystem);
    return receipts.length;
  }
}

/** Writes what comes before the event; most receipts of a request have the same. */
function headWriter(): (receipt: Receipt) => string {
  let last: Receipt | undefined;
  let head = "";
  return (receipt) => {
    const { at, destination, outcome, reason } = receipt;
    if (!last || last.at !== at || last.destination !== destination || last.outcome !== outcome || last.reason !== reason) {
      head = `${JSON.stringify({ at, destination, outcome, reason }).slice(0, -1)},`;
      last = receipt;
    }
    return head;
  };
}

/** Not one rename over the other: some file systems bring a file that replaces another to the disk before they go on. */
function makeOlder(directories: Directories, ports: Ports): void {
  removeFile(olderPart(directories), ports);
  ports.fileSystem.renameSync(directories.receiptsFile, olderPart(directories));
}

function cutBack(path: string, length: number, fileSystem: FileSystem): void {
  try {
    if (fileSystem.lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) return;
    const descriptor = fileSystem.openSync(path, "r+");
    try {
      fileSystem.ftruncateSync(descriptor, length);
    } finally {
      fileSystem.closeSync(descriptor);
    }
  } catch {
    // What is left of them is counted as missing and shown all the same; a torn line is skipped.
    return;
  }
}

/** Every receipt there is. Reads at most what the bound allowed when it was written. */
export function readReceipts(directories: Directories, { fileSystem }: Ports): ReceiptBook {
  const problems: string[] = [];
  const read = (path: string): string => {
    const content = readPrivateFile(path, fileSystem);
    if (content.status === "unreadable") problems.push(`${path} cannot be read (${content.reason})`);
    return content.status === "read" ? content.text : "";
  };
  // The newer part first: if it becomes the older one in between, it is recognised rather than missed.
  const newer = read(directories.receiptsFile);
  const older = read(olderPart(directories));
  const moved = newer !== "" && older.startsWith(newer);
  const lines = `${older}\n${moved ? read(directories.receiptsFile) : newer}`.split("\n").filter((line) => line !== "");
  const receipts = lines.flatMap((line) => parseReceipt(line) ?? []);
  return { receipts, damaged: lines.length - receipts.length, problems };
}

/** The files that may hold receipts, oldest first. */
export function receiptFiles(directories: Directories): readonly string[] {
  return [olderPart(directories), directories.receiptsFile];
}

function olderPart({ receiptsFile }: Directories): string {
  return `${receiptsFile}.1`;
}

/** The last lines that fit; none when the last one does not. */
function newestWithin(lines: readonly string[], maxBytes: number): readonly string[] {
  let bytes = 1;
  const first = lines.findLastIndex((line) => (bytes += Buffer.byteLength(line)) > maxBytes);
  return lines.slice(first + 1);
}

function parseReceipt(line: string): Receipt | undefined {
  const { at, destination, outcome, reason, event } = parseObject(line) ?? {};
  if (typeof at !== "string" || typeof destination !== "string" || typeof outcome !== "string" || !OUTCOMES.has(outcome)) return undefined;
  if (typeof event !== "object" || event === null || !isEvent(event as Record<string, unknown>)) return undefined;
  return {
    at,
    destination,
    outcome: outcome as ReceiptOutcome,
    ...(typeof reason === "string" ? { reason } : {}),
    event: event as TelemetryEvent,
  };
}
