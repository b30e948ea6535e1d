/** What a tool's own process loads when its destination is this backend, with the packages as they are installed. */
import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { type Intake, runProcess, type TemporaryHome, temporaryHome } from "@candor/testing";
import { startCollector } from "./otlp-intake.ts";

/** Packages of OpenTelemetry are CommonJS, and stand in this list however they were loaded. */
const RECORDER = `process.on("exit", () => {
  const loaded = Object.keys(require("node:module")._cache).filter((path) => path.includes("opentelemetry"));
  process.stdout.write(String(loaded.length));
});`;
const TOOL = `import { createCollector } from "@candor/core";
const collector = createCollector({ tool: "notes", version: "1.2.3", backend: { use: "otlp", endpoint: process.env.ENDPOINT }, delivery: { minimumIntervalMs: 0 } });
collector.track("feature.used", "export");
if (process.env.FLUSH) await collector.flush({ timeoutMs: 10_000 });`;

let intake: Intake;
let home: TemporaryHome;

beforeEach(async () => {
  intake = await startCollector();
  home = temporaryHome({ "tool/recorder.cjs": RECORDER, "tool/tool.mjs": TOOL });
  for (const name of ["core", "backend-otel"]) {
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
  const environment = { ...home.environment, NOTES_TELEMETRY: "on", ENDPOINT: intake.url, ...variables };
  const args = ["--require", join(home.path, "tool/recorder.cjs"), join(home.path, "tool/tool.mjs")];
  const { stdout, stderr, exitCode } = await runProcess(process.execPath, args, { environment, cwd: home.path });
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  return Number(stdout);
}

it("loads no OpenTelemetry module in the tool that tracks and ends; the uploader does", async () => {
  expect(await modulesLoadedBy()).toBe(0);
  await intake.waitFor((requests) => requests.length > 0, { timeoutMs: 15_000 });
});

it("loads OpenTelemetry in a tool that asks to deliver at once, so that the list above would show it", async () => {
  expect(await modulesLoadedBy({ FLUSH: "1" })).toBeGreaterThan(10);
  expect(intake.requests.length).toBeGreaterThan(0);
});
