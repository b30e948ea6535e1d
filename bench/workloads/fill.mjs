/**
 * The filling: tracks events into candor's spool and seals them, without sending. Prints how long it took.
 *
 * Usage: node fill.mjs. BENCH_MODE, BENCH_ENDPOINT, BENCH_RUN, BENCH_EVENTS.
 */
import { NAME, properties } from "./event.mjs";
import { open } from "../candidates/candor.mjs";

const { BENCH_ENDPOINT: endpoint, BENCH_MODE: mode, BENCH_RUN: run = "000000", BENCH_EVENTS: events } = process.env;
const telemetry = await open({ endpoint, mode });
const startedAt = performance.now();
for (let sequence = 0; sequence < Number(events); sequence++) telemetry.track(NAME, properties(run, sequence));
await telemetry.seal();
console.log(JSON.stringify({ ms: performance.now() - startedAt, peakRssMb: process.resourceUsage().maxRSS / 1024 }));
