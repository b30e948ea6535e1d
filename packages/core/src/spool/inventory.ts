/**
 * The inventory: what lies in a spool at this moment, read while other processes write, claim and acknowledge. For people: it changes
 * nothing, takes no lock, and holds one file at a time, and the ids of the events it has shown.
 */
import type { TelemetryEvent } from "@candor/backend";
import { type BatchName, isEvent, parseBatchName } from "./batch.ts";
import { heldIn } from "./claim-directory.ts";
import { joinPath } from "../platform/paths.ts";
import { parseObject, readPrivateFile } from "../platform/private-file.ts";
import { systemErrorCode } from "../platform/ports.ts";
import { namesIn } from "../platform/entries.ts";
import type { Spool } from "./spool.ts";

export type StoredLine =
  /** An event that not every destination has acknowledged; `acknowledged` are the keys of those that have it. */
  | { readonly status: "event"; readonly event: TelemetryEvent; readonly acknowledged: readonly string[] }
  /** A line that is torn or foreign. It is never sent. */
  | { readonly status: "damaged"; readonly path: string; readonly text: string };

/** What could not be shown. */
export interface InventoryFaults {
  /** Events that a file should hold by its name and does not. */
  missing: number;
  /** Files and directories that cannot be read, each with the reason. */
  readonly unreadable: string[];
}

interface StoredFile {
  readonly path: string;
  /** Orders files as delivery would take them. */
  readonly rank: string;
  readonly acknowledged: readonly string[];
  /** As its name says; 0 for one that is still being written. */
  readonly events: number;
}

/** A spool whose files keep moving is looked through this often; one upload moves a file twice or three times. */
const MAX_ROUNDS = 8;

/**
 * Every line in the spool, every event once, in the order of delivery: complete batches by age, whether they are claimed or not, then what is
 * still being written. An event that is acknowledged meanwhile may be missing; one that merely moves is not.
 */
export function* storedLines(spool: Spool, faults: InventoryFaults): Generator<StoredLine> {
  const visited = new Set<string>();
  const shown = new Set<string>();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    let moved = false;
    for (const file of listFiles(spool, faults).filter(({ path }) => !visited.has(path))) {
      visited.add(file.path);
      const content = readPrivateFile(file.path, spool.ports.fileSystem);
      // Claimed, given back, joined with others or done with since it was listed; the next round finds out.
      if (content.status === "missing") moved = true;
      if (content.status === "unreadable") faults.unreadable.push(`${file.path} (${content.reason})`);
      if (content.status !== "read") continue;
      const lines = linesIn(content.text);
      const events = lines.flatMap((line) => (line.event ? [line.event] : []));
      // What was read under another name before has been told then.
      const isNew = !events.some(({ id }) => shown.has(id));
      if (isNew) faults.missing += Math.max(0, file.events - lines.length);
      for (const { event, text } of lines) {
        if (!event) {
          if (isNew) yield { status: "damaged", path: file.path, text };
        } else if (!shown.has(event.id)) {
          shown.add(event.id);
          yield { status: "event", event, acknowledged: file.acknowledged };
        }
      }
    }
    if (!moved) return;
  }
}

/** The files of now. A file on its way between `pending` and `claimed` is seen in one of them: `pending` is looked at before and after. */
function listFiles(spool: Spool, faults: InventoryFaults): StoredFile[] {
  const files = new Map<string, StoredFile>();
  try {
    for (const list of [pendingFiles, claimedFiles, pendingFiles, openFiles]) {
      for (const file of list(spool)) files.set(file.path, file);
    }
  } catch (error) {
    const problem = `${joinPath(spool.directories.spool, spool.consentId)} (${systemErrorCode(error) ?? String(error)})`;
    if (!faults.unreadable.includes(problem)) faults.unreadable.push(problem);
  }
  return [...files.values()].sort((a, b) => (a.rank < b.rank ? -1 : 1));
}

function pendingFiles({ pending, ports }: Spool): StoredFile[] {
  return namesIn(pending, ports).flatMap((name) => {
    const batch = parseBatchName(name);
    return batch ? [storedFile(joinPath(pending, name), batch)] : [];
  });
}

function claimedFiles(spool: Spool): StoredFile[] {
  const homes = namesIn(spool.claimed, spool.ports).map((name) => joinPath(spool.claimed, name));
  return homes.flatMap((home) => heldIn(home, spool).map(({ path, batch }) => storedFile(path, batch)));
}

function storedFile(path: string, { id, acknowledged, events }: BatchName): StoredFile {
  return { path, rank: `batch ${id}`, acknowledged, events };
}

/** After the batches: what is being written is sealed last. */
function openFiles({ open, ports }: Spool): StoredFile[] {
  return namesIn(open, ports)
    .filter((name) => name.endsWith(".ndjson"))
    .map((name) => ({ path: joinPath(open, name), rank: `open ${name}`, acknowledged: [], events: 0 }));
}

function linesIn(text: string): { readonly text: string; readonly event?: TelemetryEvent }[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => {
    const value = parseObject(line);
    return value && isEvent(value) ? { text: line, event: value } : { text: line };
  });
}
