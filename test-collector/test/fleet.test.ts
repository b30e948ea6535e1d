/** Many processes of one tool at once, as installed from their built packages, and one collector. */
import { copyFileSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, it, jest } from "@jest/globals";
import { type ProcessResult, runProcess, temporaryHome, type TemporaryHome, waitUntil } from "@candor/testing";
import { createWorkbench, type Workbench } from "../../packages/core/test/processes/workbench.ts";
import { textOf } from "../collected-records.ts";
import { type RunningCollector, startCollector } from "../collector.ts";
import { describeWithCollector } from "./collector-suite.ts";
import { arrivals, sorted } from "./sending.ts";

jest.setTimeout(120_000);

const PROCESSES = 100;
const EVENTS_EACH = 100;

let collector: RunningCollector;
let home: TemporaryHome;
/** Sees the spool and the uploaders of the home; the tool that runs is the test's own. */
let bench: Workbench;
let tool: string;

beforeEach(async () => {
  collector = await startCollector({ configurations: ["plain"] });
  home = temporaryHome({ "tool/node_modules/@candor/": "", "work/": "" });
  bench = createWorkbench({ url: `http://${collector.address}`, home });
  tool = join(home.path, "tool", "fleet-tool.mjs");
  copyFileSync(join(__dirname, "programs", "fleet-tool.mjs"), tool);
  for (const name of ["core", "backend-otel"]) {
    symlinkSync(resolve(__dirname, "../../packages", name), join(home.path, "tool/node_modules/@candor", name), "junction");
  }
});

afterEach(async () => {
  await bench.dispose();
  await collector.dispose();
});

function run(prefix: string, count: number): Promise<ProcessResult> {
  return runProcess(process.execPath, [tool], {
    cwd: join(home.path, "work"),
    environment: { ...home.environment, NOTES_TELEMETRY: "on", TEST_PLAN: JSON.stringify({ endpoint: `http://${collector.address}`, prefix, count }) },
    timeoutMs: 60_000,
  });
}

describeWithCollector("a fleet of concurrent processes", () => {
  it(`delivers ${PROCESSES * EVENTS_EACH} events of ${PROCESSES} processes, none missing and none twice`, async () => {
    const results = await Promise.all(Array.from({ length: PROCESSES }, (_, index) => run(`p${index}`, EVENTS_EACH)));
    expect(results.filter(({ exitCode, stdout, stderr }) => exitCode !== 0 || stdout !== "" || stderr !== "")).toEqual([]);
    await bench.uploadersGone(60_000);
    // The last words of the fleet may have come too late for the last uploader; the next command sees to them.
    await run("last", 1);
    await waitUntil("the spool is empty", () => bench.spooled().length === 0, 60_000);
    await bench.uploadersGone();

    const expected = Array.from({ length: PROCESSES }, (_, index) => Array.from({ length: EVENTS_EACH }, (__, event) => `p${index}/${event}`)).flat();
    expect(sorted(collector.records().map(({ body }) => textOf(body)))).toEqual(sorted([...expected, "last/0"]));
    expect([...arrivals(collector).values()].filter((count) => count !== 1)).toEqual([]);
    expect(arrivals(collector).size).toBe(PROCESSES * EVENTS_EACH + 1);
  });
});
