/**
 * The data directory: what candor keeps on disk for the tool, read from outside as docs/explanations/spool.md describes it.
 * It only looks; files may come and go while it does.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** A reader of candor's data directory. */
export function openDataDirectory(directory) {
  return {
    localLog: path.join(directory, "telemetry.log"),
    /** Every event in the spool, sent or not, oldest first. */
    spooledEvents: () => filesBelow(path.join(directory, "spool")).flatMap(eventsIn),
    /** The uploader's lock: its generation counts up with every upload; `released` means that none is running. */
    uploaderLock() {
      const generations = namesIn(path.join(directory, "uploader")).flatMap((name) => (/^\d+\.json$/.test(name) ? Number.parseInt(name, 10) : []));
      if (generations.length === 0) return { generation: 0, released: true };
      const generation = Math.max(...generations);
      const text = textOf(path.join(directory, "uploader", `${generation}.json`));
      return { generation, released: /"state":\s*"released"/.test(text) };
    },
  };
}

/** Events in an NDJSON file; none when it is not there. */
export function eventsIn(file) {
  const lines = textOf(file).split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line));
}

function filesBelow(directory) {
  return namesIn(directory, { recursive: true })
    .filter((name) => name.endsWith(".ndjson"))
    .sort((a, b) => (a < b ? -1 : 1))
    .map((name) => path.join(directory, name));
}

function namesIn(directory, options = {}) {
  try {
    return readdirSync(directory, options);
  } catch (error) {
    // Not made yet, or removed while it was being read; anything else is worth failing for.
    if (error.code === "ENOENT") return [];
    throw error;
  }
}

function textOf(file) {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    // Sent and deleted in the meantime.
    if (error.code === "ENOENT") return "";
    throw error;
  }
}
