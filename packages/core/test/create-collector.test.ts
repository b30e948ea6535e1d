import { describe, expect, it } from "@jest/globals";
import { isCandorError } from "@candor/backend";
import { spyBackend } from "@candor/testing";
import type { CollectorOptions } from "../src/config/config.ts";
import { createCollector } from "../src/collector/create-collector.ts";
import { readConsent } from "../src/consent/consent-store.ts";
import { disable } from "../src/commands.ts";
import { directoriesFor } from "../src/platform/paths.ts";
import { filesIn, recordingLogger } from "./fixtures.ts";
import { answer } from "./options.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();

const VALID = { tool: "notes", version: "1.2.3" };
const cyclic: Record<string, unknown> = {};
cyclic["self"] = cyclic;

/** An option as a careless or JavaScript author may write it, and the field that the error must name. */
const MISTAKES: readonly (readonly [string, Record<string, unknown>])[] = [
  ["tool", { tool: undefined }],
  ["tool", { tool: "" }],
  ["tool", { tool: 7 }],
  ["tool", { tool: "../evil" }],
  ["tool", { tool: ".hidden" }],
  ["tool", { tool: "a/b" }],
  ["tool", { tool: "a".repeat(65) }],
  ["version", { version: undefined }],
  ["version", { version: 2 }],
  ["version", { version: "1\n2" }],
  ["version", { version: "1".repeat(3_000) }],
  ["enabled", { enabled: "no" }],
  ["extendedCollection", { extendedCollection: 1 }],
  ["identity", { identity: "mac" }],
  ["identity", { identity: null }],
  ["identity.use", { identity: { use: "mac", otherwise: () => "x" } }],
  ["identity.use", { identity: { otherwise: () => "x" } }],
  ["identity.otherwise", { identity: { use: "datarobot" } }],
  ["tasks", { tasks: { use: "x" } }],
  ["files", { files: "/x" }],
  ["files", { files: ["relative/x"] }],
  ["files", { files: [7] }],
  ["tasks[0].use", { tasks: ["x"] }],
  ["tasks[0].use", { tasks: [{}] }],
  ["tasks[1].done", { tasks: [{ use: "x" }, { use: "y", done: () => 1 }] }],
  ["consent.store", { consent: { store: { name: "x", read: () => undefined } } }],
  ["consent.store", { consent: { store: "notes.yaml" } }],
  ["metadata", { metadata: "x" }],
  ["metadata", { metadata: [] }],
  ["metadata", { metadata: null }],
  ["supportMessage", { supportMessage: "" }],
  ["logger", { logger: {} }],
  ["logger", { logger: null }],
  ["logger", { logger: { debug: 1, info: 1, warn: 1, error: 1 } }],
  ["consent", { consent: null }],
  ["consent", { consent: "opt-out" }],
  ["consent.model", { consent: { model: "optout" } }],
  ["consent.version", { consent: { version: 0 } }],
  ["consent.version", { consent: { version: 1.5 } }],
  ["consent.version", { consent: { version: "1" } }],
  ["consent.disableFlag", { consent: { disableFlag: "disable" } }],
  ["consent.disableFlag", { consent: { disableFlag: "--a=b" } }],
  ["consent.disableFlag", { consent: { disableFlag: 5 } }],
  ["consent.variables", { consent: { variables: "X" } }],
  ["consent.variables[0]", { consent: { variables: [null] } }],
  ["consent.variables[0].name", { consent: { variables: [{ name: "A-B", whenTrue: "on" }] } }],
  ["consent.variables[0].whenTrue", { consent: { variables: [{ name: "A", whenTrue: "yes" }] } }],
  ["consent.variables[0].whenTrue", { consent: { variables: [{ name: "A" }] } }],
  ["directories", { directories: "/x" }],
  ["directories.data", { directories: { data: "relative" } }],
  ["directories.data", { directories: { data: "./x" } }],
  ["directories.data", { directories: { data: 5 } }],
  ["directories.config", { directories: { config: "" } }],
  ["directories.config", { directories: { config: "~/x" } }],
  ["delivery", { delivery: null }],
  ["delivery", { delivery: "inline" }],
  ["delivery.by", { delivery: { by: "later" } }],
  ["delivery.mode", { delivery: { mode: "exactly-once" } }],
  ["delivery.durability", { delivery: { durability: "never" } }],
  ["delivery.minimumIntervalMs", { delivery: { minimumIntervalMs: -1 } }],
  ["delivery.intervalMs", { delivery: { intervalMs: 0 } }],
  ["delivery.intervalMs", { delivery: { intervalMs: Number.NaN } }],
  ["delivery.inlineTimeoutMs", { delivery: { inlineTimeoutMs: Number.POSITIVE_INFINITY } }],
  ["delivery.lifetimeMs", { delivery: { lifetimeMs: "30000" } }],
  ["delivery.sendTimeoutMs", { delivery: { sendTimeoutMs: 1e9 } }],
  ["bounds", { bounds: null }],
  ["bounds", { bounds: 5 }],
  ["bounds.bufferEvents", { bounds: { bufferEvents: 0 } }],
  ["bounds.batchBytes", { bounds: { batchBytes: 10 } }],
  ["bounds.receiptBytes", { bounds: { receiptBytes: -1 } }],
  ["bounds.spoolBytes", { bounds: { spoolBytes: -1 } }],
  ["bounds.spoolBytes", { bounds: { batchBytes: 4_096, spoolBytes: 2_048 } }],
  ["deletion", { deletion: null }],
  ["deletion", { deletion: "http" }],
  ["deletion.use", { deletion: { use: "fax" } }],
  ["deletion.use", { deletion: {} }],
  ["deletion.endpoint", { deletion: { use: "http" } }],
  ["deletion.endpoint", { deletion: { use: "http", endpoint: "ftp://x" } }],
  ["deletion.endpoint", { deletion: { use: "http", endpoint: "https://u:hunter2@x.example" } }],
  ["deletion.endpoint", { deletion: { use: "http", endpoint: "http://x.example" } }],
  ["deletion.address", { deletion: { use: "email", address: "nobody" } }],
  ["deletion.address", { deletion: { use: "email", address: "a@b.example\r\nbcc: c@d.example" } }],
  ["backends.acme", { backends: { acme: "acme" } }],
  ["backend", { backend: null }],
  ["backend", { backend: "http" }],
  ["backend.use", { backend: {} }],
  ["backend.use", { backend: { use: "" } }],
  ["backend.use", { backend: { use: 5 } }],
  ["backend.use", { backend: { use: "acme" } }],
  ["backend.use", { backend: { use: "HTTP", endpoint: "https://x.example" } }],
  ["backend.use", { backend: { use: "constructor" } }],
  ["backend.use", { backend: { use: "@candor/not-installed" } }],
  ["backend.use", { backend: { use: "./missing.js" } }],
  ["backend[1].use", { backend: [{ use: "noop" }, { use: "acme" }] }],
  ["backend[1]", { backend: [{ use: "noop" }, 5] }],
  ["backend.endpoint", { backend: { use: "http" } }],
  ["backend.endpoint", { backend: { use: "http", endpoint: 5 } }],
  ["backend.endpoint", { backend: { use: "http", endpoint: null } }],
  ["backend.endpoint", { backend: { use: "http", endpoint: "x.example" } }],
  ["backend.endpoint", { backend: { use: "http", endpoint: "https://" } }],
  ["backend.endpoint", { backend: { use: "http", endpoint: "https://user:hunter2@x.example" } }],
  ["backend.endpoint", { backend: { use: "http", endpoint: "https://x.example/\u0000" } }],
  ["backend.endpoint", { backend: { use: "http", endpoint: "https://x.example/a b" } }],
  ["backend.endpoint", { backend: { use: "http", endpoint: "http://x.example" } }],
  ["backend.endpoint", { backend: { use: "http", endpoint: `https://x.example/${"a".repeat(2_100)}` } }],
  ["backend.headers", { backend: { use: "http", endpoint: "https://x.example", headers: { "x-a": "b\r\nc: d" } } }],
  ["backend.key", { backend: { use: "noop", key: () => "x" } }],
  ["backend.key", { backend: { use: "noop", key: 1n } }],
  ["backend.key", { backend: { use: "noop", key: Number.NaN } }],
  ["backend.key", { backend: { use: "noop", key: Symbol("x") } }],
  ["backend.key", { backend: { use: "noop", key: cyclic } }],
  ["backend.key", { backend: { use: "noop", key: { deep: () => "x" } } }],
  ["backend.key", { backend: { use: "noop", key: new Map([["a", 1]]) } }],
  ["backend.key", { backend: { use: "noop", key: /x/ } }],
  ["backend", { backend: { name: "live", send: () => undefined, close: () => undefined } }],
  ["backend[1]", { backend: [spyBackend(), spyBackend()] }],
  ["backend[1].use", { backend: [spyBackend(), { use: "nope-x" }] }],
  ["backend[0].use", { backend: [{ use: "nope-x" }] }],
];

const sketch = (options: unknown): string => {
  try {
    return JSON.stringify(options, (_, value: unknown) => (typeof value === "bigint" || typeof value === "symbol" || typeof value === "function" ? String(value) : value)).slice(0, 90);
  } catch {
    return "cyclic";
  }
};

describe("a mistake in the options", () => {
  it.each(MISTAKES.map(([field, options]) => [field, sketch(options), options] as const))("is one clear error at construction that names %s: %s", (field, _, options) => {
    let error: unknown;
    try {
      createCollector({ ...VALID, ...options }, machine.ports);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: "ERR_CANDOR_CONFIG" });
    expect(isCandorError(error)).toBe(true);
    const { message } = error as Error;
    expect(message.split("\n  ").some((line) => line.startsWith(field))).toBe(true);
    expect(message).not.toContain("hunter2");
  });

  it.each(MISTAKES.map(([field, options]) => [field, sketch(options), options] as const))("is a debug line and a tool that works where it is installed: %s %s", async (field, _, options) => {
    machine.host.environment["NODE_ENV"] = "production";
    const logger = recordingLogger();
    const collector = createCollector({ ...VALID, logger, ...options }, machine.ports);
    answer(machine);
    collector.track("feature.used", "e1");
    const { enabled } = collector;
    expect(await collector.flush()).toBeDefined();
    await collector.close();
    // What only looking for packages can tell is not known in an installed tool.
    expect(enabled && !field.endsWith("use")).toBe(false);
    expect(logger.lines.some((line) => line.startsWith("debug: "))).toBe(!("logger" in options));
    expect(logger.lines.join("\n")).not.toContain("hunter2");
  });

  it.each([
    ["backends: give an object of loaders by their names; where events go is said in `backend`", { backends: [{ use: "http" }] }],
    ["backend.endpoint: give the address to send events to, or an empty text for a dry run", { backend: { use: "http", endpoint: process.env["NOT_SET_HERE"] } }],
  ])("is told with what was meant: %s", (problem, options) => {
    expect(() => createCollector({ ...VALID, ...options } as unknown as CollectorOptions, machine.ports)).toThrow(problem);
  });

  it.each([undefined, null, 5, "notes", []])("is an error too when the options are %j", (options) => {
    expect(() => createCollector(options as unknown as CollectorOptions, machine.ports)).toThrow(expect.objectContaining({ code: "ERR_CANDOR_CONFIG" }));
    machine.host.environment["NODE_ENV"] = "production";
    expect(createCollector(options as unknown as CollectorOptions, machine.ports).enabled).toBe(false);
  });

  it("is reported together with all others", () => {
    expect(() => createCollector({ tool: "", version: "", backend: { use: "" }, bounds: { bufferEvents: 0 } }, machine.ports)).toThrow(/tool: [\s\S]*version: [\s\S]*backend\.use: [\s\S]*bounds\.bufferEvents: /);
  });

  it("is an error again for an author who runs tests, though the runner lies in node_modules", () => {
    machine.host.script = "/work/node_modules/.bin/jest";
    machine.host.environment["NODE_ENV"] = "test";
    expect(() => createCollector({ tool: "", version: "1" }, machine.ports)).toThrow("tool");
    machine.host.environment["NODE_ENV"] = "";
    expect(createCollector({ tool: "", version: "1" }, machine.ports).enabled).toBe(false);
  });

  it("says `misconfigured` where a person asks", () => {
    machine.host.environment["NODE_ENV"] = "production";
    answer(machine);
    expect(createCollector({ ...VALID, backend: { use: "http", endpoint: "nowhere" } }, machine.ports).backendInfo()).toBe("noop (misconfigured)");
  });

  it("does not keep a no from being recorded for the tool", async () => {
    machine.host.environment["NODE_ENV"] = "production";
    const collector = createCollector({ ...VALID, backend: { use: "http", endpoint: "nowhere" } }, machine.ports);
    expect((await disable(collector)).lines).toContain("Telemetry disabled.");
    expect(readConsent(directoriesFor("notes", machine.host), machine.ports)).toMatchObject({ answer: { enabled: false } });
    await collector.close();
  });
});

describe("good options", () => {
  it.each<[string, Partial<CollectorOptions>]>([
    ["no more than a name and a version", {}],
    ["plain http to this machine", { backend: { use: "http", endpoint: "http://127.0.0.1:4318/v1" } }],
    ["plain http elsewhere, said outright", { backend: { use: "http", endpoint: "http://collector.internal", insecure: true } }],
    ["a live backend", { backend: spyBackend() }],
    ["two live backends that differ", { backend: [spyBackend({ name: "a" }), spyBackend({ name: "b" })] }],
    ["a name with a loader of its own", { backend: { use: "acme" }, backends: { acme: () => Promise.resolve({}) } }],
    ["an endpoint that a development build leaves empty", { backend: { use: "http", endpoint: "" } }],
  ])("make a collector and touch no file: %s", async (_, options) => {
    const collector = createCollector({ ...VALID, ...options }, machine.ports);
    expect(machine.disk.mutations).toEqual([]);
    expect(filesIn(machine.home.path)).toEqual([]);
    await collector.close();
  });
});
