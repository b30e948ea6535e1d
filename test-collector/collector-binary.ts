/** The collector's binary: where it is, if it is anywhere. It builds nothing and knows no test runner. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** What `build.mjs --find` answers. */
export type CollectorBinary = { readonly status: "built"; readonly path: string } | { readonly status: "not-built" } | { readonly status: "no-go" };

let found: CollectorBinary | undefined;

/** Looks for the binary that belongs to manifest.yaml and the Go on this machine. */
export function findCollector(): CollectorBinary {
  found ??= askBuilder();
  return found;
}

function askBuilder(): CollectorBinary {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(__dirname, "build.mjs"), "--find"], { encoding: "utf8" });
  if (status !== 0) throw new Error(`test-collector/build.mjs failed: ${stderr}`);
  const answer: CollectorBinary = JSON.parse(stdout);
  return answer;
}
