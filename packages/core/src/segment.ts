/**
 * The segment: the file one process appends its events to, until it is sealed into a batch. It refuses
 * to throw: when the disk does not take an event it says so, and the caller keeps the event in memory.
 */
import { createEventId } from "./event-id.ts";
import { formatBatchName } from "./batch.ts";
import { keepReserve } from "./losses.ts";
import { thisOwner } from "./owner.ts";
import { joinPath } from "./paths.ts";
import { CREATE_EXCLUSIVELY } from "./private-file.ts";
import { moveFile, prepareSpool, removeFile, type Spool } from "./spool.ts";

export type AppendOutcome = { readonly status: "stored" } | { readonly status: "refused"; readonly reason: string };

export type SealOutcome =
  /** The batch is pending under this name. */
  | { readonly status: "sealed"; readonly name: string }
  | { readonly status: "nothing-to-seal" }
  /** Another process deleted the segment because consent was withdrawn. */
  | { readonly status: "withdrawn" };

export interface Segment {
  /** Bytes in the open file. */
  readonly bytes: number;
  /** Appends one line in one write. */
  append(line: string): AppendOutcome;
  /** Turns the open file into a pending batch. @throws the system error when the disk refuses the rename. */
  seal(): SealOutcome;
  /** Deletes the open file. */
  discard(): void;
}

interface OpenFile {
  readonly path: string;
  readonly descriptor: number;
}

/** A segment writer for this process. Nothing is created before the first append. */
export function createSegment(spool: Spool): Segment {
  const { fileSystem, clock } = spool.ports;
  let file: OpenFile | undefined;
  let events = 0;
  let bytes = 0;

  const close = (): OpenFile | undefined => {
    const closed = file;
    if (closed) fileSystem.closeSync(closed.descriptor);
    file = undefined;
    events = 0;
    bytes = 0;
    return closed;
  };

  return {
    get bytes() {
      return bytes;
    },

    append(line) {
      const data = Buffer.from(line);
      try {
        if (!file) {
          const opened = openSegment(spool);
          if (opened.status === "refused") return opened;
          file = opened.file;
        }
        writeWhole(file.descriptor, data, bytes, spool);
        events++;
        bytes += data.length;
        return { status: "stored" };
      } catch (error) {
        return { status: "refused", reason: `the disk does not take events (${String(error)})` };
      }
    },

    seal() {
      const sealed = { id: createEventId(clock.now()), events, bytes, acknowledged: [] };
      const closed = close();
      if (!closed) return { status: "nothing-to-seal" };
      if (sealed.events === 0) {
        removeFile(closed.path, spool.ports);
        return { status: "nothing-to-seal" };
      }
      const name = formatBatchName(sealed);
      const moved = moveFile(closed.path, joinPath(spool.pending, name), spool.ports);
      return moved ? { status: "sealed", name } : { status: "withdrawn" };
    },

    discard() {
      const closed = close();
      if (closed) removeFile(closed.path, spool.ports);
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
  keepReserve(spool.directories, fileSystem);
  return { status: "opened", file: { path, descriptor } };
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
