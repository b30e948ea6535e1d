/**
 * The rejected events: what a destination refused for good, set aside for people to read. Bounded: when the file is
 * full, the older half makes room. The counts live in the destination journal and are never cut.
 */
import type { Destination } from "../destination/destination.ts";
import type { RejectedEvent } from "./delivery.ts";
import { readPrivateFile, writePrivateFile } from "../platform/private-file.ts";
import type { Spool } from "../spool/spool.ts";

const MAX_BYTES = 1024 * 1024;

/** Adds the events to the file of rejected events. A disk that refuses costs the copy, not the count. */
export function setAside(rejected: readonly RejectedEvent[], destination: Destination, { directories, ports }: Spool): void {
  const at = new Date(ports.clock.now()).toISOString();
  const lines = rejected.map(({ event, reason }) => `${JSON.stringify({ at, destination: destination.description, reason, event })}\n`);
  try {
    const content = readPrivateFile(directories.rejectedFile, ports.fileSystem);
    const kept = content.status === "read" ? content.text : "";
    const text = kept + lines.join("");
    writePrivateFile(directories.rejectedFile, Buffer.byteLength(text) > MAX_BYTES ? newerHalf(text) : text, ports.fileSystem);
  } catch {
    // The event is counted as rejected in the journal either way.
  }
}

/** The newest lines, up to half of the bound, so that the file is not cut anew for each event; a line larger than that goes. */
function newerHalf(text: string): string {
  const kept: string[] = [];
  let bytes = 0;
  for (const line of text.split("\n").toReversed()) {
    bytes += Buffer.byteLength(line) + 1;
    if (bytes > MAX_BYTES / 2) break;
    kept.unshift(line);
  }
  return kept.join("\n");
}
