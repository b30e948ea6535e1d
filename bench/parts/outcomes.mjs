/**
 * What becomes of the events, and what a run uses: three events of ten properties, every candidate, every state of the destination.
 * Events are counted at the receiver, and on disk; CPU includes what is left behind. What waits for
 * seconds waits side by side.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { REFERENCES, VENDORS } from "../candidates/index.mjs";
import { createHome } from "../instruments/homes.mjs";
import { endLeftBehind, follow, unavailable } from "../instruments/left-behind.mjs";
import { nextRun, observe, workload } from "../instruments/processes.mjs";
import { STATES } from "../instruments/receiver.mjs";
import { median, round } from "../instruments/statistics.mjs";
import { markdownTable, ms } from "../instruments/tables.mjs";
import { EVENTS } from "../workloads/event.mjs";
import { describe, isOn, TIMED_MODES } from "./command-cost.mjs";

export const name = "outcomes";
export const title = "What becomes of the events";
export const quick = true;

/** Nobody waits longer for a command; what runs longer is ended. */
const CAP_MS = 30_000;
const SIDE_BY_SIDE = 8;
/** What takes less is not waiting but working, and is run again with the machine to itself. */
const WORKING_MS = 3_000;
const SICK = ["never answers", "refused", "503"];

export async function measure({ receiver, quick: isQuick }) {
  const repeats = isQuick ? 2 : 5;
  const rows = [];
  const own = [
    { candidate: "control", state: "instant" },
    { candidate: "candor", mode: "off", state: "instant" },
    ...STATES.flatMap((state) => [...TIMED_MODES.map((mode) => ({ candidate: "candor", mode, state })), ...REFERENCES.map((candidate) => ({ candidate, state }))]),
    ...(isQuick ? ["instant", "150 ms"] : STATES).map((state) => ({ candidate: "candor", mode: "awaited", state })),
    ...(isQuick ? [] : ["instant", "150 ms"].flatMap((state) => VENDORS.map((candidate) => ({ candidate, state })))),
  ];
  for (const item of own) rows.push(digest(item, await repeat(repeats, item, receiver)));
  if (isQuick) return rows;
  // The longest first, so that nothing long is left for the end.
  const slow = SICK.flatMap((state) => VENDORS.map((candidate) => ({ candidate, state })));
  const queue = slow.flatMap((item) => [item, item, item]);
  const seen = new Map(slow.map((item) => [item, []]));
  await Promise.all(
    Array.from({ length: SIDE_BY_SIDE }, async () => {
      for (let item = queue.shift(); item; item = queue.shift()) seen.get(item).push(...(await repeat(1, item, receiver)));
    }),
  );
  for (const item of slow) {
    const working = median(seen.get(item).map(({ ms: took }) => took)) < WORKING_MS;
    rows.push(digest(item, working ? await repeat(repeats, item, receiver) : seen.get(item)));
  }
  return rows;
}

/** Runs a case in a home of its own. What candor does once for a home, its first command, which does not count, has done. */
async function repeat(times, item, receiver) {
  const home = await createHome({ consent: isOn(item) ? "given" : undefined });
  if (isOn(item)) await runOnce(item, home, receiver);
  const results = [];
  for (let index = 0; index < times; index++) results.push(await runOnce(item, home, receiver));
  home.dispose();
  return results;
}

async function runOnce({ candidate, mode, state }, home, receiver) {
  home.emptySpool();
  if (mode === "not due") home.uploadedJustNow();
  else home.neverUploaded();
  const run = nextRun();
  const usage = path.join(home.path, "usage.json");
  const settings = { BENCH_RUN: run, BENCH_ENDPOINT: receiver.endpoints[state], BENCH_MODE: mode === "off" ? "not due" : (mode ?? ""), BENCH_USAGE: usage };
  const ended = await observe([workload("command.mjs"), candidate], { ...home.run(settings), limitMs: CAP_MS });
  const healthy = !SICK.includes(state);
  const background = healthy ? await follow(run) : undefined;
  if (!healthy) await endLeftBehind(run);
  const kept = home.eventsOnDisk(run);
  const { events: acknowledged, duplicates, requests } = await receiver.tally(run);
  await receiver.forget(run);
  const used = ended.signal ? undefined : JSON.parse(readFileSync(usage, "utf8"));
  return {
    ms: ended.ms,
    status: ended.signal ? "ended" : ended.status,
    printed: ended.stdout.replace(/^\d+\n/, "").length + ended.stderr.length,
    acknowledged,
    kept,
    duplicates,
    requests,
    cpuMs: used && (used.userCPUTime + used.systemCPUTime) / 1000,
    peakRssMb: used && used.maxRSS / 1024,
    backgroundCpuMs: unavailable ? undefined : background?.cpuMs,
  };
}

/** Medians for what is used; the worst for what is lost. */
function digest({ candidate, mode, state }, runs) {
  const middle = (figure) => {
    const values = runs.map((run) => run[figure]).filter((value) => value !== undefined);
    return values.length === 0 ? undefined : round(median(values), 1);
  };
  const tracked = candidate === "control" || mode === "off" ? 0 : EVENTS;
  return {
    candidate,
    ...(mode ? { mode } : {}),
    state,
    runs: runs.length,
    ms: middle("ms"),
    capped: runs.filter(({ status }) => status === "ended").length,
    statuses: [...new Set(runs.map(({ status }) => status))],
    printedBytes: Math.max(...runs.map(({ printed }) => printed)),
    tracked,
    acknowledged: Math.min(...runs.map((run) => run.acknowledged)),
    keptWorst: Math.min(...runs.map((run) => run.kept)),
    lostWorst: Math.max(...runs.map((run) => tracked - Math.min(tracked, run.acknowledged + run.kept))),
    duplicates: Math.max(...runs.map((run) => run.duplicates)),
    requests: Math.max(...runs.map((run) => run.requests)),
    cpuMs: middle("cpuMs"),
    backgroundCpuMs: middle("backgroundCpuMs"),
    peakRssMb: middle("peakRssMb"),
  };
}

export function render(rows) {
  const { cpuMs, peakRssMb } = rows.find(({ candidate }) => candidate === "control");
  const background = rows.some(({ backgroundCpuMs }) => typeof backgroundCpuMs === "number");
  return [
    `The command without telemetry used ${ms(cpuMs)} ms of CPU and ${ms(peakRssMb)} MB. "Lost" is neither acknowledged nor on disk, the worst of the runs; a run is ended after 30 s. CPU of what is left behind ${background ? "is the kernel's account, read every millisecond" : "could not be measured on this platform"}.`,
    markdownTable(
      ["case", "destination", "took, ms", "CPU added, ms", "left behind, CPU ms", "memory added, MB", "requests", "acknowledged", "kept", "lost", "exit status", "bytes printed"],
      rows.map((row) => [
        row.candidate === "control" ? "no telemetry" : describe(row),
        row.state,
        row.capped > 0 ? "over 30 s" : ms(row.ms),
        row.cpuMs === undefined ? "" : ms(row.cpuMs - cpuMs),
        ms(row.backgroundCpuMs),
        row.peakRssMb === undefined ? "" : ms(row.peakRssMb - peakRssMb),
        row.requests,
        row.acknowledged,
        row.keptWorst,
        row.lostWorst,
        row.statuses.join(", "),
        row.printedBytes,
      ]),
    ),
  ];
}
