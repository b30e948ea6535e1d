/**
 * Checks that what is quoted was measured: bench/results.md and the README's tables are what bench/results.json says, and the versions in it
 * are those that bench/package.json pins. `--write` puts the tables in their places instead.
 */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { judge } from "../bench/budgets.mjs";
import { renderReport, renderSummary } from "../bench/report.mjs";

const root = path.resolve(import.meta.dirname, "..");
const read = (file) => readFileSync(path.join(root, file), "utf8");

const BEGIN = "<!-- bench: from bench/results.json by scripts/check-bench-table.mjs -->";
const END = "<!-- bench: end -->";

const results = JSON.parse(read("bench/results.json"));
// The budgets are judged anew, so that a limit cannot be changed without the tables saying so.
results.budgets = judge(results);
const readme = read("README.md");
const [before, rest] = split(readme, BEGIN);
const [, after] = split(rest, END);
const wanted = { "bench/results.md": renderReport(results), "README.md": `${before}${BEGIN}\n\n${renderSummary(results)}\n\n${END}${after}` };

const faults = pins();
for (const [file, text] of Object.entries(wanted)) {
  if (read(file) === text) continue;
  if (process.argv.includes("--write")) writeFileSync(path.join(root, file), text);
  else faults.push(`${file} does not say what bench/results.json says; run: node scripts/check-bench-table.mjs --write`);
}
if (faults.length > 0) {
  console.error(faults.join("\n"));
  process.exit(1);
}
console.log("bench: the README and results.md say what results.json says");

function split(text, mark) {
  const at = text.indexOf(mark);
  if (at < 0) throw new Error(`README.md lacks the line ${mark}`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}

/** A candidate that is pinned to another version than the one measured. */
function pins() {
  const { devDependencies } = JSON.parse(read("bench/package.json"));
  return Object.entries(results.versions).flatMap(([name, version]) => {
    const pinned = devDependencies[name] ?? "nothing";
    return name.startsWith("@candor/") || pinned === version ? [] : [`bench/results.json measured ${name} ${version}, and bench/package.json pins ${pinned}`];
  });
}
