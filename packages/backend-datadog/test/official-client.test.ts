/** Datadog's own client, in processes of their own with the package as it is built and installed. */
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { DeliveryResult } from "@candor/backend";
import { type DatadogIntake, type IntakeRequest, runProcess, sampleEvent, startDatadogIntake, startIntake, type TemporaryHome, temporaryHome } from "@candor/testing";
import { entriesOf, secret } from "./datadog-entries.ts";
import { type InstalledClient, installPackage } from "./installed-package.ts";

/** Sends the same events directly and by the client, and tells what became of it and of the process. */
const SEND = `
const { DESTINATION, API_KEY, EVENTS, CLIENTS } = process.env;
const ignore = () => undefined;
const context = { toolName: "notes", toolVersion: "1.2.3", dataDirectory: "/nonexistent", logger: { debug: ignore, info: ignore, warn: ignore, error: ignore } };
const before = JSON.stringify(process.env);
const results = [];
for (const client of CLIENTS.split(",")) {
  const backend = datadogBackend({ apiKey: API_KEY, endpoint: DESTINATION, client }, context);
  results.push(await backend.send(JSON.parse(EVENTS), { signal: new AbortController().signal }));
  await backend.close();
}
const isUntouched = JSON.stringify(process.env) === before;
const site = await import("@datadog/datadog-api-client/dist/packages/datadog-api-client-common/servers.js").then(({ server1 }) => server1.getConfiguration().site).catch(() => undefined);`;
const REPORT = "process.stdout.write(JSON.stringify({ results, isUntouched, site }));";
const MODULE = `import datadogBackend from "@candor/backend-datadog";${SEND}${REPORT}`;
const COMMON_JS = `const { datadogBackend } = require("@candor/backend-datadog"); (async () => {${SEND}${REPORT}})();`;

/** Sends the entries once more with the client alone: its own configuration, its own HTTP library. */
const ORIGINAL = `import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
const { client, v2 } = require("@datadog/datadog-api-client");
const { ServerConfiguration } = require("@datadog/datadog-api-client/dist/packages/datadog-api-client-common/servers.js");
const { DESTINATION, API_KEY, ENTRIES } = process.env;
const configuration = client.createConfiguration({ authMethods: { apiKeyAuth: API_KEY }, baseServer: new ServerConfiguration(new URL(DESTINATION).origin, {}) });
const body = JSON.parse(ENTRIES).map(({ ddsource, ddtags, hostname, message, service, ...additionalProperties }) => ({ ddsource, ddtags, hostname, message, service, additionalProperties }));
await new v2.LogsApi(configuration).submitLog({ body, contentEncoding: "gzip" });
const intakes = ["datadoghq.com", "us3.datadoghq.com", "datadoghq.eu", "us2.ddog-gov.com", "uk1.datadoghq.com"].map((site) => {
  const other = client.createConfiguration({ authMethods: {} });
  other.setServerVariables({ site });
  return other.getServer("v2.LogsApi.submitLog").makeRequestContext("/api/v2/logs", "POST").getUrl();
});
process.stdout.write(JSON.stringify(intakes));`;

/** What whoever runs the tool may have for their own programs. */
const ambient = { DD_SITE: "users-own.example", DD_API_KEY: "users-own-key", DD_APP_KEY: "users-own-app-key", DEBUG: "*", DD_ENV: "users-own", DD_TAGS: "users:own" };

const events = [
  sampleEvent({ error: "\ud800", args: ["--all", ""], metadata: { "": null, nested: { list: [1, { deep: 0.1 }], __proto__: "x" }, text: "漢字 🙂 \u2028" } }),
  sampleEvent({ signal: "SIGINT", droppedEvents: 3, exitCode: 130 }),
];

// Each test starts processes that load thousands of modules.
let home: TemporaryHome;
let intake: DatadogIntake;

beforeEach(async () => {
  home = temporaryHome({ "send.mjs": MODULE, "send.cjs": COMMON_JS, "original.mjs": ORIGINAL });
  intake = await startDatadogIntake({ apiKey: secret });
});
afterEach(async () => {
  await intake.close();
  home.dispose();
});

async function run(program: string, variables: Readonly<Record<string, string>> = {}): Promise<string> {
  const environment = { ...home.environment, DESTINATION: intake.endpoint, API_KEY: secret, EVENTS: JSON.stringify(events), CLIENTS: "direct,official", ...variables };
  const { stdout, stderr, exitCode } = await runProcess(process.execPath, [`${home.path}/${program}`], { environment, timeoutMs: 60_000 });
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  return stdout;
}

async function sendBy(client: InstalledClient, program = "send.mjs", variables: Readonly<Record<string, string>> = {}): Promise<readonly DeliveryResult[]> {
  installPackage(home.path, client);
  const { results, isUntouched, site } = JSON.parse(await run(program, variables));
  // The client's own configuration would have written DD_SITE into the module, which the tool may be using too.
  expect({ isUntouched, site }).toEqual({ isUntouched: true, site: client === "absent" ? undefined : "datadoghq.com" });
  return results;
}

/** All that arrived of a request, but for the port. */
const seen = ({ method, path, headers, rawBody, body }: IntakeRequest) => ({ method, path, headers, bytes: rawBody.toString("hex"), body });

describe("a client that cannot be used", () => {
  it.each(["send.mjs", "send.cjs"])("keeps the batch and says how to install it (%s)", async (program) => {
    const [direct, official] = await sendBy("absent", program);
    expect(direct).toEqual({ status: "accepted" });
    expect(official).toEqual({
      status: "blocked",
      reason: `Datadog's client is not installed: install @datadog/datadog-api-client@1 beside the tool, or leave out client: "official"`,
    });
    expect(intake.requests).toHaveLength(1);
  });

  it("is no hindrance to a tool that is bundled into one file without it", async () => {
    installPackage(home.path, "absent");
    const bundler = join(__dirname, "../../core/test/processes/programs/bundle.mjs");
    const bundling = await runProcess(process.execPath, [bundler, `${home.path}/send.mjs`, `${home.path}/bundle.mjs`, "esm"], { environment: home.environment });
    expect(bundling).toMatchObject({ exitCode: 0 });
    const { results } = JSON.parse(await run("bundle.mjs"));
    expect(results).toMatchObject([{ status: "accepted" }, { status: "blocked" }]);
  });

  it.each([
    ["fails to load", "throw new Error('broken');", "Datadog's client could not be loaded"],
    ["has no logs", "exports.Other = class {};", "did not make a request"],
    ["refuses the entries, as versions before 1.30 do", "exports.LogsApi = class { submitLog() { return Promise.reject(new TypeError('unknown type')); } };", "install version 1.30 or later"],
    ["sends nothing", "exports.LogsApi = class { submitLog() { return Promise.resolve({}); } };", "did not make a request"],
  ])("keeps the batch when it %s", async (_, logsApi, words) => {
    const [direct, official] = await sendBy({ logsApi });
    expect(direct).toEqual({ status: "accepted" });
    expect(official).toMatchObject({ status: "blocked", reason: expect.stringContaining(words) });
    expect(intake.requests).toHaveLength(1);
  });
});

const TRIPPING = `exports.LogsApi = class {
  constructor({ httpApi }) { this.httpApi = httpApi; }
  async submitLog() {
    await this.httpApi.send({ getBody: () => "[]", getHeaders: () => ({ "dd-api-key": process.env.API_KEY }) });
    throw new TypeError("unknown answer");
  }
};`;

describe("a client that trips over the answer", () => {
  it("changes nothing about what Datadog said", async () => {
    intake.reply({ action: "answer", status: 202, body: "{}" }, { action: "answer", status: 202, body: "{}" }, { action: "answer", status: 503 });
    const results = await sendBy({ logsApi: TRIPPING }, "send.mjs", { CLIENTS: "direct,official,official" });
    expect(results).toMatchObject([{ status: "accepted" }, { status: "accepted" }, { status: "retry" }]);
  });
});

describe("beside the direct way", () => {
  it.each(["send.mjs", "send.cjs"])("makes the same request, byte for byte (%s)", async (program) => {
    expect(await sendBy("real", program)).toEqual([{ status: "accepted" }, { status: "accepted" }]);
    const [direct, official] = intake.requests;
    expect(seen(official ?? neverSent())).toEqual(seen(direct ?? neverSent()));
    expect(entriesOf(official?.body ?? "")).toMatchObject(events.map(({ id, signal }) => ({ event_id: id, ...(signal !== undefined && { signal }) })));
  });

  it("makes the request that the client makes when it is left alone", async () => {
    await sendBy("real");
    const [direct] = intake.requests;
    const intakes = JSON.parse(await run("original.mjs", { ENTRIES: direct?.body ?? "" }));
    const original = intake.requests[2];
    expect(original?.body).toBe(direct?.body);
    for (const name of ["dd-api-key", "content-type", "accept", "content-encoding"]) expect(original?.headers[name]).toBe(direct?.headers[name]);
    expect({ method: original?.method, path: original?.path }).toEqual({ method: direct?.method, path: direct?.path });
    expect(intakes).toEqual(["datadoghq.com", "us3.datadoghq.com", "datadoghq.eu", "us2.ddog-gov.com", "uk1.datadoghq.com"].map((site) => `https://http-intake.logs.${site}/api/v2/logs`));
  });

  it("comes to the same verdict whatever Datadog answers, in silence and at the first attempt", async () => {
    const answers = [
      { status: 200, body: "<html>" },
      { status: 202, body: '{"' },
      // A form of error that the client would complain about.
      { status: 400, body: '{"errors":[{"detail":7}]}' },
      { status: 401, body: "" },
      { status: 403, body: "{}" },
      { status: 404, body: "" },
      { status: 413, body: "" },
      { status: 429, body: "{}" },
      { status: 500, body: "" },
      { status: 503, body: "{}" },
      { status: 307, body: "" },
    ].map((answer) => ({ ...answer, action: "answer", headers: { location: "/elsewhere", "retry-after": "7" } }) as const);
    intake.reply(...answers, ...answers);
    const clients = [...answers.map(() => "direct"), ...answers.map(() => "official")];
    const results = await sendBy("real", "send.mjs", { DEBUG: "1", CLIENTS: clients.join(",") });
    expect(results.slice(answers.length)).toEqual(results.slice(0, answers.length));
    expect(results.map(({ status }) => status)).not.toContain("accepted");
    expect(intake.requests).toHaveLength(clients.length);
  });

  it("is as silent when nobody listens", async () => {
    await intake.pause();
    const [direct, official] = await sendBy("real", "send.mjs", { DEBUG: "1" });
    expect(official).toEqual(direct);
    expect(official).toMatchObject({ status: "retry", reason: expect.stringContaining("ECONNREFUSED") });
  });
});

describe("the user's own variables", () => {
  it("change neither way, although the client obeys them when it is left alone", async () => {
    const trap = await startIntake();
    try {
      expect(await sendBy("real", "send.mjs", { ...ambient, DD_TRACE_AGENT_URL: trap.url })).toEqual([{ status: "accepted" }, { status: "accepted" }]);
      for (const request of intake.requests) {
        expect(JSON.stringify(seen(request))).not.toContain("users-own");
        expect(Object.keys(request.headers).sort()).toEqual(["accept", "connection", "content-encoding", "content-length", "content-type", "dd-api-key", "host", "user-agent"]);
      }
      expect(trap.requests).toHaveLength(0);
    } finally {
      await trap.close();
    }
  });
});

function neverSent(): never {
  throw new Error("the request never arrived");
}
