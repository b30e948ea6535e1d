/** What a tool's own process loads when its destination is this backend, with the packages as they are installed. */
import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { type AmplitudeIntake, startAmplitudeIntake, type TemporaryHome } from "@candor/testing";
import { countedTool, modulesLoadedIn } from "../../core/test/installed-tool.ts";

const TOOL = `import { createCollector } from "@candor/core";
const backend = { use: "amplitude", apiKey: "k", endpoint: process.env.ENDPOINT, schema: "datarobot" };
const collector = createCollector({ tool: "notes", version: "1.2.3", backend, delivery: { minimumIntervalMs: 0 } });
collector.track("feature.used", "notes export");
if (process.env.FLUSH) await collector.flush({ timeoutMs: 10_000 });`;

let intake: AmplitudeIntake;
let home: TemporaryHome;

beforeEach(async () => {
  intake = await startAmplitudeIntake();
  home = countedTool(TOOL, "backend-amplitude", /@amplitude/);
});

afterEach(async () => {
  await intake.close();
  home.dispose();
});

const modulesLoadedBy = (variables: Readonly<Record<string, string>> = {}): Promise<number> => modulesLoadedIn(home, { ENDPOINT: `${intake.url}/2/httpapi`, ...variables });

it("loads nothing of Amplitude in the tool that tracks and ends; the uploader does, and the event arrives", async () => {
  expect(await modulesLoadedBy()).toBe(0);
  await intake.waitFor((requests) => requests.length > 0, { timeoutMs: 15_000 });
  expect(intake.accepted).toMatchObject([{ event_type: "notes export", ip: "$remote" }]);
});

it("loads the SDK in a tool that asks to deliver at once, so that the list above would show it", async () => {
  expect(await modulesLoadedBy({ FLUSH: "1" })).toBeGreaterThan(10);
  expect(intake.accepted).toHaveLength(1);
});
