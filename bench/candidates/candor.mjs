/** candor, as its documentation has it: a collector is made, and nothing is awaited at the end. */
import path from "node:path";

export const about = { name: "candor", packages: ["@candor/core"], configuration: "nothing awaited; delivered by a detached uploader" };

/** So long between two uploads that none is due again while the bench runs. */
const NEVER_AGAIN_MS = 24 * 60 * 60_000;
/** The largest bound that candor allows; a million events are less than half of it. */
const LARGEST_BYTES = 1024 ** 3;

/** What a tool's author may choose, and what the state of the machine then is: by name, with the words for it. */
export const MODES = {
  "not due": { words: "on, no upload due", delivery: { minimumIntervalMs: NEVER_AGAIN_MS } },
  uploading: { words: "on, starts an upload", delivery: { minimumIntervalMs: 0 } },
  "uploading, durable at spill": { words: "on, durable at spill, starts an upload", delivery: { minimumIntervalMs: 0, durability: "spill" } },
  "first command": { words: "on, the first command after the yes, starts an upload", delivery: { minimumIntervalMs: 0 } },
  awaited: { words: "on, the tool waits for the delivery", delivery: { minimumIntervalMs: 0, by: "inline" } },
  "not due, durable at spill": { words: "on, durable at spill", delivery: { minimumIntervalMs: NEVER_AGAIN_MS, durability: "spill" } },
  "default interval": { words: "on, at most one upload in ten seconds", delivery: {} },
  "short interval": { words: "on, at most one upload a second", delivery: { minimumIntervalMs: 1_000 } },
  filling: { words: "on, with the largest bound on the spool", delivery: { minimumIntervalMs: NEVER_AGAIN_MS, durability: "spill" }, bounds: { spoolBytes: LARGEST_BYTES } },
  "filling, durable at track": { words: "on, with the largest bound on the spool", delivery: { minimumIntervalMs: NEVER_AGAIN_MS }, bounds: { spoolBytes: LARGEST_BYTES } },
};

/** A collector in the directories of BENCH_DATA, with the backend of BENCH_BACKEND (JSON; default: the built-in http). */
export async function createBenchCollector({ endpoint = "http://127.0.0.1:9/", mode = "default interval" }) {
  const { createCollector } = await import("@candor/core");
  const { BENCH_DATA: data, BENCH_BACKEND: backend = '{"use":"http"}' } = process.env;
  const { delivery, bounds } = MODES[mode];
  return createCollector({
    tool: "bench",
    version: "1.0.0",
    backend: { ...JSON.parse(backend), endpoint },
    directories: { data, config: path.join(data, "config") },
    delivery,
    ...(bounds ? { bounds } : {}),
  });
}

export async function open(settings) {
  const collector = await createBenchCollector(settings);
  return {
    track: (name, properties) => collector.track("feature.used", name, properties),
    close: () => undefined,
    seal: () => collector.close(),
    async drain() {
      const { status, reason } = await collector.flush({ timeoutMs: 600_000 });
      if (status !== "delivered") throw new Error(`the spool was not emptied: ${reason}`);
    },
  };
}
