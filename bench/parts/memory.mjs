/**
 * Memory: a million events against a destination that never answers, in a process that may have a gigabyte of JavaScript's heap.
 * The resident size is looked at after every tenth, to tell what is bounded from what merely grows slowly.
 */
import { statSync } from "node:fs";
import { VENDORS } from "../candidates/index.mjs";
import { createHome } from "../instruments/homes.mjs";
import { endLeftBehind } from "../instruments/left-behind.mjs";
import { nextRun, observe, workload } from "../instruments/processes.mjs";
import { round } from "../instruments/statistics.mjs";
import { count, markdownTable } from "../instruments/tables.mjs";

export const name = "memory";
export const title = "A million events and a dead destination";
export const quick = true;

const LIMIT_MS = 20_000;
/** candor must come to the end, also on a machine that is busy: its budget is a count. */
const OWN_LIMIT_MS = 120_000;
const HEAP_MB = 1_024;

export async function measure({ receiver, quick: isQuick }) {
  const events = isQuick ? 200_000 : 1_000_000;
  const cases = [
    { case: "no telemetry", candidate: "control", mode: "" },
    { case: "candor, durable at track", candidate: "candor", mode: "not due" },
    { case: "candor, durable at spill", candidate: "candor", mode: "not due, durable at spill" },
    ...(isQuick ? [] : VENDORS.filter((vendor) => vendor !== "datadog").map((candidate) => ({ case: candidate, candidate, mode: "" }))),
  ];
  const rows = [];
  for (const item of cases) rows.push({ case: item.case, asked: events, ...(await flood(item, events, receiver)) });
  return rows;
}

async function flood({ candidate, mode }, events, receiver) {
  const home = await createHome({ consent: candidate === "candor" ? "given" : undefined });
  home.uploadedJustNow();
  const run = nextRun();
  const limitMs = candidate === "candor" ? OWN_LIMIT_MS : LIMIT_MS;
  const settings = { BENCH_RUN: run, BENCH_ENDPOINT: receiver.endpoints["never answers"], BENCH_MODE: mode, BENCH_EVENTS: events, BENCH_LIMIT_MS: limitMs };
  const ended = await observe([workload("flood.mjs"), candidate], {
    ...home.run(settings),
    limitMs: 2 * limitMs,
    nodeOptions: [`--max-old-space-size=${HEAP_MB}`],
  });
  await endLeftBehind(run);
  const reports = ended.stdout.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));
  const last = reports.at(-1) ?? { tracked: 0, ms: 0, peakRssMb: 0 };
  const peak = (some) => Math.max(...some.map(({ rssMb }) => rssMb));
  const [firstHalf, secondHalf] = [reports.filter((report) => report.tracked <= last.tracked / 2), reports.filter((report) => report.tracked > last.tracked / 2)];
  const spoolBytes = home.spoolFiles().reduce((sum, file) => sum + statSync(file).size, 0);
  home.dispose();
  return {
    tracked: last.tracked,
    seconds: round(last.ms / 1000, 1),
    peakRssMb: round(last.peakRssMb, 0),
    /** How much more was resident in the second half of what was tracked than in the first. */
    grewMb: firstHalf.length > 0 && secondHalf.length > 0 ? round(peak(secondHalf) - peak(firstHalf), 0) : 0,
    spoolMb: round(spoolBytes / 2 ** 20, 1),
    end: ended.status === 0 ? (last.tracked >= events ? "done" : `stopped after ${limitMs / 1000} s`) : /heap out of memory/.test(ended.stderr) ? "out of memory" : "stuck, ended",
  };
}

export function render(rows) {
  return [
    `Ten properties each; 200 calls, then one turn of the event loop; at most ${LIMIT_MS / 1000} s (candor: as long as it takes) and ${count(HEAP_MB)} MB of heap. Datadog's client keeps no queue.`,
    markdownTable(
      ["case", "events tracked", "seconds", "peak resident, MB", "grew in the second half, MB", "on disk, MB", "end"],
      rows.map((row) => [row.case, row.tracked > 0 ? count(row.tracked) : `under ${count(row.asked / 10)}`, row.seconds, count(row.peakRssMb), count(row.grewMb), row.spoolMb, row.end]),
    ),
  ];
}
