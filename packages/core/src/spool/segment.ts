/**
 * The segment: the file one process appends its events to, until it is sealed into a batch. It refuses
 * to throw: when the disk does not take an event it says so, and the caller keeps the event in memory.
 */
import { createEventId } from "../event/event-id.ts";
import { formatBatchName } from "./batch.ts";
import { keepReserve } from "./losses.ts";
import { thisOwner } from "../platform/owner.ts";
import { joinPath } from "../platform/paths.ts";
import { CREATE_EXCLUSIVELY } from "../platform/private-file.ts";
import { moveFile, removeFile } from "../platform/entries.ts";
import { prepareSpool, type Spool } from "./spool.ts";

type AppendOutcome = { readonly status: "stored" } | { readonly status: "refused"; readonly reason: string };

export interface Segment {
  /** Bytes in the open file. */
  readonly bytes: number;
  /** Appends whole lines in one write; all of them or none. */
  append(text: string, lines?: number): AppendOutcome;
  /** Events in files that could not be renamed yet; they are on disk all the same. */
  readonly unsealedEvents: number;
  /** Turns what was written into pending batches and answers their names. @throws when the disk refuses; call it again later. */
  seal(): string[];
  /** Deletes the open file, and those that could not be renamed yet. */
  discard(): void;
}

interface OpenFile {
  readonly path: string;
  readonly descriptor: number;
}

interface Closed {
  readonly path: string;
  readonly events: number;
  readonly bytes: number;
}

/** A segment writer for this process. Nothing is created before the first append. */
export function createSegment(spool: Spool): Segment {
  const { fileSystem, clock } = spool.ports;
  let file: OpenFile | undefined;
  let events = 0;
  let bytes = 0;
  /** Closed and not yet renamed, because the disk refused. */
  let unsealed: Closed[] = [];

  const close = (): void => {
    const closing = file;
    if (!closing) return;
    unsealed.push({ path: closing.path, events, bytes });
    // Forgotten before it is closed: a descriptor whose closing failed may be somebody else's the next moment.
    file = undefined;
    events = 0;
    bytes = 0;
    fileSystem.closeSync(closing.descriptor);
  };

  return {
    get bytes() {
      return bytes;
    },
    get unsealedEvents() {
      return unsealed.reduce((sum, closed) => sum + closed.events, 0);
    },

    append(text, lines = 1) {
      const data = Buffer.from(text);
      try {
        if (!file) {
          const opened = openSegment(spool);
          if (opened.status === "refused") return opened;
          file = opened.file;
        }
        writeWhole(file.descriptor, data, bytes, spool);
        events += lines;
        bytes += data.length;
        return { status: "stored" };
      } catch (error) {
        return { status: "refused", reason: `the disk does not take events (${String(error)})` };
      }
    },

    seal() {
      close();
      const sealed: string[] = [];
      while (unsealed[0]) {
        const [{ path, ...size }] = unsealed as [Closed, ...Closed[]];
        const name = formatBatchName({ id: createEventId(clock.now()), ...size, acknowledged: [] });
        if (size.events === 0) removeFile(path, spool.ports);
        // Gone already: another process deleted it, because consent was withdrawn.
        else if (moveFile(path, joinPath(spool.pending, name), spool.ports)) sealed.push(name);
        unsealed = unsealed.slice(1);
      }
      return sealed;
    },

    discard() {
      close();
      for (const { path } of unsealed) removeFile(path, spool.ports);
      unsealed = [];
    },
  };
}

type OpenOutcome = { readonly status: "opened"; readonly file: OpenFile } | Extract<AppendOutcome, { status: "refused" }>;

function openSegment(spool: Spool): OpenOutcome {
  const privacy = prepareSpool(spool);
  if (privacy.status === "unusable") return { status: "refused", reason: privacy.reason };
  const { fileSystem, random } = spool.ports;
  const unique = Math.floor(random() * 2 ** 32).toString(16).padStart(8, "0");
  const path = joinPath(spool.open, `${thisOwner(spool.ports)}.${unique}.ndjson`);
  const descriptor = fileSystem.openSync(path, CREATE_EXCLUSIVELY, 0o600);
  reserveSpace(spool);
  return { status: "opened", file: { path, descriptor } };
}

function reserveSpace({ directories, ports }: Spool): void {
  try {
    keepReserve(directories, ports.fileSystem);
  } catch {
    // The disk is nearly full: events come first.
    return;
  }
}

/** A disk that fills up in mid-line must not leave half a line: what was written of it is cut off again. */
function writeWhole(descriptor: number, data: Buffer, offset: number, { ports: { fileSystem } }: Spool): void {
  let written = 0;
  try {
    while (written < data.length) {
      written += fileSystem.writeSync(descriptor, data, written, data.length - written, offset + written);
    }
  } catch (error) {
    if (written > 0) fileSystem.ftruncateSync(descriptor, offset);
    throw error;
  }
}
