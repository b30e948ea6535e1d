/** The spill: how fast events reach the disk and become batches, under a bound of 1 GiB, so that none is deleted to make room. */
import { statSync } from "node:fs";
import { createHome } from "../instruments/homes.mjs";
import { ask, interleave, nextRun, workload } from "../instruments/processes.mjs";
import { summary } from "../instruments/statistics.mjs";
import { count, markdownTable } from "../instruments/tables.mjs";

export const name = "spill";
export const title = "From the tool to the disk";
export const quick = false;

const EVENTS = 200_000;
const CASES = [
  { case: "durable at track", mode: "filling, durable at track" },
  { case: "durable at spill", mode: "filling" },
];

export async function measure({ receiver, runs }) {
  const samples = new Map(CASES.map((item) => [item, { rate: [], bytes: 0, onDisk: [] }]));
  await interleave(CASES, runs(3), async (item) => {
    const { home, run, ms } = await fill(item.mode, EVENTS, receiver);
    const sample = samples.get(item);
    sample.rate.push((EVENTS / ms) * 1000);
    sample.onDisk.push(home.eventsOnDisk(run));
    sample.bytes = home.spoolFiles().reduce((sum, file) => sum + statSync(file).size, 0);
    home.dispose();
  }, { warmUp: 0 });
  return CASES.map((item) => {
    const { rate, bytes, onDisk } = samples.get(item);
    return { case: item.case, events: EVENTS, perSecond: summary(rate, 0), bytesPerEvent: Math.round(bytes / EVENTS), lost: EVENTS - Math.min(...onDisk) };
  });
}

/** Fills the spool of a new home. */
export async function fill(mode, events, receiver) {
  const home = await createHome({ consent: "given" });
  home.uploadedJustNow();
  const run = nextRun();
  const { ms } = await ask([workload("fill.mjs")], home.run({ BENCH_RUN: run, BENCH_ENDPOINT: receiver.endpoints.instant, BENCH_MODE: mode, BENCH_EVENTS: events }));
  return { home, run, ms };
}

export function render(rows) {
  return [
    markdownTable(
      ["candor", "events", "events per second", "quartiles", "bytes an event", "MB per second", "lost"],
      rows.map(({ case: words, events, perSecond, bytesPerEvent, lost }) => [
        words,
        count(events),
        count(perSecond.median),
        `${count(perSecond.low)} to ${count(perSecond.high)}`,
        bytesPerEvent,
        count((perSecond.median * bytesPerEvent) / 1e6),
        lost,
      ]),
    ),
  ];
}
