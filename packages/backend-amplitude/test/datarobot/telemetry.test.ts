import { readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { type Collector, createCollector } from "@candor/core";
import { disable, enable } from "../../../core/src/commands.ts";
import { type Workstation, workstation } from "../../../core/test/fake-ports.ts";
import { recordingLogger } from "../../../core/test/fixtures.ts";
import { vectorsOf } from "../../../core/test/vectors.ts";
import { dataRobotTelemetry, type DataRobotTelemetryOptions, dataRobotSpecification } from "../../src/datarobot.ts";
import { readDrConfig } from "../../src/datarobot-config.ts";

let machine: Workstation;
let configDirectory: string;
let file: string;
beforeEach(() => {
  machine = workstation({ ".config/datarobot/": "" });
  configDirectory = `${machine.home.path}/.config/datarobot`;
  file = `${configDirectory}/drconfig.yaml`;
});
afterEach(() => {
  jest.restoreAllMocks();
  machine.dispose();
});

const optionsFor = (changes: Partial<DataRobotTelemetryOptions> = {}): ReturnType<typeof dataRobotTelemetry> =>
  dataRobotTelemetry({ version: "0.3.0", apiKey: "K", configDirectory, config: () => readDrConfig(file), environment: {}, ...changes });
const collectorFor = (changes: Partial<DataRobotTelemetryOptions> = {}): Collector => createCollector(optionsFor(changes), machine.ports);

describe("the options", () => {
  it("are accepted by the collector as they are, and making them reads and writes nothing", () => {
    const asked = jest.fn(() => readDrConfig(file));
    expect(collectorFor({ config: asked }).backendInfo()).toBe("noop (disabled)");
    const before = machine.home.list();
    asked.mockClear();
    optionsFor({ config: asked });
    expect(asked).not.toHaveBeenCalled();
    expect(machine.home.list()).toEqual(before);
  });

  it.each(vectorsOf<object, { flush_interval_ms: number; request_timeout_ms: number }>("drspec.constants"))("have the specification's numbers: $id", ({ expected }) => {
    expect(optionsFor().delivery).toEqual({ intervalMs: expected.flush_interval_ms, sendTimeoutMs: expected.request_timeout_ms });
    expect(dataRobotSpecification.flushIntervalMs).toBe(expected.flush_interval_ms);
  });

  it("send to the address of DR_TELEMETRY_ENDPOINT, and to Amplitude's without it", () => {
    expect(optionsFor({ environment: { DR_TELEMETRY_ENDPOINT: "https://custom.example.com/in" } }).backend).toMatchObject({ endpoint: "https://custom.example.com/in" });
    for (const DR_TELEMETRY_ENDPOINT of ["", undefined]) expect(optionsFor({ environment: { DR_TELEMETRY_ENDPOINT } }).backend).not.toHaveProperty("endpoint");
  });

  it.each(["nonsense", "ftp://a.example", "http://a.example/in", "https://ann:pw@a.example", "https://a b.example", "file:///etc/passwd"])("send nowhere, and say so, for the address %s", (DR_TELEMETRY_ENDPOINT) => {
    const logger = recordingLogger();
    expect(optionsFor({ logger, environment: { DR_TELEMETRY_ENDPOINT } }).backend).toMatchObject({ endpoint: "" });
    expect(logger.lines).toEqual([expect.stringMatching(/^warn: DR_TELEMETRY_ENDPOINT /)]);
    expect(logger.lines.join()).not.toContain("pw@");
    expect(collectorFor({ environment: { DR_TELEMETRY_ENDPOINT, NODE_ENV: "test" } }).installation.problems).toEqual([]);
  });

  it.each(["http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]:1/x", "https://a.example/x?y=1"])("send to %s", (DR_TELEMETRY_ENDPOINT) => {
    expect(optionsFor({ environment: { DR_TELEMETRY_ENDPOINT } }).backend).toMatchObject({ endpoint: DR_TELEMETRY_ENDPOINT });
    expect(collectorFor({ environment: { DR_TELEMETRY_ENDPOINT } }).installation.problems).toEqual([]);
  });

  it.each(["true", "1", "on"])("write lines to stderr under DR_TELEMETRY_DEBUG=%s, and to the tool's log otherwise", (DR_TELEMETRY_DEBUG) => {
    const written = jest.spyOn(process.stderr, "write").mockReturnValue(true);
    const own = recordingLogger();
    optionsFor({ logger: own, environment: { DR_TELEMETRY_DEBUG } }).logger?.debug("tracked", { name: "dr" });
    expect(written.mock.calls).toEqual([['telemetry debug: tracked {"name":"dr"}\n']]);
    expect(optionsFor({ logger: own, environment: { DR_TELEMETRY_DEBUG: "false" } }).logger).toBe(own);
    expect(optionsFor()).not.toHaveProperty("logger");
  });
});

describe("a collector with them", () => {
  it("is off before the notice was shown, and on for whom drconfig.yaml says yes", () => {
    expect(collectorFor().enabled).toBe(false);
    writeFileSync(file, "telemetry:\n  enabled: true\n");
    expect(collectorFor().enabled).toBe(true);
  });

  it.each(["", "{ not: [yaml", "- a list\n"])("is off where drconfig.yaml is %j, which allows nothing", (text) => {
    writeFileSync(file, text);
    expect(collectorFor().enabled).toBe(false);
  });

  it("writes answers into drconfig.yaml and leaves the rest of it alone", async () => {
    writeFileSync(file, "# mine\ntoken: abc # secret\n");
    expect(await enable(collectorFor())).toMatchObject({ exitCode: 0, data: { enabled: true } });
    expect(await disable(collectorFor(), { reason: "privacy concerns" })).toMatchObject({ exitCode: 0, data: { enabled: false } });
    expect(readFileSync(file, "utf8")).toMatch(/^# mine\ntoken: abc # secret\ntelemetry:\n/);
    expect(readDrConfig(file)).toMatchObject({ telemetry: { enabled: false, optOutReason: "privacy concerns" } });
    expect(collectorFor().installation.consent()).toMatchObject({ enabled: false, source: "stored-choice" });
  });

  it("says no although drconfig.yaml could not be changed", async () => {
    writeFileSync(file, "telemetry:\n  enabled: true\n");
    const collector = collectorFor();
    writeFileSync(file, "{ not: [yaml");
    const report = await disable(collector);
    expect(report).toMatchObject({ exitCode: 1, data: { enabled: false } });
    expect(report.lines.join("\n")).toContain("drconfig.yaml could not be changed");
  });
});
