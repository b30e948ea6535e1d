/** The report: results as Markdown. Pure, so that a check can tell whether what is quoted is what was measured. */
import { count, markdownTable, ms, signedMs } from "./instruments/tables.mjs";
import { PARTS } from "./parts/index.mjs";
import { describe } from "./parts/command-cost.mjs";
import { STATES } from "./instruments/receiver.mjs";

/** The whole report, for results.md. */
export function renderReport(results) {
  const sections = PARTS.filter(({ name }) => results.parts[name]).map(({ name, title, render }) => [`## ${title}`, ...render(results.parts[name])].join("\n\n"));
  return `${["# Results", conditions(results), versionsOf(results), "## Budgets", renderBudgets(results.budgets), ...sections].join("\n\n")}\n`;
}

/** What the README quotes. */
export function renderSummary(results) {
  return [conditions(results), comparison(results.parts), renderBudgets(results.budgets)].join("\n\n");
}

/** The budgets, one a line. */
export function renderBudgets(budgets) {
  return markdownTable(
    ["budget", "measured", "limit", ""],
    budgets.map(({ budget, figure, comparison: word, limit, unit, met }) => [budget, figureOf(figure, unit), `${word} ${figureOf(limit, unit)}`, met ? "met" : "**missed**"]),
  );
}

/** Places behind the point; what is counted has none. */
const PLACES = { times: 2, ms: 1, MB: 1, kB: 1 };

function figureOf(value, unit) {
  return `${unit in PLACES ? value.toFixed(PLACES[unit]) : count(value)} ${unit}`;
}

function conditions({ machine, measuredAt }) {
  return `Node.js ${machine.node} on ${machine.cores} cores (${machine.cpu}), ${machine.platform}, loopback, ${measuredAt.slice(0, 10)}. Load before: ${machine.loadBefore.toFixed(2)}.`;
}

function versionsOf({ versions }) {
  return `Versions: ${Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", ")}.`;
}

/** Every candidate in every state of the destination, one row each. */
function comparison({ command, outcomes, import: imports }) {
  const subjects = [...new Map(outcomes.filter(({ candidate, mode }) => candidate !== "control" && mode !== "off").map((row) => [describe(row), row])).values()];
  const [control] = outcomes;
  const head = ["three events of ten properties", "import, ms", ...STATES.map((state) => `${state}, ms`), "CPU, ms", "left behind, CPU ms", "memory, MB", "lost of 3, healthy", "lost of 3, at worst"];
  const rows = subjects.map(({ candidate, mode }) => {
    const own = (part, state) => part.find((row) => row.candidate === candidate && row.mode === mode && row.state === state);
    const healthy = own(outcomes, "instant");
    const importing = imports.find((row) => row.case === `${candidate}, import` || row.case === `${candidate}, import (ESM)`);
    return [
      describe({ candidate, mode }),
      importing ? signedMs(importing.addedMs.median) : "",
      ...STATES.map((state) => added(own(command, state), own(outcomes, state), control)),
      signedMs(healthy.cpuMs - control.cpuMs),
      ms(healthy.backgroundCpuMs),
      signedMs(healthy.peakRssMb - control.peakRssMb),
      healthy.lostWorst,
      Math.max(...STATES.map((state) => own(outcomes, state)?.lostWorst ?? 0)),
    ];
  });
  return `Milliseconds added to the command without telemetry (${ms(command[0].controlMs.median)} ms), for each state of the destination:\n\n${markdownTable(head, rows)}`;
}

function added(timed, outcome, control) {
  if (timed) return signedMs(timed.addedMs.median);
  return outcome.capped > 0 ? "over 30 s" : signedMs(outcome.ms - control.ms);
}
