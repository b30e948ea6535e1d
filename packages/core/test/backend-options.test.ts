import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import type { CollectorOptions } from "../src/config/config.ts";
import { createCollector } from "../src/collector/create-collector.ts";
import { answer } from "./options.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();

const VALID = { tool: "notes", version: "1.2.3" };
const HTTP = { use: "http", endpoint: "https://x.example" };

/** What the author is told; empty when the collector is made. */
function problemsOf(backend: unknown): readonly string[] {
  try {
    createCollector({ ...VALID, backend } as CollectorOptions, machine.ports);
    return [];
  } catch (error) {
    return String(error).split("\n  ").slice(1);
  }
}

/** Installs a package beside the tool, with this text as its module. */
function install(name: string, text: string, file = "index.js"): void {
  const place = join(machine.host.cwd, "node_modules", name);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "package.json"), JSON.stringify({ name, main: file, ...(file.endsWith(".mjs") ? { exports: `./${file}` } : {}) }));
  writeFileSync(join(place, file), text);
}

const MAKE = `({ name: "mine", destination: "x", limits: { maxEvents: 1, maxBytes: 1 }, send() {}, async close() { globalThis.closedBackends = (globalThis.closedBackends ?? 0) + 1; } })`;

describe("a backend's option", () => {
  it.each<[string, object]>([
    ["backend.apiKey", { use: "amplitude" }],
    ["backend.apiKey", { use: "posthog" }],
    ["backend.apiKey", { use: "datadog" }],
    ["backend.apiKey", { use: "posthog", apiKey: "phx_secretkey" }],
    ["backend.endpoint", { use: "otlp" }],
    ["backend.site", { use: "datadog", apiKey: "k", site: "nope" }],
    ["backend.path", { use: "file", path: "rel/x" }],
    ["backend.stream", { use: "stdout", stream: "stdin" }],
    ["backend.key is not an option; there is none", { use: "noop", key: "secretkey" }],
    ["backend.tls.cafile is not an option", { ...HTTP, tls: { cafile: "/ca.pem" } }],
    ["backend.tls.cafile is not an option", { use: "@candor/backend-datadog", apiKey: "k", tls: { cafile: "/ca.pem" } }],
    ["backend.tls.caFile must be an absolute path", { use: "otlp", endpoint: "https://x.example", tls: { caFile: "certs/ca.pem" } }],
    ["backend.tls.keyFile is missing", { use: "amplitude", apiKey: "k", tls: { certificateFile: "/c.pem" } }],
    ["backend.tls must be an object", { use: "posthog", apiKey: "phc_k", tls: "/ca.pem" }],
    ["backend.tls is not an option", { use: "file", tls: { caFile: "/ca.pem" } }],
    ["backend: header a", { ...HTTP, headers: { a: 5 } }],
    ['backend.headers "a b"', { ...HTTP, headers: { "a b": "c" } }],
  ])("that is wrong is a mistake where the author sees it: %s of %j", (field, backend) => {
    const problems = problemsOf(backend);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.startsWith(field)).toBe(true);
    expect(problems[0]).not.toContain("secretkey");
  });

  it.each([
    [HTTP, "core"],
    [{ use: "file" }, "backend-file"],
    [{ use: "otlp" }, "backend-otel"],
    [{ use: "amplitude" }, "backend-amplitude"],
    [{ use: "posthog" }, "backend-posthog"],
    [{ use: "datadog" }, "backend-datadog"],
    [{ use: "counters", endpoint: "https://h.example/e" }, "backend-counters"],
  ])("stands in its package's README, which names no other: %j", (backend, folder) => {
    const readme = readFileSync(join(__dirname, "../..", folder, "README.md"), "utf8");
    // The last such table, because the author's options of core stand before its backend's.
    const table = readme.slice(readme.lastIndexOf("\n| option |")).split("\n\n")[0] ?? "";
    const documented = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
    const [, options = ""] = /the options are (.*)$/.exec(problemsOf({ ...backend, noSuchOption: 1 })[0] ?? "") ?? [];
    expect(new Set(documented)).toEqual(new Set(options.split(", ")));
  });

  it("is named with its place in a list, beside what is wrong with the others", () => {
    expect(problemsOf([HTTP, { use: "file", path: "rel/x" }, { use: "stdout", stream: "stdin" }])).toEqual([
      expect.stringMatching(/^backend\[1\]\.path must be/),
      expect.stringMatching(/^backend\[2\]\.stream: choose/),
    ]);
  });

  it.each<[string, object]>([
    ["an empty key", { use: "amplitude", apiKey: "" }],
    ["a key from a variable that is not set", { use: "amplitude", apiKey: undefined }],
    ["an empty endpoint", { use: "otlp", endpoint: "" }],
  ])("that says there is none yet makes a dry run: %s", async (_, backend) => {
    expect(problemsOf(backend)).toEqual([]);
    answer(machine);
    const collector = createCollector({ ...VALID, backend } as CollectorOptions, machine.ports);
    expect(collector.backendInfo()).toBe("noop (no endpoint configured)");
    await collector.close();
  });

  it.each<[string, object]>([
    ["a secret that only the uploader is given", { use: "posthog", apiKey: { env: "NOTES_KEY" } }],
    ["a header from a file", { ...HTTP, headers: { authorization: { file: "/run/secrets/notes" } } }],
    ["certificates that lie on users' machines", { ...HTTP, tls: { caFile: "/etc/company/ca.pem" } }],
    ["what the user's environment completes", { use: "otlp", useStandardEnvironment: true }],
  ])("that cannot be judged before is none of the author's mistakes: %s", (_, backend) => {
    expect(problemsOf(backend)).toEqual([]);
  });

  it("is not looked at in a user's hands", () => {
    machine.host.environment["NODE_ENV"] = "production";
    expect(problemsOf({ use: "amplitude" })).toEqual([]);
  });

  it("is not looked at where everything stays on the machine", () => {
    machine.host.environment["TELEMETRY_LOCAL"] = "1";
    expect(problemsOf({ use: "file", path: "rel/x" })).toEqual([]);
    machine.host.environment["TELEMETRY_LOCAL"] = "0";
    expect(problemsOf({ use: "file", path: "rel/x" })).toHaveLength(1);
  });

  it("is not looked at where nobody can tell whether anything may leave the machine", () => {
    Object.defineProperty(machine.host.environment, "TELEMETRY_LOCAL", {
      get() {
        throw new Error("unreadable");
      },
    });
    expect(problemsOf({ use: "file", path: "rel/x" })).toEqual([]);
  });
});

describe("an installed backend of somebody else's", () => {
  it("is built once, and closed", async () => {
    install("own-backend", `exports.default = (options) => { if (!options.key) throw new TypeError("no key"); return ${MAKE}; };`);
    expect(problemsOf({ use: "own-backend", key: "k" })).toEqual([]);
    await new Promise((resolve) => setImmediate(resolve));
    expect((globalThis as { closedBackends?: number }).closedBackends).toBe(1);
    expect(problemsOf({ use: "own-backend" })).toEqual(['backend: "own-backend" could not be built (TypeError: no key)']);
  });

  it("is not asked about a tls of its own, which may name files on users' machines", () => {
    install("own-backend", `exports.default = (options) => { if (options.tls) throw new TypeError("no such file"); return { name: "mine", destination: "x", limits: {}, send() {}, close() {} }; };`);
    expect(problemsOf({ use: "own-backend", tls: { pfx: "machine.pfx" } })).toEqual([]);
  });

  it.each<[string, string, string]>([
    ["has no factory", "exports.x = 1;", 'backend.use: the module of "own-backend" has no function as its default export'],
    ["makes no backend", "exports.default = () => ({});", 'backend.use: "own-backend" did not make a backend'],
    ["makes a promise", "exports.default = async () => { throw new Error(); };", 'backend.use: "own-backend" did not make a backend'],
  ])("is a mistake when it %s", (_, text, problem) => {
    install("own-backend", text);
    expect(problemsOf({ use: "own-backend" })).toEqual([problem]);
  });

  it("is left alone when it cannot be loaded at once", () => {
    install("own-backend", "await Promise.resolve(); export default () => undefined;", "index.mjs");
    expect(problemsOf({ use: "own-backend" })).toEqual([]);
  });

  it("is not even loaded when it is a file of the tool's own", () => {
    writeFileSync(join(machine.host.cwd, "mine.js"), "globalThis.loadedBackend = true; exports.default = () => undefined;");
    expect(problemsOf({ use: "./mine.js" })).toEqual([]);
    expect(globalThis).not.toHaveProperty("loadedBackend");
  });
});
