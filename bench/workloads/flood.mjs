/**
 * The flood: very many events against a destination that never answers. Prints a line of JSON for each tenth, so that a process that
 * dies of it has said how far it came.
 *
 * Usage: node flood.mjs <candidate>. BENCH_ENDPOINT, BENCH_MODE, BENCH_RUN, BENCH_EVENTS, BENCH_LIMIT_MS.
 */
import { writeSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { NAME, properties } from "./event.mjs";

const { BENCH_ENDPOINT: endpoint, BENCH_MODE: mode, BENCH_RUN: run = "000000", BENCH_EVENTS: events = "1000000", BENCH_LIMIT_MS: limitMs = "20000" } = process.env;
const total = Number(events);
const { open } = await import(`../candidates/${process.argv[2]}.mjs`);
const telemetry = await open({ endpoint, mode, longLived: true });

const startedAt = performance.now();
let tracked = 0;
while (tracked < total && performance.now() - startedAt < Number(limitMs)) {
  for (let call = 0; call < 200; call++) telemetry.track(NAME, properties(run, tracked++));
  if (tracked % Math.ceil(total / 10) < 200) report();
  await turn();
}
report();
process.exit(0);

function report() {
  const { maxRSS } = process.resourceUsage();
  writeSync(1, `${JSON.stringify({ tracked, ms: Math.round(performance.now() - startedAt), rssMb: process.memoryUsage.rss() / 2 ** 20, peakRssMb: maxRSS / 1024 })}\n`);
}
