/** The candidates by file name, in the order in which tables show them. None of them loads its SDK before it is opened. */
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import path from "node:path";

export const REFERENCES = ["reference-append", "reference-spawn"];
export const VENDORS = ["amplitude", "posthog", "opentelemetry", "segment", "datadog"];

/** What a candidate says about itself. */
export async function about(candidate) {
  return (await import(`./${candidate}.mjs`)).about;
}

/** The versions that are installed, by package. */
export async function versions() {
  const packages = (await Promise.all(["candor", ...VENDORS].map(about))).flatMap((each) => each.packages);
  return Object.fromEntries(packages.map((name) => [name, versionOf(name)]));
}

/** Not every package exports its manifest. */
function versionOf(name) {
  const require = createRequire(import.meta.url);
  for (const folder of require.resolve.paths(name)) {
    try {
      return JSON.parse(readFileSync(path.join(folder, name, "package.json"), "utf8")).version;
    } catch {
      // Not in this folder; the next one above may have it.
      continue;
    }
  }
  throw new Error(`${name} is not installed`);
}
