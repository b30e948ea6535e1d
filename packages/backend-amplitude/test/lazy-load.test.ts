import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type AmplitudeIntake, runProcess, sampleEvent, startAmplitudeIntake, type TemporaryHome, temporaryHome } from "@candor/testing";
import { compilePackage, withoutScope } from "../../backend/test/compiled-package.ts";

/** Builds the backend, sends once, and tells before and after what is loaded. */
const program = `
const loaded = () => ({
  sdk: Object.keys(require.cache).filter((path) => path.includes("@amplitude")).length,
  http: process.moduleLoadList.some((entry) => entry === "NativeModule http" || entry === "NativeModule _http_client"),
});
const [index, endpoint, event] = process.argv.slice(2);
const ignore = () => undefined;
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
const { amplitudeBackend } = require(index);
const backend = amplitudeBackend({ apiKey: "k", endpoint }, { toolName: "notes", toolVersion: "1.2.3", dataDirectory: "/nonexistent", logger });
const signal = new AbortController().signal;
(async () => {
  await backend.send([], { signal });
  const before = loaded();
  const result = await backend.send([JSON.parse(event)], { signal });
  process.stdout.write(JSON.stringify({ before, result, after: loaded(), resources: process.getActiveResourcesInfo().filter((kind) => kind === "Timeout" || kind.startsWith("TCP")) }));
})();
`;

let home: TemporaryHome;
let intake: AmplitudeIntake;

beforeEach(async () => {
  home = temporaryHome({ "program.cjs": program });
  intake = await startAmplitudeIntake();
});
afterEach(async () => {
  await intake.close();
  home.dispose();
});

const argumentsFor = (index: string): string[] => [`${home.path}/program.cjs`, index, `${intake.url}/2/httpapi`, JSON.stringify(sampleEvent())];

describe("building the backend", () => {
  it("loads neither the SDK nor an HTTP client before the first send, which leaves nothing behind", async () => {
    const index = compilePackage("backend-amplitude", `${home.path}/compiled`, "@amplitude");
    const files = home.list();
    const { stdout, stderr, exitCode } = await runProcess(process.execPath, argumentsFor(index), { environment: home.environment, cwd: home.path });
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    const { before, result, after, resources } = JSON.parse(stdout);
    expect(before).toEqual({ sdk: 0, http: false });
    expect(result).toEqual({ status: "accepted" });
    expect(after.sdk).toBeGreaterThan(10);
    expect(after.http).toBe(true);
    expect(resources).toEqual([]);
    expect(intake.accepted).toHaveLength(1);
    expect(home.list()).toEqual(files);
  });

  it("keeps the batch when the SDK is not installed", async () => {
    const index = compilePackage("backend-amplitude", `${home.path}/compiled`, "@amplitude");
    const preload = temporaryHome({ "absent.cjs": withoutScope("@amplitude") });
    try {
      const args = ["--require", `${preload.path}/absent.cjs`, ...argumentsFor(index)];
      const { stdout, stderr } = await runProcess(process.execPath, args, { environment: home.environment });
      expect(stderr).toBe("");
      expect(JSON.parse(stdout).result).toMatchObject({ status: "retry", reason: expect.stringContaining("Amplitude's SDK could not be loaded") });
      expect(intake.requests).toHaveLength(0);
    } finally {
      preload.dispose();
    }
  });
});
