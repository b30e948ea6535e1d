/**
 * The hot path: what one call costs the code that makes it. Prints the nanoseconds for a call, one figure a round; only the calls are
 * timed, and between rounds the candidate has time to send.
 *
 * Usage: node hot-path.mjs <candidate>. BENCH_ENDPOINT, BENCH_MODE, BENCH_RUN; BENCH_PROPERTIES=leaky attaches secrets.
 */
import { setImmediate as turn } from "node:timers/promises";
import { leakyProperties, NAME, properties } from "./event.mjs";

const ROUNDS = 25;
const WARM_UP_ROUNDS = 10;
const CALLS = 1_000;

const { BENCH_ENDPOINT: endpoint, BENCH_MODE: mode, BENCH_RUN: run = "000000", BENCH_PROPERTIES: kind } = process.env;
const { open } = await import(`../candidates/${process.argv[2]}.mjs`);
const telemetry = await open({ endpoint, mode, longLived: true });
const make = kind === "leaky" ? leakyProperties : properties;

const nsPerCall = [];
for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
  const events = Array.from({ length: CALLS }, (_, call) => make(run, round * CALLS + call));
  const startedAt = process.hrtime.bigint();
  for (const event of events) telemetry.track(NAME, event);
  const ns = Number(process.hrtime.bigint() - startedAt);
  if (round >= WARM_UP_ROUNDS) nsPerCall.push(ns / CALLS);
  for (let pause = 0; pause < 5; pause++) await turn();
}
process.stdout.write(JSON.stringify({ nsPerCall }), () => process.exit(0));
