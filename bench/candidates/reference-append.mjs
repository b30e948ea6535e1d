/**
 * A reference, not a product: what it costs at least to keep events: build them, serialise them, append them to a file once, when the
 * command ends. Nobody sends them. `written-through` appends each one when it is tracked.
 */
import { appendFileSync, openSync, writeSync } from "node:fs";
import path from "node:path";

export const about = { name: "reference: append", packages: [], configuration: "one appendFileSync at the end of the command; nobody sends" };

/** The file that holds a home's events. */
export function spoolFile() {
  return path.join(process.env.BENCH_DATA, "reference.ndjson");
}

export function open({ mode }) {
  if (mode === "written-through") {
    const descriptor = openSync(spoolFile(), "a", 0o600);
    return { track: (name, properties) => void writeSync(descriptor, lineOf(name, properties)), close: () => undefined };
  }
  const lines = [];
  return { track: (name, properties) => void lines.push(lineOf(name, properties)), close: () => appendFileSync(spoolFile(), lines.join(""), { mode: 0o600 }) };
}

/** Eight random digits; loading `node:crypto` for an id would cost the reference two milliseconds. */
function hex() {
  return Math.floor(Math.random() * 2 ** 32).toString(16).padStart(8, "0");
}

/** One event as one line. */
export function lineOf(name, properties) {
  const event = {
    id: `${hex()}-${hex()}-${hex()}-${hex()}`,
    timestamp: new Date().toISOString(),
    type: "feature.used",
    name,
    machineId: "0123456789abcdef0123456789abcdef",
    toolName: "bench",
    toolVersion: "1.0.0",
    os: "linux",
    arch: "amd64",
    metadata: properties,
  };
  return `${JSON.stringify(event)}\n`;
}
