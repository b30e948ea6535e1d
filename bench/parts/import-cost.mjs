/** What importing costs: a process that imports, over an empty process of the same module kind, run right before it. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { about, VENDORS } from "../candidates/index.mjs";
import { createHome } from "../instruments/homes.mjs";
import { installedTool } from "../instruments/installed-tool.mjs";
import { interleave, time } from "../instruments/processes.mjs";
import { summary } from "../instruments/statistics.mjs";
import { markdownTable, ms, spread } from "../instruments/tables.mjs";

export const name = "import";
export const title = "Import";
export const quick = false;

const OPTIONS = '{ tool: "bench", version: "1", backend: { use: "http", endpoint: "https://telemetry.example.com/" } }';
const CANDOR = [
  { case: "candor, import", lines: [] },
  { case: "candor, import and create", lines: [`createCollector(${OPTIONS});`] },
  { case: "candor, import, create and track one event, telemetry off", lines: [`createCollector(${OPTIONS}).track("feature.used", "export");`] },
];

export async function measure({ runs }) {
  const home = await createHome();
  const folder = path.join(installedTool(), "import");
  const programs = await writePrograms(folder);
  const samples = Object.fromEntries(programs.map((program) => [program.case, { control: [], added: [] }]));
  await interleave(programs, runs(30), (program, counts) => {
    const control = time([program.empty], home.run());
    const added = time([program.file], home.run()) - control;
    if (!counts) return;
    samples[program.case].control.push(control);
    samples[program.case].added.push(added);
  });
  home.dispose();
  rmSync(folder, { recursive: true });
  return programs.map((program) => ({
    case: program.case,
    kind: program.kind,
    controlMs: summary(samples[program.case].control),
    addedMs: summary(samples[program.case].added),
  }));
}

async function writePrograms(folder) {
  mkdirSync(folder, { recursive: true });
  const write = (file, source) => {
    const target = path.join(folder, file);
    writeFileSync(target, source);
    return target;
  };
  const empty = { ESM: write("empty.mjs", ""), CommonJS: write("empty.cjs", "") };
  const candor = CANDOR.flatMap(({ case: words, lines }, index) => [
    program(`${words} (ESM)`, "ESM", write(`candor-${index}.mjs`, ['import { createCollector } from "@candor/core";', ...lines].join("\n"))),
    program(`${words} (CommonJS)`, "CommonJS", write(`candor-${index}.cjs`, ['const { createCollector } = require("@candor/core");', ...lines].join("\n"))),
  ]);
  const vendors = await Promise.all(
    VENDORS.map(async (vendor) => {
      const { packages } = await about(vendor);
      return program(`${vendor}, import`, "ESM", write(`${vendor}.mjs`, packages.map((specifier) => `import "${specifier}";`).join("\n")));
    }),
  );
  return [...candor, ...vendors];

  function program(words, kind, file) {
    return { case: words, kind, empty: empty[kind], file };
  }
}

export function render(rows) {
  return [
    "Whole processes, over an empty process of the same module kind that ran right before.",
    markdownTable(
      ["case", "empty process, ms", "added, ms", "quartiles", "ratio", "runs"],
      rows.map(({ case: words, controlMs, addedMs }) => [
        words,
        ms(controlMs.median),
        ms(addedMs.median),
        spread(addedMs),
        ((controlMs.median + addedMs.median) / controlMs.median).toFixed(2),
        addedMs.n,
      ]),
    ),
  ];
}
