/**
 * The budgets: what candor may cost. Each is judged by ratios and counts of one run on one machine. Where a budget is a time, it is that
 * time on the machine it was set on, and as much more as a machine is slower: by its empty process and its command without telemetry for
 * processes, by its reference of building, serialising and appending for single calls. A budget is missed or met; it is never adjusted to a result.
 */
import { TIMED_MODES } from "./parts/command-cost.mjs";
import { STATES } from "./instruments/receiver.mjs";
import { uncertainty } from "./instruments/statistics.mjs";

/** An empty process of Node.js 20 on the machine for which the times were set, in milliseconds. */
const EMPTY_PROCESS_MS = 20;
/** The command without telemetry there, in milliseconds. */
const COMMAND_MS = 25;
/** The reference of building, serialising and appending an event there, in nanoseconds. */
const REFERENCE_CALL_NS = 2_500;

/** Where the noise is larger, nothing can be told; that counts as missed and not as met. */
const MOST_NOISE_MS = 10;

const KB = 1_000;

/** Judges every budget for which the results hold the figures. Answers `{ budget, figure, limit, unit, met }`. */
export function judge(results) {
  const parts = results.parts;
  const verdicts = [];
  const add = (budget, figure, limit, unit, comparison = "at most") =>
    verdicts.push({ budget, figure, comparison, limit, unit, met: comparison === "at most" ? figure <= limit : figure >= limit });

  if (parts.import) importBudgets(parts.import, add);
  if (parts.command) commandBudgets(parts.command, add);
  if (parts.hotPath) hotPathBudgets(parts.hotPath, add);
  if (parts.outcomes) outcomeBudgets(parts.outcomes, add);
  if (parts.memory) memoryBudgets(parts.memory, add);
  if (parts.spill) add("Nothing is lost on the way to the disk", sum(parts.spill, "lost"), 0, "events");
  if (parts.drain) drainBudgets(parts.drain, add);
  if (parts.shellLoop && !parts.shellLoop.unavailable) loopBudgets(parts, add);
  if (parts.package) packageBudgets(parts.package, add);
  return verdicts;
}

function importBudgets(rows, add) {
  for (const kind of ["ESM", "CommonJS"]) {
    const row = rows.find((each) => each.case === `candor, import, create and track one event, telemetry off (${kind})`);
    add(`Off: importing, creating and one call that is not recorded, ${kind}, over an empty process`, row.addedMs.median, slower(3, row.controlMs.median / EMPTY_PROCESS_MS), "ms");
  }
}

/** The limit, raised on a machine that is `ratio` times slower than the one it was set on; a faster one does not lower it. */
function slower(limit, ratio) {
  return limit * Math.max(1, ratio);
}

function commandBudgets(rows, add) {
  const find = (candidate, state, mode) => rows.find((row) => row.candidate === candidate && row.state === state && row.mode === mode);
  const notDue = find("candor", "instant", "not due");
  add("On, no upload due, over the same command with telemetry off", notDue.overOffMs.median, slower(3, notDue.controlMs.median / COMMAND_MS), "ms");
  const reference = find("reference-spawn", "instant").addedMs;
  for (const mode of TIMED_MODES.slice(1)) {
    const { overOffMs } = find("candor", "instant", mode);
    add(`On, ${mode}: added over telemetry off, against what the bare append-and-detached-node adds`, overOffMs.median / reference.median, 1.3, "times");
  }
  for (const mode of TIMED_MODES) {
    const instant = find("candor", "instant", mode).overOffMs;
    const others = STATES.slice(1).map((state) => ({ state, figures: find("candor", state, mode).overOffMs }));
    const worst = others.reduce((most, each) => (each.figures.median > most.figures.median ? each : most));
    // Twice the uncertainty of a difference of two medians, so that one of four states does not miss it by chance.
    const noise = Math.min(MOST_NOISE_MS, 2 * Math.hypot(uncertainty(instant), uncertainty(worst.figures)));
    add(`The same whatever the destination does (${mode}; worst: ${worst.state}), within the noise`, worst.figures.median - instant.median, Math.max(noise, 0.5), "ms");
  }
}

function hotPathBudgets(rows, add) {
  const ns = (words) => rows.find((row) => row.case === words).nsPerCall.median;
  const reference = ns("reference: build, serialise, append");
  add("A call while telemetry is off", ns("candor, off"), slower(50, reference / REFERENCE_CALL_NS), "ns");
  add("A call, durable at track, against building, serialising and appending the event", ns("candor, durable at track") / reference, 2, "times");
  add("A call, durable at spill, against OpenTelemetry's emit", ns("candor, durable at spill") / ns("opentelemetry, emit"), 1, "times");
}

function outcomeBudgets(rows, add) {
  const control = rows.find(({ candidate }) => candidate === "control");
  const candor = rows.filter(({ candidate, mode }) => candidate === "candor" && mode !== "off");
  add("Events lost, every mode, every state of the destination", sum(candor, "lostWorst"), 0, "events");
  add("Bytes printed", sum(candor, "printedBytes"), 0, "bytes");
  add("Commands whose exit status changed", candor.filter(({ statuses }) => statuses.join() !== "0").length, 0, "cases");
  const notAwaited = candor.filter(({ mode }) => mode !== "awaited");
  add("Memory of a command over the one without telemetry, the worst case", Math.max(...notAwaited.map(({ peakRssMb }) => peakRssMb)) - control.peakRssMb, 5, "MB");
}

function memoryBudgets(rows, add) {
  const idle = rows.find((row) => row.case === "no telemetry");
  for (const row of rows.filter((each) => each.case.startsWith("candor"))) {
    add(`${row.case}: events of the flood that were taken`, row.tracked / row.asked, 1, "times", "at least");
    add(`${row.case}: growth in the second half of the flood`, row.grewMb, Math.max(10, idle.grewMb), "MB");
    add(`${row.case}: the spool's bound of 10 MiB and one batch`, row.spoolMb, 11, "MB");
  }
}

function drainBudgets(rows, add) {
  const find = (words) => rows.find((row) => row.case.startsWith(words));
  const candor = rows.filter((row) => row.case.startsWith("candor"));
  add("Drain over HTTP against posthog-node", find("candor, http").perSecond / find("posthog").perSecond, 2, "times", "at least");
  add("Drain over OTLP against OpenTelemetry's SDK, both as they come", find("candor, otlp (gzip").perSecond / find("opentelemetry (not").perSecond, 1, "times", "at least");
  add("Drain over OTLP against OpenTelemetry's SDK, neither compressing", find("candor, otlp, not").perSecond / find("opentelemetry (not").perSecond, 1, "times", "at least");
  add("Memory while draining, the worst case", Math.max(...candor.map(({ peakRssMb }) => peakRssMb)), 100, "MB");
  add("Events lost while draining", sum(candor, "lost"), 0, "events");
}

function loopBudgets({ shellLoop: loop, uploader }, add) {
  add("Uploaders started in a shell loop", loop.uploaders, loop.uploadersAllowed, "processes");
  add("Events of the loop that are neither acknowledged nor kept", loop.tracked - loop.acknowledged - loop.kept, 0, "events");
  if (!Array.isArray(uploader)) return;
  const sendMs = uploader.find(({ case: words }) => words.startsWith("reference")).cpuMs.median;
  const own = loop.onCpuMs + loop.backgroundCpuMs - loop.uploaders * sendMs;
  add("CPU of the loop, background included, bare sends subtracted, against telemetry off", own / loop.offCpuMs, 1.05, "times");
}

function packageBudgets({ packedBytes, loaded }, add) {
  add("Packed size of core", packedBytes / KB, 60, "kB");
  const foreign = Object.values(loaded).flat().filter((file) => !file.startsWith("packages/core/"));
  add("Files of other packages that a command loads", foreign.length, 0, "files");
}

function sum(rows, figure) {
  return rows.reduce((total, row) => total + row[figure], 0);
}
