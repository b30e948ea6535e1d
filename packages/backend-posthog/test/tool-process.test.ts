/** What a tool's own process loads when its destination is this backend, with the packages as they are installed. */
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { type PostHogIntake, runProcess, startPostHogIntake, type TemporaryHome } from "@candor/testing";
import { toolHome } from "./installed-package.ts";
import { TOKEN } from "./posthog-context.ts";

/** Processes start slowly on a loaded machine. */
/** The SDK is required by the CommonJS form of the package, which is the one that core finds. */
const RECORDER = `process.on("exit", () => {
  const loaded = Object.keys(require("node:module")._cache).filter((path) => /[\\\\/](?:posthog-node|@posthog)[\\\\/]/.test(path));
  process.stdout.write(String(loaded.length));
});`;
const TOOL = `import { createCollector } from "@candor/core";
const { ENDPOINT: host, TOKEN: apiKey } = process.env;
const collector = createCollector({ tool: "notes", version: "1.2.3", backend: { use: "posthog", apiKey, host }, delivery: { minimumIntervalMs: 0 } });
collector.track("feature.used", "export");
if (process.env.FLUSH) await collector.flush({ timeoutMs: 10_000 });`;

let intake: PostHogIntake;
let home: TemporaryHome;

beforeEach(async () => {
  intake = await startPostHogIntake({ token: TOKEN });
  home = toolHome({ "recorder.cjs": RECORDER, "tool.mjs": TOOL }, ["core", "backend-posthog"]);
});

afterEach(async () => {
  await intake.close();
  home.dispose();
});

async function modulesLoadedBy(variables: Readonly<Record<string, string>> = {}): Promise<number> {
  const environment = { ...home.environment, NOTES_TELEMETRY: "on", ENDPOINT: intake.url, TOKEN, ...variables };
  const args = ["--require", join(home.path, "tool/recorder.cjs"), join(home.path, "tool/tool.mjs")];
  const { stdout, stderr, exitCode } = await runProcess(process.execPath, args, { environment, cwd: home.path });
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  return Number(stdout);
}

it("loads no module of PostHog in the tool that tracks and ends; the uploader does", async () => {
  expect(await modulesLoadedBy({ POSTHOG_CAPTURE_MODE: "v1" })).toBe(0);
  await intake.waitFor((requests) => requests.length > 0, { timeoutMs: 15_000 });
  expect(intake.requests.map(({ path }) => path)).toEqual(["/batch/"]);
  expect(intake.accepted.map(({ properties }) => properties["event_name"])).toEqual(["export"]);
});

it("loads PostHog's SDK in a tool that asks to deliver at once, so that the list above would show it", async () => {
  expect(await modulesLoadedBy({ FLUSH: "1" })).toBeGreaterThan(20);
  expect(intake.accepted).toHaveLength(1);
});
