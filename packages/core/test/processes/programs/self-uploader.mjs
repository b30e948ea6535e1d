/**
 * A tool that is its own uploader: the backend is in its bundle. As a tool it notes its run in RUNS, tracks the event named by its
 * first argument, and prints its process id.
 */
import { appendFileSync } from "node:fs";
import { createCollector, serveAsUploader } from "../../../dist/esm/index.js";

const backends = { own: () => import("./own-backend.mjs") };

async function main() {
  if (await serveAsUploader(backends)) return;
  appendFileSync(process.env.RUNS, `${process.pid}\n`);
  const { options } = JSON.parse(process.env.TEST_PLAN);
  createCollector({ ...options, backends }).track("tool.use", process.argv[2]);
  process.stdout.write(`${process.pid}\n`);
}

void main();
