/**
 * Checks the boundaries between packages (who may import whom) and that the start of a command loads one file. `backend` is the leaf; backends import only it; core
 * imports `backend` and `backend-file`; adapters import core; nothing imports an adapter.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const ALLOWED = {
  backend: [],
  "backend-file": ["backend"],
  "backend-otel": ["backend"],
  "backend-amplitude": ["backend"],
  "backend-posthog": ["backend"],
  "backend-datadog": ["backend"],
  "backend-counters": ["backend"],
  core: ["backend", "backend-file"],
  cli: ["core"],
  testing: ["backend"],
};

const packages = path.resolve(import.meta.dirname, "../packages");
const faults = [];

for (const name of readdirSync(packages)) {
  const allowed = ALLOWED[name];
  if (!allowed) {
    faults.push(`packages/${name}: not listed in scripts/check-boundaries.mjs`);
    continue;
  }
  const source = path.join(packages, name, "src");
  for (const file of readdirSync(source, { recursive: true, encoding: "utf8" }).filter((entry) => entry.endsWith(".ts"))) {
    for (const [, target] of readFileSync(path.join(source, file), "utf8").matchAll(/(?:from|import\()\s*"@candor\/([a-z-]+)/g)) {
      if (target !== name && !allowed.includes(target)) faults.push(`packages/${name}/src/${file}: imports @candor/${target}`);
    }
  }
}

// What a command loads at its start is one file that waits for nothing else.
const startUp = {
  "core/dist/esm/index.js": /^(?:import|export)\s*(?:[^;("]*\sfrom\s*)?"([^"]+)"/gm,
  "core/dist/cjs/index.js": /^(?:(?:var|let|const)\s[^=;]+=\s*)?(?:\w+\()?require\("([^"]+)"\)/gm,
};
for (const [file, loading] of Object.entries(startUp)) {
  for (const [, target] of readFileSync(path.join(packages, file), "utf8").matchAll(loading)) faults.push(`packages/${file}: loads ${target} at its start`);
}

if (faults.length > 0) {
  console.error(faults.join("\n"));
  process.exit(1);
}
console.log("boundaries: every import is allowed");
