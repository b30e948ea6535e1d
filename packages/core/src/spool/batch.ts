/**
 * The batch: the name of a file in the spool and the lines in it. The name says how many events and
 * bytes the file holds and which destinations already have it, so that bounds are kept without
 * opening files and one rename records an acknowledgement.
 */
import type { TelemetryEvent } from "@candor/backend";
import { parseObject } from "../platform/private-file.ts";

export interface BatchName {
  /** UUIDv7 of the moment it was sealed; orders batches by age. */
  readonly id: string;
  readonly events: number;
  readonly bytes: number;
  /** Keys of the destinations that have acknowledged it. */
  readonly acknowledged: readonly string[];
}

const BATCH =
  /^([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})\.(\d{1,9})\.(\d{1,12})(?:\.([0-9a-z+]+))?\.ndjson$/;

/** The file name of a batch. */
export function formatBatchName({ id, events, bytes, acknowledged }: BatchName): string {
  const keys = acknowledged.length > 0 ? `.${[...acknowledged].sort().join("+")}` : "";
  return `${id}.${events}.${bytes}${keys}.ndjson`;
}

/** Reads a file name; undefined for foreign files. */
export function parseBatchName(name: string): BatchName | undefined {
  const parts = BATCH.exec(name);
  if (!parts) return undefined;
  return {
    id: parts[1] ?? "",
    events: Number(parts[2]),
    bytes: Number(parts[3]),
    acknowledged: parts[4] ? parts[4].split("+") : [],
  };
}

/** One event as one line. */
export function formatLine(event: TelemetryEvent): string {
  return `${JSON.stringify(event)}\n`;
}

/** The events in a file's text, and how many lines were torn or foreign. */
export function parseLines(text: string): { events: TelemetryEvent[]; corrupt: number } {
  const { texts, corrupt } = parseEach(text.split("\n"));
  return { events: [...texts.keys()], corrupt };
}

interface ReadTexts {
  /** The events in order, each with its text. */
  readonly texts: ReadonlyMap<TelemetryEvent, string>;
  readonly corrupt: number;
}

/** As `parseLines`, for those who would otherwise write each event's text anew. */
export function parseTexts(content: Buffer): ReadTexts {
  return parseEach(linesOf(content));
}

const LINE_END = 0x0a;

/** Each line as a text of its own: parts of one large text would keep it alive; see `joined-bytes`. */
function linesOf(content: Buffer): string[] {
  const lines: string[] = [];
  for (let start = 0; start < content.length; ) {
    const found = content.indexOf(LINE_END, start);
    const end = found < 0 ? content.length : found;
    lines.push(content.toString("utf8", start, end));
    start = end + 1;
  }
  return lines;
}

function parseEach(lines: readonly string[]): ReadTexts {
  const texts = new Map<TelemetryEvent, string>();
  let corrupt = 0;
  for (const line of lines) {
    if (line === "") continue;
    const value = parseObject(line);
    if (value && isEvent(value)) texts.set(value, line);
    else corrupt++;
  }
  return { texts, corrupt };
}

const REQUIRED = ["id", "timestamp", "type", "name", "machineId", "toolName", "toolVersion", "os", "arch"] as const;

/** Whether the value has every field that an event must have. */
export function isEvent(value: Record<string, unknown>): value is Record<string, unknown> & TelemetryEvent {
  return REQUIRED.every((field) => typeof value[field] === "string");
}
