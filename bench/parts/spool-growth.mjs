/** What a command pays when many batches wait: the spool is filled with small files before each run, as many commands would leave them. */
import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { createHome } from "../instruments/homes.mjs";
import { endLeftBehind } from "../instruments/left-behind.mjs";
import { interleave, nextRun, time, workload } from "../instruments/processes.mjs";
import { summary } from "../instruments/statistics.mjs";
import { count, markdownTable, ms, spread } from "../instruments/tables.mjs";

export const name = "spoolGrowth";
export const title = "A spool that grows";
export const quick = false;

const FILES = [0, 1, 100, 257, 10_000];
const MODES = ["not due", "uploading"];

export async function measure({ receiver, runs }) {
  const cases = FILES.flatMap((files) => MODES.map((mode) => ({ files, mode })));
  const samples = new Map(cases.map((item) => [item, { addedMs: [], filesAfter: 0 }]));
  const off = await createHome();
  let round = 0;
  await interleave(cases, runs(9), async (item, counts) => {
    // Thousands of files take seconds to make; they take part in every third round.
    if (item.files >= 1_000 && counts && round++ % 3 > 0) return;
    const home = await createHome({ consent: "given" });
    const run = nextRun();
    const settings = (mode) => home.run({ BENCH_RUN: run, BENCH_MODE: mode, BENCH_ENDPOINT: receiver.endpoints["never answers"] });
    home.uploadedJustNow();
    time([workload("command.mjs"), "candor"], settings("not due"));
    multiply(home, item.files);
    if (item.mode === "uploading") home.neverUploaded();
    const control = time([workload("command.mjs"), "candor"], off.run({ BENCH_MODE: "not due" }));
    const own = time([workload("command.mjs"), "candor"], settings(item.mode));
    await endLeftBehind(run);
    const sample = samples.get(item);
    sample.filesAfter = home.spoolFiles().length;
    home.dispose();
    if (counts) sample.addedMs.push(own - control);
  });
  off.dispose();
  return cases.map(({ files, mode }, index) => ({ files, mode, addedMs: summary(samples.get(cases[index]).addedMs), filesAfter: samples.get(cases[index]).filesAfter }));
}

/** Makes `files` batches of the one that is there. */
function multiply(home, files) {
  const [batch] = home.spoolFiles();
  const pending = path.dirname(batch);
  const [id, ...rest] = path.basename(batch).split(".");
  mkdirSync(pending, { recursive: true });
  for (let index = 1; index < files; index++) {
    copyFileSync(batch, path.join(pending, [`${id.slice(0, -8)}${index.toString(16).padStart(8, "0")}`, ...rest].join(".")));
  }
  if (files === 0) home.emptySpool();
  const present = readdirSync(pending).length;
  if (present !== files) throw new Error(`${present} batches instead of ${files}`);
}

export function render(rows) {
  return [
    "Over the command with candor switched off. Of more than 256 pending batches the command that finds them joins a sixteenth; of more than the spool may hold it deletes the oldest.",
    markdownTable(
      ["batches waiting", "command", "added over candor off, ms", "quartiles", "files afterwards", "runs"],
      rows.map(({ files, mode, addedMs, filesAfter }) => [count(files), mode, ms(addedMs.median), spread(addedMs), count(filesAfter), addedMs.n]),
    ),
  ];
}
