/**
 * The drain: events per second up to the acknowledgement, and the memory it takes, for a million events where not said otherwise. candor reads them from its
 * spool; the others get them in memory and are flushed as often as their queues need to lose nothing.
 */
import { createHome } from "../instruments/homes.mjs";
import { ask, nextRun, workload } from "../instruments/processes.mjs";
import { round } from "../instruments/statistics.mjs";
import { count, markdownTable } from "../instruments/tables.mjs";
import { fill } from "./spill.mjs";

export const name = "drain";
export const title = "From the spool to the acknowledgement";
export const quick = false;

const EVENTS = 1_000_000;
const CASES = [
  { case: "candor, http", candidate: "candor", backend: { use: "http" } },
  { case: "candor, otlp (gzip, its default)", candidate: "candor", backend: { use: "otlp" } },
  { case: "candor, otlp, not compressed", candidate: "candor", backend: { use: "otlp", gzip: false }, events: 300_000 },
  { case: "posthog, flush() every 500", candidate: "posthog" },
  { case: "opentelemetry (not compressed, its default), forceFlush() every 2,000", candidate: "opentelemetry" },
  { case: "opentelemetry, gzip, forceFlush() every 2,000", candidate: "opentelemetry", env: { OTEL_EXPORTER_OTLP_COMPRESSION: "gzip" } },
  { case: "amplitude, flush() every 1,000", candidate: "amplitude", events: 200_000 },
];

export async function measure({ receiver, runs }) {
  const rows = [];
  for (const item of CASES) {
    const events = Math.ceil((item.events ?? EVENTS) * Math.min(1, runs(10) / 10));
    const { home, run } = item.candidate === "candor" ? await fill("filling", events, receiver) : { home: await createHome(), run: nextRun() };
    const settings = {
      BENCH_RUN: run,
      BENCH_ENDPOINT: receiver.endpoints.instant,
      BENCH_EVENTS: events,
      BENCH_MODE: "filling",
      ...item.env,
      ...(item.backend ? { BENCH_BACKEND: JSON.stringify(item.backend) } : {}),
    };
    const { ms, cpuMs, peakRssMb } = await ask([workload("drain.mjs"), item.candidate], { ...home.run(settings), limitMs: 300_000 });
    const { events: acknowledged, duplicates, requests, bytes } = await receiver.tally(run);
    await receiver.forget(run);
    home.dispose();
    rows.push({
      case: item.case,
      events,
      perSecond: Math.round((events / ms) * 1000),
      cpuUsPerEvent: round((cpuMs * 1000) / events, 1),
      peakRssMb: round(peakRssMb, 0),
      requests,
      bytesPerEvent: Math.round(bytes / events),
      lost: events - acknowledged,
      duplicates,
    });
  }
  return rows;
}

export function render(rows) {
  return [
    markdownTable(
      ["case", "events", "events per second", "CPU an event, us", "peak resident, MB", "requests", "bytes an event", "lost", "twice"],
      rows.map((row) => [row.case, count(row.events), count(row.perSecond), row.cpuUsPerEvent, row.peakRssMb, count(row.requests), row.bytesPerEvent, count(row.lost), count(row.duplicates)]),
    ),
  ];
}
