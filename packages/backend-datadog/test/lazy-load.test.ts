/** What the built package loads, and when. */
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type DatadogIntake, runProcess, sampleEvent, startDatadogIntake, type TemporaryHome, temporaryHome } from "@candor/testing";
import { secret } from "./datadog-entries.ts";
import { installPackage } from "./installed-package.ts";

/** Builds the backend, sends once, and tells before and after what is loaded. */
const PROGRAM = `
const loaded = () => ({
  client: Object.keys(require("node:module")._cache).filter((path) => path.includes("datadog-api-client")).length,
  http: process.moduleLoadList.some((entry) => entry === "NativeModule http" || entry === "NativeModule _http_client"),
});
const [apiKey, endpoint, client, event] = process.argv.slice(2);
const ignore = () => undefined;
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
const { datadogBackend } = require("@candor/backend-datadog");
const backend = datadogBackend({ apiKey, endpoint, client }, { toolName: "notes", toolVersion: "1.2.3", dataDirectory: "/nonexistent", logger });
const signal = new AbortController().signal;
(async () => {
  await backend.send([], { signal });
  const before = loaded();
  const result = await backend.send([JSON.parse(event)], { signal });
  await backend.close();
  process.stdout.write(JSON.stringify({ before, result, after: loaded() }));
})();
`;

// Each test starts processes that load thousands of modules.
let home: TemporaryHome;
let intake: DatadogIntake;

beforeEach(async () => {
  home = temporaryHome({ "program.cjs": PROGRAM });
  installPackage(home.path, "real");
  intake = await startDatadogIntake({ apiKey: secret });
});
afterEach(async () => {
  await intake.close();
  home.dispose();
});

describe("building the backend", () => {
  // The narrowest way into the client still is thousands of modules.
  it.each([
    ["direct", 0, 0],
    ["official", 1_000, 20_000],
  ])("loads neither Datadog's client nor an HTTP client before the first send (%s)", async (client, fewest, most) => {
    const args = [`${home.path}/program.cjs`, secret, intake.endpoint, client, JSON.stringify(sampleEvent())];
    const { stdout, stderr, exitCode } = await runProcess(process.execPath, args, { environment: home.environment });
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    const { before, result, after } = JSON.parse(stdout);
    expect(before).toEqual({ client: 0, http: false });
    expect(result).toEqual({ status: "accepted" });
    expect(after.http).toBe(true);
    expect(after.client).toBeGreaterThanOrEqual(fewest);
    expect(after.client).toBeLessThanOrEqual(most);
  });
});
