/**
 * What a command pays: the same small command with three events of ten properties, over the command without telemetry that ran right
 * before it, for each state of the destination. Vendors are timed here where their destination answers; how they fare where it does not
 * is a matter of seconds and stands under `outcomes`.
 */
import { MODES } from "../candidates/candor.mjs";
import { REFERENCES, VENDORS } from "../candidates/index.mjs";
import { createHome } from "../instruments/homes.mjs";
import { endLeftBehind, follow } from "../instruments/left-behind.mjs";
import { interleave, nextRun, time, workload } from "../instruments/processes.mjs";
import { STATES } from "../instruments/receiver.mjs";
import { summary } from "../instruments/statistics.mjs";
import { markdownTable, ms, spread } from "../instruments/tables.mjs";

export const name = "command";
export const title = "One command";
export const quick = false;

export const TIMED_MODES = ["not due", "uploading", "uploading, durable at spill"];
const HEALTHY = ["instant", "150 ms"];

export async function measure({ receiver, runs }) {
  const cases = [
    { candidate: "candor", mode: "off", state: "instant" },
    { candidate: "candor", mode: "first command", state: "instant" },
    ...STATES.flatMap((state) => TIMED_MODES.map((mode) => ({ candidate: "candor", mode, state }))),
    ...HEALTHY.map((state) => ({ candidate: "candor", mode: "awaited", state })),
    ...STATES.flatMap((state) => REFERENCES.map((candidate) => ({ candidate, state }))),
    ...HEALTHY.flatMap((state) => VENDORS.map((candidate) => ({ candidate, state, seldom: true }))),
  ];
  for (const item of cases) {
    item.home = await createHome({ consent: item.candidate === "candor" && item.mode !== "off" ? "given" : undefined });
    item.samples = { controlMs: [], addedMs: [], overOffMs: [] };
  }
  const offHome = await createHome();
  let round = 0;
  await interleave(cases, runs(25), async (item, counts) => {
    // Vendors take their time, so they take part in every other round.
    if (item.seldom && counts && round++ % 2 === 1) return;
    const control = time([workload("command.mjs"), "control"], offHome.run());
    const off = isOn(item) ? time([workload("command.mjs"), "candor"], offHome.run({ BENCH_MODE: "not due" })) : undefined;
    const own = await timeOne(item, receiver);
    if (!counts) return;
    item.samples.controlMs.push(control);
    item.samples.addedMs.push(own - control);
    if (off !== undefined) item.samples.overOffMs.push(own - off);
  });
  offHome.dispose();
  return cases.map(({ candidate, mode, state, home, samples }) => {
    home.dispose();
    const figures = Object.fromEntries(Object.entries(samples).map(([figure, values]) => [figure, summary(values)]));
    return { candidate, ...(mode ? { mode } : {}), state, ...figures };
  });
}

/** Whether the case is candor with telemetry on. */
export function isOn({ candidate, mode }) {
  return candidate === "candor" && mode !== "off";
}

/** Times one run in the state that its case describes, and cleans up after it outside the measured time. */
async function timeOne({ candidate, mode, state, home: usual }, receiver) {
  const home = mode === "first command" ? await createHome({ consent: "given" }) : usual;
  if (mode === "not due") home.uploadedJustNow();
  else home.neverUploaded();
  const run = nextRun();
  const settings = { BENCH_RUN: run, BENCH_ENDPOINT: receiver.endpoints[state], BENCH_MODE: mode === "off" ? "not due" : (mode ?? "") };
  const own = time([workload("command.mjs"), candidate], home.run(settings));
  // A sick destination would keep an uploader for seconds, on the cores that the next run needs.
  if (HEALTHY.includes(state)) await follow(run);
  else await endLeftBehind(run);
  home.emptySpool();
  if (home !== usual) home.dispose();
  return own;
}

/** The words for a case. */
export function describe({ candidate, mode }) {
  if (candidate !== "candor") return candidate.replace("reference-append", "reference: append").replace("reference-spawn", "reference: append, detached node");
  return mode === "off" ? "candor, off" : `candor, ${MODES[mode].words}`;
}

export function render(rows) {
  return [
    "The command without telemetry ran right before each run; where telemetry is on, so did the command with candor switched off.",
    markdownTable(
      ["case", "destination", "command, ms", "added, ms", "quartiles", "ratio", "added over candor off, ms", "runs"],
      rows.map((row) => [
        describe(row),
        row.state,
        ms(row.controlMs.median),
        ms(row.addedMs.median),
        spread(row.addedMs),
        ((row.controlMs.median + row.addedMs.median) / row.controlMs.median).toFixed(2),
        ms(row.overOffMs?.median),
        row.addedMs.n,
      ]),
    ),
  ];
}
