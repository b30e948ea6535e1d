/** What a tool's own process loads when its destination is this backend, with the packages as they are installed. */
import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { type DatadogIntake, startDatadogIntake, type TemporaryHome } from "@candor/testing";
import { countedTool, modulesLoadedIn } from "../../core/test/installed-tool.ts";
import { secret } from "./datadog-entries.ts";

const TOOL = `import { createCollector } from "@candor/core";
const { API_KEY: apiKey, DESTINATION: endpoint } = process.env;
const collector = createCollector({ tool: "notes", version: "1.2.3", backend: { use: "datadog", client: "official", apiKey, endpoint }, delivery: { minimumIntervalMs: 0 } });
collector.track("feature.used", "export");
if (process.env.FLUSH) await collector.flush({ timeoutMs: 10_000 });`;

let intake: DatadogIntake;
let home: TemporaryHome;

beforeEach(async () => {
  intake = await startDatadogIntake({ apiKey: secret });
  home = countedTool(TOOL, "backend-datadog", /datadog/);
});

afterEach(async () => {
  await intake.close();
  home.dispose();
});

const modulesLoadedBy = (variables: Readonly<Record<string, string>> = {}): Promise<number> => modulesLoadedIn(home, { API_KEY: secret, DESTINATION: intake.endpoint, ...variables });

it("loads no module of Datadog in the tool that tracks and ends; the uploader does", async () => {
  expect(await modulesLoadedBy()).toBe(0);
  await intake.waitFor((requests) => requests.length > 0, { timeoutMs: 15_000 });
  expect(intake.accepted).toMatchObject([{ entry: { event_name: "export", service: "notes" } }]);
});

it("loads Datadog's client in a tool that asks to deliver at once, so that the list above would show it", async () => {
  expect(await modulesLoadedBy({ FLUSH: "1" })).toBeGreaterThan(1_000);
  expect(intake.accepted).toHaveLength(1);
});
