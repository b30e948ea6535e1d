/**
 * The command: reads a file, says how long it is, records its events with one candidate and ends as that candidate's documentation
 * asks. Every candidate pays for the same surroundings, the control included.
 *
 * Usage: node command.mjs <candidate>. BENCH_ENDPOINT, BENCH_MODE, BENCH_RUN and BENCH_FIRST (the number of the first event) say the
 * rest; BENCH_USAGE names a file for what the process used, written as the last thing it does.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { EVENTS, NAME, properties } from "./event.mjs";

const { BENCH_ENDPOINT: endpoint, BENCH_MODE: mode, BENCH_RUN: run = "000000", BENCH_FIRST: first = "0", BENCH_USAGE: usageFile } = process.env;
const [, script, candidate] = process.argv;

const { open } = await import(`../candidates/${candidate}.mjs`);
console.log(readFileSync(script, "utf8").length);
const telemetry = await open({ endpoint, mode });
for (let event = 0; event < EVENTS; event++) telemetry.track(NAME, properties(run, Number(first) + event));
if (usageFile) process.on("exit", () => writeFileSync(usageFile, JSON.stringify(process.resourceUsage())));
await telemetry.close();
