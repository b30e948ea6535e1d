/** The uploader: what the process that is left behind costs, from the command's end to its own; beside the reference's bare sender. */
import { createHome } from "../instruments/homes.mjs";
import { follow, unavailable } from "../instruments/left-behind.mjs";
import { interleave, nextRun, time, workload } from "../instruments/processes.mjs";
import { summary } from "../instruments/statistics.mjs";
import { markdownTable, ms } from "../instruments/tables.mjs";

export const name = "uploader";
export const title = "What is left behind";
export const quick = false;

const CASES = [
  { case: "reference: detached node that posts", candidate: "reference-spawn" },
  { case: "candor, http", candidate: "candor", backend: { use: "http" } },
  { case: "candor, otlp", candidate: "candor", backend: { use: "otlp" } },
];

export async function measure({ receiver, runs }) {
  if (unavailable) return { unavailable };
  const samples = new Map();
  for (const item of CASES) samples.set(item, { home: await createHome({ consent: item.candidate === "candor" ? "given" : undefined }), figures: { firstRequestMs: [], livedMs: [], cpuMs: [], peakRssMb: [] } });
  await interleave(CASES, runs(15), async (item, counts) => {
    const { home, figures } = samples.get(item);
    home.neverUploaded();
    const run = nextRun();
    const settings = { BENCH_RUN: run, BENCH_ENDPOINT: receiver.endpoints.instant, BENCH_MODE: "uploading", ...(item.backend ? { BENCH_BACKEND: JSON.stringify(item.backend) } : {}) };
    time([workload("command.mjs"), item.candidate], home.run(settings));
    const endedAtMs = Number(process.hrtime.bigint()) / 1e6;
    const { processes, ...used } = await follow(run);
    const { events, firstAtMs } = await receiver.tally(run);
    await receiver.forget(run);
    if (processes !== 1 || events !== 3) throw new Error(`${item.case}: ${processes} processes delivered ${events} events of 3`);
    if (!counts) return;
    figures.firstRequestMs.push(firstAtMs - endedAtMs);
    for (const figure of ["livedMs", "cpuMs", "peakRssMb"]) figures[figure].push(used[figure]);
  });
  return CASES.map((item) => {
    const { home, figures } = samples.get(item);
    home.dispose();
    return { case: item.case, ...Object.fromEntries(Object.entries(figures).map(([figure, values]) => [figure, summary(values, 1)])) };
  });
}

export function render(rows) {
  if (rows.unavailable) return [`Not measured: ${rows.unavailable}.`];
  return [
    "From the command's end; the process was started a few milliseconds before. CPU is the kernel's account, read every millisecond.",
    markdownTable(
      ["case", "first request after, ms", "gone after, ms", "CPU, ms", "quartiles", "peak resident, MB"],
      rows.map((row) => [row.case, ms(row.firstRequestMs.median), ms(row.livedMs.median), ms(row.cpuMs.median), `${ms(row.cpuMs.low)} to ${ms(row.cpuMs.high)}`, row.peakRssMb.median.toFixed(0)]),
    ),
  ];
}
