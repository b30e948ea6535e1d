/** What a tool's own process loads when its destination is this backend, with the packages as they are installed. */
import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { type DatadogIntake, runProcess, startDatadogIntake, type TemporaryHome, temporaryHome } from "@candor/testing";
import { secret } from "./datadog-entries.ts";

/** The client is CommonJS, and stands in this list however it was loaded. */
const RECORDER = `process.on("exit", () => {
  const loaded = Object.keys(require("node:module")._cache).filter((path) => path.includes("datadog"));
  process.stdout.write(String(loaded.length));
});`;
const TOOL = `import { createCollector } from "@candor/core";
const { API_KEY: apiKey, DESTINATION: endpoint } = process.env;
const collector = createCollector({ tool: "notes", version: "1.2.3", backend: { use: "datadog", client: "official", apiKey, endpoint }, delivery: { minimumIntervalMs: 0 } });
collector.track("feature.used", "export");
if (process.env.FLUSH) await collector.flush({ timeoutMs: 10_000 });`;

// Each test starts processes that load thousands of modules.
let intake: DatadogIntake;
let home: TemporaryHome;

beforeEach(async () => {
  intake = await startDatadogIntake({ apiKey: secret });
  home = temporaryHome({ "tool/recorder.cjs": RECORDER, "tool/tool.mjs": TOOL });
  for (const name of ["core", "backend-datadog"]) {
    const link = join(home.path, "tool/node_modules/@candor", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(resolve(__dirname, "../..", name), link, "junction");
  }
});

afterEach(async () => {
  await intake.close();
  home.dispose();
});

async function modulesLoadedBy(variables: Readonly<Record<string, string>> = {}): Promise<number> {
  const environment = { ...home.environment, NOTES_TELEMETRY: "on", API_KEY: secret, DESTINATION: intake.endpoint, ...variables };
  const args = ["--require", join(home.path, "tool/recorder.cjs"), join(home.path, "tool/tool.mjs")];
  const { stdout, stderr, exitCode } = await runProcess(process.execPath, args, { environment, cwd: home.path });
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  return Number(stdout);
}

it("loads no module of Datadog in the tool that tracks and ends; the uploader does", async () => {
  expect(await modulesLoadedBy()).toBe(0);
  await intake.waitFor((requests) => requests.length > 0, { timeoutMs: 15_000 });
  expect(intake.accepted).toMatchObject([{ entry: { event_name: "export", service: "notes" } }]);
});

it("loads Datadog's client in a tool that asks to deliver at once, so that the list above would show it", async () => {
  expect(await modulesLoadedBy({ FLUSH: "1" })).toBeGreaterThan(1_000);
  expect(intake.accepted).toHaveLength(1);
});
