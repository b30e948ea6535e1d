/**
 * The installed tool: the workloads and candidates as a user has them, in a `node_modules`. In a checkout candor takes its time to tell
 * the author of every mistake, which no user pays for.
 */
import { cpSync, rmSync } from "node:fs";
import path from "node:path";

const bench = path.join(import.meta.dirname, "..");
const tool = path.join(bench, "node_modules/bench-tool");
let isInstalled = false;

/** The directory of the tool; puts it there at the first call. */
export function installedTool() {
  if (isInstalled) return tool;
  rmSync(tool, { recursive: true, force: true });
  for (const folder of ["candidates", "workloads"]) cpSync(path.join(bench, folder), path.join(tool, folder), { recursive: true });
  isInstalled = true;
  return tool;
}
