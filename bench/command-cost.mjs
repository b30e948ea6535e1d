/**
 * What telemetry costs a command: `npm run bench`.
 *
 * The same small tool is run with telemetry off, and on against a destination in each state: healthy, slow, refusing, and
 * accepting without ever answering. Runs alternate, so that a busy machine burdens all of them alike; the figures are
 * medians with quartiles, and differences are taken between neighbours. `--runs N` sets how many (default 40).
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startDestinations } from "./destinations.mjs";

const runs = Number(process.argv[process.argv.indexOf("--runs") + 1]) || 40;
const work = mkdtempSync(path.join(tmpdir(), "candor-bench-"));
const core = { esm: "../packages/core/dist/esm/index.js", cjs: "../packages/core/dist/cjs/index.js" };
const at = (file) => path.resolve(import.meta.dirname, file);

const destinations = await startDestinations();
try {
  print("Importing core and creating a collector, telemetry off; over an empty process of the same module kind", importCost());
  print("One command with one event, telemetry on; over the same command with telemetry off", commandCost());
} finally {
  await destinations.close();
  rmSync(work, { recursive: true, force: true, maxRetries: 5 });
}

function importCost() {
  const create = 'createCollector({ tool: "bench", version: "1", backend: { use: "http", endpoint: "https://telemetry.example.com/" } }).enabled;';
  const programs = {
    "ESM": [write("empty.mjs", ""), write("core.mjs", `import { createCollector } from "${at(core.esm)}";\n${create}`)],
    "ESM, import only": [write("empty2.mjs", ""), write("import.mjs", `import "${at(core.esm)}";`)],
    "CommonJS": [write("empty.cjs", ""), write("core.cjs", `const { createCollector } = require("${at(core.cjs)}");\n${create}`)],
    "CommonJS, require only": [write("empty2.cjs", ""), write("import.cjs", `require("${at(core.cjs)}");`)],
  };
  const samples = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
  for (let run = -2; run < runs; run++) {
    for (const [name, [control, program]] of Object.entries(programs)) {
      const pair = [time(control, environment("import")), time(program, environment("import"))];
      if (run >= 0) samples[name].push(pair);
    }
  }
  return samples;
}

function commandCost() {
  const tool = write("tool.mjs", toolSource());
  const cases = Object.entries(destinations.endpoints).flatMap(([state, endpoint]) =>
    ["track", "spill"].map((durability) => ({ name: `${state}, durable at ${durability}`, endpoint, durability, home: `${state}-${durability}` })),
  );
  const samples = Object.fromEntries(cases.map(({ name }) => [name, []]));
  for (let run = -2; run < runs; run++) {
    for (const { name, endpoint, durability, home } of cases) {
      const settings = { BENCH_ENDPOINT: endpoint, BENCH_DURABILITY: durability };
      const off = time(tool, environment(home, { ...settings, BENCH_TELEMETRY: "off" }));
      const on = time(tool, environment(home, { ...settings, BENCH_TELEMETRY: "on" }));
      if (run >= 0) samples[name].push([off, on]);
    }
  }
  return samples;
}

/** Reads a file and says how long it is: a command that does something, quickly. */
function toolSource() {
  return `
    import { readFileSync } from "node:fs";
    import { createCollector } from "${at(core.esm)}";
    const startedAt = performance.now();
    const collector = createCollector({
      tool: "bench",
      version: "1.0.0",
      backend: { use: "http", endpoint: process.env.BENCH_ENDPOINT },
      delivery: { durability: process.env.BENCH_DURABILITY },
    });
    console.log(readFileSync(process.argv[1], "utf8").length);
    collector.trackCommand("bench count", { durationMs: performance.now() - startedAt, exitCode: 0 }, { lines: 12, format: "text" });`;
}

function environment(home, more = {}) {
  return { PATH: process.env.PATH, HOME: path.join(work, home), ...more };
}

function write(name, source) {
  const file = path.join(work, name);
  writeFileSync(file, source);
  return file;
}

function time(file, env) {
  const startedAt = performance.now();
  const { status } = spawnSync(process.execPath, [file], { env, stdio: "ignore" });
  if (status !== 0) throw new Error(`${file} ended with ${status}`);
  return performance.now() - startedAt;
}

function print(title, samples) {
  console.log(`\n${title} (${runs} pairs each)\n`);
  console.log("| case | control, median ms | added, median ms | quartiles |\n| --- | ---: | ---: | ---: |");
  for (const [name, pairs] of Object.entries(samples)) {
    const added = pairs.map(([control, candidate]) => candidate - control);
    const row = [quantile(pairs.map(([control]) => control), 0.5), quantile(added, 0.5)].map((ms) => ms.toFixed(1));
    console.log(`| ${name} | ${row.join(" | ")} | ${quantile(added, 0.25).toFixed(1)} to ${quantile(added, 0.75).toFixed(1)} |`);
  }
}

function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * share)];
}
