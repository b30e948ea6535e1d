import { dirname } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Intake, runProcess, sampleEvents, startIntake, type TemporaryHome, temporaryHome } from "@candor/testing";
import { compilePackage } from "../../backend/test/compiled-package.ts";
import { acknowledgement, startCollector } from "./otlp-intake.ts";

/** Sends the same events once by candor and once by OpenTelemetry's own exporter, which jest cannot load. */
const program = `
Date.now = () => 1775000000000;
const [directory, originalPath, endpoint, text] = process.argv.slice(2);
const events = JSON.parse(text);
const ignore = () => undefined;
const context = { toolName: "notes", toolVersion: "1.2.3", dataDirectory: "/nonexistent", logger: { debug: ignore, info: ignore, warn: ignore, error: ignore } };
(async () => {
  const { otlpBackend } = require(directory + "/index.js");
  const ours = await otlpBackend({ endpoint, gzip: false }, context).send(events, { signal: new AbortController().signal });
  const { encodeEvents } = require(directory + "/encode.js");
  const { OTLPLogExporter } = require(originalPath);
  const exporter = new OTLPLogExporter({ url: endpoint + "/v1/logs" });
  const records = encodeEvents(events, { observedAtMs: Date.now(), resourceAttributes: {} });
  const original = await new Promise((resolve) => exporter.export(records, resolve));
  await exporter.shutdown();
  process.stdout.write(JSON.stringify({ ours: ours.status, original: original.code }));
})();
`;

const ambient = {
  OTEL_EXPORTER_OTLP_HEADERS: "x-users-own-secret=abc",
  OTEL_EXPORTER_OTLP_LOGS_HEADERS: "x-users-other-secret=abc",
  OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
  OTEL_RESOURCE_ATTRIBUTES: "users.own=abc",
  OTEL_SERVICE_NAME: "users-own-service",
  OTEL_SDK_DISABLED: "true",
  OTEL_LOG_LEVEL: "all",
};

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

/** What candor sent, and what the original sent. */
async function sendBoth(variables: Readonly<Record<string, string>>): Promise<Intake["requests"]> {
  const index = compilePackage("backend-otel", `${home.path}/compiled`, "@opentelemetry");
  const original = require.resolve("@opentelemetry/exporter-logs-otlp-http");
  const args = [`${home.path}/program.cjs`, dirname(index), original, collector.url, JSON.stringify(sampleEvents(3))];
  const { stdout, stderr } = await runProcess(process.execPath, args, { environment: { ...home.environment, ...variables } });
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual({ ours: "accepted", original: 0 });
  return collector.requests;
}

describe("beside OpenTelemetry's own exporter", () => {
  it("sends the same bytes", async () => {
    const [ours, original] = await sendBoth({});
    expect(ours?.body).toBe(original?.body);
    expect(ours?.body).toContain("notes list 3");
  });

  it("ignores the user's own variables, which the original obeys", async () => {
    const trap = await startIntake({ reply: acknowledgement });
    try {
      const [ours, original] = await sendBoth({ ...ambient, OTEL_EXPORTER_OTLP_ENDPOINT: trap.url, OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${trap.url}/v1/logs` });
      expect(original?.headers).toMatchObject({ "x-users-own-secret": "abc", "x-users-other-secret": "abc", "content-encoding": "gzip" });
      expect(Object.keys(ours?.headers ?? {}).sort()).toEqual(["connection", "content-length", "content-type", "host", "user-agent"]);
      expect(ours?.body).not.toContain("users");
      expect(trap.requests).toHaveLength(0);
    } finally {
      await trap.close();
    }
  });
});
