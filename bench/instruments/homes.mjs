/**
 * The homes: a private home directory for each case, so that no case sees what another left, and none sees the developer's own variables
 * (a NODE_EXTRA_CA_CERTS alone adds 29 ms to every start of Node.js). It knows where candor keeps what it keeps; see
 * docs/explanations/spool.md.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { temporaryHome } from "@candor/testing";
import { observe, workload } from "./processes.mjs";
import { eachMark } from "./receiver.mjs";

/** Lines that are not of events that wait: what was lost, and what was sent already. */
const OTHER_RECORDS = /^(?:losses|receipts)\b/;

/** Makes a home. `consent: "given"` records the user's yes in it; without it candor is off. */
export async function createHome({ consent } = {}) {
  const home = temporaryHome();
  const data = path.join(home.path, "data");
  mkdirSync(data, { mode: 0o700 });
  const run = (more = {}) => ({ cwd: home.path, env: { ...home.environment, BENCH_DATA: data, ...more } });
  if (consent === "given") {
    const { status, stderr } = await observe([workload("consent.mjs")], run());
    if (status !== 0) throw new Error(`the home could not be prepared: ${stderr}`);
  }
  const uploader = path.join(data, "uploader");
  return {
    path: home.path,
    data,
    /** Where a process runs in this home: its environment and working directory. */
    run,
    /** As if an upload had just ended: none is due for candor's minimum interval. */
    uploadedJustNow() {
      this.neverUploaded();
      mkdirSync(uploader, { recursive: true, mode: 0o700 });
      const record = { state: "released", owner: "", kind: "detached", startedAt: Date.now(), lifetimeMs: 0 };
      writeFileSync(path.join(uploader, "1.json"), JSON.stringify(record), { mode: 0o600 });
    },
    /** As if nothing had been uploaded yet and no destination had failed; the uploader's script stays. */
    neverUploaded() {
      for (const name of filesIn(uploader)) if (name.endsWith(".json")) rmSync(path.join(uploader, name));
    },
    /** Empties the spool; the directories stay. */
    emptySpool() {
      for (const file of this.spoolFiles()) rmSync(file, { force: true });
      rmSync(path.join(data, "reference.ndjson"), { force: true });
    },
    /** The files that hold events that wait. */
    spoolFiles: () => filesIn(data, { recursive: true }).filter((name) => /\.ndjson(\.\d+)?$/.test(name) && !OTHER_RECORDS.test(name)).map((name) => path.join(data, name)),
    /** How many different events of a run lie on disk. */
    eventsOnDisk(name) {
      const found = new Set();
      for (const file of this.spoolFiles()) eachMark(readFileSync(file), (ofRun, sequence) => ofRun === name && found.add(sequence));
      return found.size;
    },
    dispose: () => home.dispose(),
  };
}

function filesIn(directory, options) {
  try {
    return readdirSync(directory, options);
  } catch {
    // Nothing has been written there yet.
    return [];
  }
}
