/**
 * The bench: `npm run bench`. Measures every part in turn, judges the budgets, and writes results.json and results.md when all parts were
 * measured in full.
 *
 *   --quick          counts and bounds only, in less than two minutes; writes nothing
 *   --check          ends with 1 when a budget is missed
 *   --kept           ends with 1 when a budget is missed that the last full measurement met
 *   --part <name>    one part (may be given again); writes nothing
 *   --runs <factor>  multiplies the number of runs; below 1 for a first look, which writes nothing
 *   --json           prints the figures of the parts as JSON, too
 */
import { readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { judge } from "./budgets.mjs";
import { versions } from "./candidates/index.mjs";
import { startReceiver } from "./instruments/receiver.mjs";
import { PARTS } from "./parts/index.mjs";
import { renderBudgets, renderReport } from "./report.mjs";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
    kept: { type: "boolean", default: false },
    part: { type: "string", multiple: true },
    runs: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});
const factor = Number(options.runs);
if (!(factor > 0)) throw new Error("--runs must be a number above 0");
const parts = PARTS.filter(({ name, quick }) => (options.part ? options.part.includes(name) : quick || !options.quick));
if (parts.length === 0) throw new Error(`--part must be one of ${PARTS.map(({ name }) => name).join(", ")}`);

const machine = {
  node: process.versions.node,
  platform: `${process.platform} ${os.release().split("-")[0]}`,
  cpu: os.cpus()[0]?.model.trim() ?? "unknown",
  cores: os.availableParallelism(),
  loadBefore: os.loadavg()[0],
};
// Read before a full measurement replaces it.
const metBefore = new Set(JSON.parse(readFileSync(path.join(import.meta.dirname, "results.json"), "utf8")).budgets.filter(({ met }) => met).map(({ budget }) => budget));
const startedAt = performance.now();
const results = { measuredAt: new Date().toISOString(), machine, versions: await versions(), parts: {} };
const receiver = await startReceiver();
try {
  const context = { receiver, quick: options.quick, runs: (normally) => Math.max(2, Math.round(normally * factor)) };
  for (const { name, title, measure, render } of parts) {
    const partStartedAt = performance.now();
    results.parts[name] = await measure(context);
    const seconds = ((performance.now() - partStartedAt) / 1000).toFixed(0);
    console.log(`\n## ${title} (${seconds} s)\n\n${render(results.parts[name]).join("\n\n")}`);
  }
} finally {
  await receiver.close();
}
results.seconds = Math.round((performance.now() - startedAt) / 1000);
results.budgets = judge(results);
console.log(`\n## Budgets (${results.seconds} s in all)\n\n${renderBudgets(results.budgets)}`);
if (options.json) console.log(JSON.stringify(results.parts));

if (parts.length === PARTS.length && !options.quick && factor >= 1) {
  writeFileSync(path.join(import.meta.dirname, "results.json"), `${JSON.stringify(results, undefined, 1)}\n`);
  writeFileSync(path.join(import.meta.dirname, "results.md"), renderReport(results));
  console.log("\nWritten: bench/results.json, bench/results.md. Run: node scripts/check-bench-table.mjs --write");
}
const missed = results.budgets.filter(({ met }) => !met);
if (missed.length > 0) console.log(`\n${missed.length} of ${results.budgets.length} budgets are missed.`);
const lost = options.kept ? missed.filter(({ budget }) => metBefore.has(budget)) : [];
for (const { budget } of lost) console.log(`It was met before: ${budget}`);
process.exit((options.check && missed.length > 0) || lost.length > 0 ? 1 : 0);
