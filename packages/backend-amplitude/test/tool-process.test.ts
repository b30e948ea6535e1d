/** What a tool's own process loads when its destination is this backend, with the packages as they are installed. */
import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { type AmplitudeIntake, runProcess, startAmplitudeIntake, type TemporaryHome, temporaryHome } from "@candor/testing";

/** The SDK is CommonJS, and stands in this list however it was loaded. */
const RECORDER = `process.on("exit", () => {
  const loaded = Object.keys(require("node:module")._cache).filter((path) => path.includes("@amplitude"));
  process.stdout.write(String(loaded.length));
});`;
const TOOL = `import { createCollector } from "@candor/core";
const backend = { use: "amplitude", apiKey: "k", endpoint: process.env.ENDPOINT, schema: "datarobot" };
const collector = createCollector({ tool: "notes", version: "1.2.3", backend, delivery: { minimumIntervalMs: 0 } });
collector.track("feature.used", "notes export");
if (process.env.FLUSH) await collector.flush({ timeoutMs: 10_000 });`;

let intake: AmplitudeIntake;
let home: TemporaryHome;

beforeEach(async () => {
  intake = await startAmplitudeIntake();
  home = temporaryHome({ "tool/recorder.cjs": RECORDER, "tool/tool.mjs": TOOL });
  for (const name of ["core", "backend-amplitude"]) {
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
  const environment = { ...home.environment, NOTES_TELEMETRY: "on", ENDPOINT: `${intake.url}/2/httpapi`, ...variables };
  const args = ["--require", join(home.path, "tool/recorder.cjs"), join(home.path, "tool/tool.mjs")];
  const { stdout, stderr, exitCode } = await runProcess(process.execPath, args, { environment, cwd: home.path });
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  return Number(stdout);
}

it("loads nothing of Amplitude in the tool that tracks and ends; the uploader does, and the event arrives", async () => {
  expect(await modulesLoadedBy()).toBe(0);
  await intake.waitFor((requests) => requests.length > 0, { timeoutMs: 15_000 });
  expect(intake.accepted).toMatchObject([{ event_type: "notes export", ip: "$remote" }]);
});

it("loads the SDK in a tool that asks to deliver at once, so that the list above would show it", async () => {
  expect(await modulesLoadedBy({ FLUSH: "1" })).toBeGreaterThan(10);
  expect(intake.accepted).toHaveLength(1);
});
