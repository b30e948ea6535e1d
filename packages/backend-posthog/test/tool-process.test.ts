/** What a tool's own process loads when its destination is this backend, with the packages as they are installed. */
import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { type PostHogIntake, startPostHogIntake, type TemporaryHome } from "@candor/testing";
import { countedTool, modulesLoadedIn } from "../../core/test/installed-tool.ts";
import { TOKEN } from "./posthog-context.ts";

/** The SDK is required by the CommonJS form of the package, which is the one that core finds. */
const SDK = /[\\/](?:posthog-node|@posthog)[\\/]/;
const TOOL = `import { createCollector } from "@candor/core";
const { ENDPOINT: host, TOKEN: apiKey } = process.env;
const collector = createCollector({ tool: "notes", version: "1.2.3", backend: { use: "posthog", apiKey, host }, delivery: { minimumIntervalMs: 0 } });
collector.track("feature.used", "export");
if (process.env.FLUSH) await collector.flush({ timeoutMs: 10_000 });`;

let intake: PostHogIntake;
let home: TemporaryHome;

beforeEach(async () => {
  intake = await startPostHogIntake({ token: TOKEN });
  home = countedTool(TOOL, "backend-posthog", SDK);
});

afterEach(async () => {
  await intake.close();
  home.dispose();
});

const modulesLoadedBy = (variables: Readonly<Record<string, string>> = {}): Promise<number> => modulesLoadedIn(home, { ENDPOINT: intake.url, TOKEN, ...variables });

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
