/**
 * The rejected events: what a destination refused for good, set aside for people to read. Bounded: when the file is
 * full, the older half makes room. The counts live in the destination journal and are never cut.
 */
import type { Destination } from "./destination.ts";
import type { RejectedEvent } from "./delivery.ts";
import { readPrivateFile, writePrivateFile } from "./private-file.ts";
import type { Spool } from "./spool.ts";

const MAX_BYTES = 1024 * 1024;

/** Adds the events to the file of rejected events. A disk that refuses costs the copy, not the count. */
export function setAside(rejected: readonly RejectedEvent[], destination: Destination, { directories, ports }: Spool): void {
  const at = new Date(ports.clock.now()).toISOString();
  const lines = rejected.map(({ event, reason }) => `${JSON.stringify({ at, destination: destination.description, reason, event })}\n`);
  try {
    const content = readPrivateFile(directories.rejectedFile, ports.fileSystem);
    const kept = content.status === "read" ? content.text : "";
    const text = kept + lines.join("");
    writePrivateFile(directories.rejectedFile, text.length > MAX_BYTES ? newerHalf(text) : text, ports.fileSystem);
  } catch {
    // The event is counted as rejected in the journal either way.
  }
}

function newerHalf(text: string): string {
  const cut = text.indexOf("\n", Math.max(text.length - MAX_BYTES / 2, 0));
  return text.slice(cut + 1);
}
