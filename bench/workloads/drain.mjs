/**
 * The drain: brings events to the destination as fast as the candidate can without losing any. candor finds them in its spool; the
 * others are handed them here and flushed as often as their queues need. Prints how long it took, and the memory.
 *
 * Usage: node drain.mjs <candidate>. BENCH_ENDPOINT, BENCH_MODE, BENCH_RUN, BENCH_EVENTS.
 */
import { NAME, properties } from "./event.mjs";

const { BENCH_ENDPOINT: endpoint, BENCH_MODE: mode, BENCH_RUN: run = "000000", BENCH_EVENTS: events } = process.env;
const { open } = await import(`../candidates/${process.argv[2]}.mjs`);
const telemetry = await open({ endpoint, mode, longLived: true });
const startedAt = performance.now();
if (telemetry.drain) {
  await telemetry.drain();
} else {
  for (let sequence = 0; sequence < Number(events); ) {
    for (let call = 0; call < telemetry.flushEvery; call++) telemetry.track(NAME, properties(run, sequence++));
    await telemetry.flush();
  }
}
const ms = performance.now() - startedAt;
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
process.stdout.write(JSON.stringify({ ms, peakRssMb: maxRSS / 1024, cpuMs: (userCPUTime + systemCPUTime) / 1000 }), () => process.exit(0));
