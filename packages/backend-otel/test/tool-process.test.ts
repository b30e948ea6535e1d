/** What a tool's own process loads when its destination is this backend, with the packages as they are installed. */
import { afterEach, beforeEach, expect, it } from "@jest/globals";
import type { Intake, TemporaryHome } from "@candor/testing";
import { countedTool, modulesLoadedIn } from "../../core/test/installed-tool.ts";
import { startCollector } from "./otlp-intake.ts";

const TOOL = `import { createCollector } from "@candor/core";
const collector = createCollector({ tool: "notes", version: "1.2.3", backend: { use: "otlp", endpoint: process.env.ENDPOINT }, delivery: { minimumIntervalMs: 0 } });
collector.track("feature.used", "export");
if (process.env.FLUSH) await collector.flush({ timeoutMs: 10_000 });`;

let intake: Intake;
let home: TemporaryHome;

beforeEach(async () => {
  intake = await startCollector();
  home = countedTool(TOOL, "backend-otel", /opentelemetry/);
});

afterEach(async () => {
  await intake.close();
  home.dispose();
});

const modulesLoadedBy = (variables: Readonly<Record<string, string>> = {}): Promise<number> => modulesLoadedIn(home, { ENDPOINT: intake.url, ...variables });

it("loads no OpenTelemetry module in the tool that tracks and ends; the uploader does", async () => {
  expect(await modulesLoadedBy()).toBe(0);
  await intake.waitFor((requests) => requests.length > 0, { timeoutMs: 15_000 });
});

it("loads OpenTelemetry in a tool that asks to deliver at once, so that the list above would show it", async () => {
  expect(await modulesLoadedBy({ FLUSH: "1" })).toBeGreaterThan(10);
  expect(intake.requests.length).toBeGreaterThan(0);
});
