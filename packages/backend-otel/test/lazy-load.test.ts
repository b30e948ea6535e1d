import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Intake, runProcess, sampleEvent, type TemporaryHome, temporaryHome } from "@candor/testing";
import { compilePackage, withoutScope } from "../../backend/test/compiled-package.ts";
import { startCollector } from "./otlp-intake.ts";

/** Builds the backend, sends once, and tells before and after what is loaded. */
const program = `
const loaded = () => ({
  openTelemetry: Object.keys(require.cache).filter((path) => path.includes("@opentelemetry")).length,
  http: process.moduleLoadList.some((entry) => entry === "NativeModule http" || entry === "NativeModule _http_client"),
});
const [index, endpoint, event] = process.argv.slice(2);
const ignore = () => undefined;
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
const { otlpBackend } = require(index);
const backend = otlpBackend({ endpoint }, { toolName: "notes", toolVersion: "1.2.3", dataDirectory: "/nonexistent", logger });
const signal = new AbortController().signal;
(async () => {
  await backend.send([], { signal });
  const before = loaded();
  const result = await backend.send([JSON.parse(event)], { signal });
  await backend.close();
  process.stdout.write(JSON.stringify({ before, result, after: loaded() }));
})();
`;

let home: TemporaryHome;
let collector: Intake;

beforeEach(async () => {
  home = temporaryHome({ "program.cjs": program });
  collector = await startCollector();
});
afterEach(async () => {
  await collector.close();
  home.dispose();
});

describe("building the backend", () => {
  it("loads neither OpenTelemetry nor an HTTP client before the first send", async () => {
    const index = compilePackage("backend-otel", `${home.path}/compiled`, "@opentelemetry");
    const args = [`${home.path}/program.cjs`, index, collector.url, JSON.stringify(sampleEvent())];
    const { stdout, stderr, exitCode } = await runProcess(process.execPath, args, { environment: home.environment });
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    const { before, result, after } = JSON.parse(stdout);
    expect(before).toEqual({ openTelemetry: 0, http: false });
    expect(result).toEqual({ status: "accepted" });
    expect(after.openTelemetry).toBeGreaterThan(50);
    expect(after.http).toBe(true);
    expect(collector.requests).toHaveLength(1);
  });

  it("keeps the batch when OpenTelemetry is not installed", async () => {
    const index = compilePackage("backend-otel", `${home.path}/compiled`, "@opentelemetry");
    const preload = temporaryHome({ "absent.cjs": withoutScope("@opentelemetry") });
    try {
      const args = ["--require", `${preload.path}/absent.cjs`, `${home.path}/program.cjs`, index, collector.url, JSON.stringify(sampleEvent())];
      const { stdout, stderr } = await runProcess(process.execPath, args, { environment: home.environment });
      expect(stderr).toBe("");
      expect(JSON.parse(stdout).result).toMatchObject({ status: "retry", reason: expect.stringContaining("the packages of OpenTelemetry could not be loaded") });
      expect(collector.requests).toHaveLength(0);
    } finally {
      preload.dispose();
    }
  });
});
