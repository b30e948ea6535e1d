/** What PostHog's SDK does to the process it is loaded into, when it is loaded, and which of its variables it obeys: nothing, late, none. */
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type PostHogIntake, runProcess, sampleEvents, type ServerReply, startPostHogIntake, type TemporaryHome } from "@candor/testing";
import { toolHome } from "../../core/test/installed-tool.ts";
import { TOKEN } from "./posthog-context.ts";

/** Processes start slowly on a loaded machine. */
/** Builds the backend, sends, and tells what the process looked like before and after. */
const PROGRAM = `
const RealDate = Date;
globalThis.Date = class extends RealDate { constructor(...args) { super(...(args.length ? args : [1775000000000])); } };
const loaded = () => ({
  posthog: Object.keys(require.cache).filter((path) => /[\\\\/](?:posthog-node|@posthog)[\\\\/]/.test(path)).length,
  http: process.moduleLoadList.some((entry) => entry === "NativeModule http" || entry === "NativeModule _http_client"),
});
const listeners = () => process.eventNames().map((name) => [String(name), process.listenerCount(name)]);
const [host, apiKey, text] = process.argv.slice(2);
const events = JSON.parse(text);
const ignore = () => undefined;
const context = { toolName: "notes", toolVersion: "1.2.3", dataDirectory: "/nonexistent", logger: { debug: ignore, info: ignore, warn: ignore, error: ignore } };
const { posthogBackend } = require("@candor/backend-posthog");
const backend = posthogBackend({ apiKey, host, timeoutMs: 2000 }, context);
const signal = new AbortController().signal;
(async () => {
  await backend.send([], { signal });
  const before = { ...loaded(), listeners: listeners(), environment: { ...process.env } };
  const results = [];
  for (let attempt = 0; attempt < 3; attempt++) results.push((await backend.send(events, { signal })).status);
  await backend.close();
  const after = { ...loaded(), listeners: listeners(), environment: { ...process.env } };
  const timers = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  process.on("exit", () => process.stdout.write(JSON.stringify({ before, results, after, timers })));
})();
`;

/** Puts another module in the SDK's place; none where there is no such file. */
const REPLACED = `const modules = require("node:module");
const { _resolveFilename } = modules;
modules._resolveFilename = function (name, ...rest) {
  return _resolveFilename.call(this, name === "posthog-node" ? process.env.INSTEAD : name, ...rest);
};`;

/** SDKs as a bundler or another version might leave them. */
const SUBSTITUTES = {
  "throwing.cjs": "exports.PostHog = class { constructor() { throw new Error('mine'); } };",
  "without-capture.cjs": "exports.PostHog = class { flush() { return Promise.resolve(); } };",
  "idle.cjs": "exports.PostHog = class { capture() {} flush() { return Promise.resolve(); } };",
  "elsewhere.cjs": `exports.PostHog = class {
  constructor(key, options) { this.options = options; }
  capture() {}
  flush() { return this.options.fetch(this.options.host + "/i/v1/analytics/events", { body: "{}" }); }
};`,
  "foreign.cjs": `exports.PostHog = class {
  constructor(key, options) { this.options = options; }
  capture() {}
  flush() { return this.options.fetch(this.options.host + "/batch/", { body: "[]" }); }
};`,
};

interface Report {
  readonly before: Snapshot;
  readonly results: readonly string[];
  readonly after: Snapshot;
  /** That keep the process alive after the backend was closed. */
  readonly timers: number;
}

interface Snapshot {
  readonly posthog: number;
  readonly http: boolean;
  readonly listeners: readonly (readonly [string, number])[];
  readonly environment: Readonly<Record<string, string>>;
}

let home: TemporaryHome;
let intake: PostHogIntake;
const events = sampleEvents(2);

beforeEach(async () => {
  home = toolHome({ "program.cjs": PROGRAM, "replaced.cjs": REPLACED, ...SUBSTITUTES }, ["backend-posthog"]);
  intake = await startPostHogIntake({ token: TOKEN });
});
afterEach(async () => {
  await intake.close();
  home.dispose();
});

async function run(variables: Readonly<Record<string, string>> = {}, options: readonly string[] = []): Promise<Report> {
  const args = [...options, join(home.path, "tool/program.cjs"), intake.url, TOKEN, JSON.stringify(events)];
  const { stdout, stderr, exitCode } = await runProcess(process.execPath, args, { environment: { ...home.environment, ...variables } });
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  const report: Report = JSON.parse(stdout);
  return report;
}

describe("PostHog's SDK in a process", () => {
  it("is loaded with the first send, and the HTTP client with it", async () => {
    const { before, results, after } = await run();
    expect(before).toMatchObject({ posthog: 0, http: false });
    expect(results).toEqual(["accepted", "accepted", "accepted"]);
    expect(after.posthog).toBeGreaterThan(20);
    expect(after.http).toBe(true);
  });

  it.each<[string, readonly ServerReply[]]>([
    ["all goes well", []],
    ["the server fails", [{ action: "answer", status: 500 }, { action: "answer", status: 413 }, { action: "answer", status: 400 }]],
    ["the wire fails", [{ action: "reset", when: "after-body" }, { action: "truncate", body: "{" }, { action: "hang" }]],
  ])("leaves no listener, no timer and no line of output, and does not keep it alive, when %s", async (_, replies) => {
    intake.reply(...replies);
    const { before, after, timers } = await run();
    expect(after.listeners).toEqual(before.listeners);
    expect(timers).toBe(0);
    expect(intake.requests).toHaveLength(3);
  });

  it.each(["absent.cjs", ...Object.keys(SUBSTITUTES)])("keeps the batch when something else is in its place: %s", async (file) => {
    const { results } = await run({ INSTEAD: join(home.path, "tool", file) }, ["--require", join(home.path, "tool/replaced.cjs")]);
    expect(results).toEqual(["retry", "retry", "retry"]);
    expect(intake.requests).toHaveLength(0);
  });

  it("obeys no variable of whoever runs the tool, and leaves all of them as they are", async () => {
    const trap = await startPostHogIntake();
    try {
      await run();
      const ambient = {
        POSTHOG_CAPTURE_MODE: "v1",
        POSTHOG_HOST: trap.url,
        POSTHOG_API_HOST: trap.url,
        POSTHOG_API_KEY: "phc_users0own",
        POSTHOG_PROJECT_API_KEY: "phc_users0own",
        POSTHOG_PERSONAL_API_KEY: "phx_users0own",
        POSTHOG_RELEASE_ID: "users-own-release",
        POSTHOG_DEBUG: "true",
        POSTHOG_DISABLED: "true",
        OTEL_SERVICE_NAME: "users-own-service",
        OTEL_RESOURCE_ATTRIBUTES: "users.own=abc",
        DEBUG: "*",
      };
      const { before, results, after } = await run(ambient);
      expect(results).toEqual(["accepted", "accepted", "accepted"]);
      expect(after.environment).toEqual(before.environment);
      expect(after.environment).toMatchObject(ambient);
      expect(trap.requests).toHaveLength(0);
      const sent = intake.requests.map(({ path, body, headers }) => JSON.stringify([path, body, headers["user-agent"]]));
      expect(sent).toHaveLength(6);
      expect(new Set(sent).size).toBe(1);
    } finally {
      await trap.close();
    }
  });
});
