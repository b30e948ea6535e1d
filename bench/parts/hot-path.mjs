/** The hot path: nanoseconds of one call with ten properties. Three processes a case, in turn; the median of all their rounds. */
import { createHome } from "../instruments/homes.mjs";
import { ask, interleave, nextRun, workload } from "../instruments/processes.mjs";
import { summary } from "../instruments/statistics.mjs";
import { count, markdownTable } from "../instruments/tables.mjs";

export const name = "hotPath";
export const title = "One call";
export const quick = false;

const CASES = [
  { case: "reference: build, serialise, append", candidate: "reference-append", mode: "written-through" },
  { case: "reference: build, serialise, keep in memory", candidate: "reference-append", mode: "" },
  { case: "candor, off", candidate: "candor", mode: "not due", consent: "none" },
  { case: "candor, durable at track", candidate: "candor", mode: "not due" },
  { case: "candor, durable at track, two secrets to redact", candidate: "candor", mode: "not due", properties: "leaky" },
  { case: "candor, durable at spill", candidate: "candor", mode: "not due, durable at spill" },
  { case: "amplitude, track", candidate: "amplitude", mode: "" },
  { case: "posthog, capture", candidate: "posthog", mode: "" },
  { case: "opentelemetry, emit", candidate: "opentelemetry", mode: "" },
  { case: "segment, track", candidate: "segment", mode: "" },
];

export async function measure({ receiver, runs }) {
  const samples = new Map(CASES.map((item) => [item, []]));
  await interleave(CASES, runs(3), async (item) => samples.get(item).push(...(await roundsOf(item, receiver))), { warmUp: 0 });
  return CASES.map((item) => ({ case: item.case, nsPerCall: summary(samples.get(item), 1) }));
}

async function roundsOf({ candidate, mode, properties, consent }, receiver) {
  const home = await createHome({ consent: candidate === "candor" && consent !== "none" ? "given" : undefined });
  home.uploadedJustNow();
  const settings = { BENCH_RUN: nextRun(), BENCH_ENDPOINT: receiver.endpoints.instant, BENCH_MODE: mode, BENCH_PROPERTIES: properties ?? "" };
  const { nsPerCall } = await ask([workload("hot-path.mjs"), candidate], home.run(settings));
  home.dispose();
  return nsPerCall;
}

export function render(rows) {
  const reference = rows[0].nsPerCall.median;
  return [
    "Datadog's client has no queue, so its call is an array's push and is left out. A destination that answers at once stands behind every candidate.",
    "The calls alone: as the vendors' queues do, candor durable at spill does the rest of the work when the tool pauses; the next table has all of it.",
    markdownTable(
      ["case", "ns", "quartiles", "of the reference"],
      rows.map(({ case: words, nsPerCall }) => [words, count(nsPerCall.median), `${count(nsPerCall.low)} to ${count(nsPerCall.high)}`, (nsPerCall.median / reference).toFixed(2)]),
    ),
  ];
}
