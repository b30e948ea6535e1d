import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { spyBackend, startIntake } from "@candor/testing";
import type { Collector } from "../src/collector/collector.ts";
import { doctor, status } from "../src/commands.ts";
import type { CollectorOptions } from "../src/config/config.ts";
import type { Route } from "../src/destination/routing.ts";
import { workstation } from "./fake-ports.ts";
import { names } from "./fixtures.ts";
import { intakesPerTest } from "./intakes-per-test.ts";
import { answer, collectorOn } from "./options.ts";
import { administered, writePolicy } from "./policies.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest(() => administered(workstation()));
const intakes = intakesPerTest();
beforeEach(() => answer(machine));

const AUTHORS = { use: "http", endpoint: "https://author.example.com/events" } as const;
const FLEET = { use: "http", endpoint: "https://fleet.example.com/events" } as const;
const FLEET_OTLP = { use: "otlp", endpoint: "https://fleet.example.com:4318" } as const;

/** A tool with a backend of the author's, and `otlp` in its bundle. */
const tool = (options: Partial<CollectorOptions> = {}): Collector => collectorOn(machine, { backend: AUTHORS, backends: { otlp: () => Promise.resolve({ default: () => spyBackend({ name: "otlp" }) }) }, ...options });
const routes = (options: Partial<CollectorOptions> = {}): readonly Route[] => {
  const { installation } = tool(options);
  return installation.routes(installation.consent());
};
const set = (variables: Readonly<Record<string, string>>): void => void Object.assign(machine.host.environment, variables);

describe("a policy with a destination", () => {
  it("stands in place of the author's", () => {
    writePolicy(machine, { version: 1, backend: FLEET });
    expect(routes()).toEqual([{ backend: FLEET, decidedBy: "policy" }]);
    expect(status(tool()).lines).toContain("Routed to http (https://fleet.example.com/events) by the machine's policy");
  });

  it("stands beside the author's when it tees", () => {
    writePolicy(machine, { version: 1, backend: [FLEET, FLEET_OTLP], routing: "tee" });
    expect(routes()).toEqual([
      { backend: AUTHORS, decidedBy: "author" },
      { backend: FLEET, decidedBy: "policy" },
      { backend: FLEET_OTLP, decidedBy: "policy" },
    ]);
    expect(status(tool()).data["routes"]).toEqual([
      { destination: "http (https://author.example.com/events)", decidedBy: "author" },
      { destination: "http (https://fleet.example.com/events)", decidedBy: "policy" },
      { destination: "otlp (https://fleet.example.com:4318)", decidedBy: "policy" },
    ]);
  });

  it.each(["replace", "tee"])("leaves the author's alone where it names none and says %s", (routing) => {
    writePolicy(machine, { version: 1, routing, backend: [] });
    expect(routes()).toEqual([{ backend: AUTHORS, decidedBy: "author" }]);
  });

  it("for one tool wins over the general one, and the others keep that", () => {
    writePolicy(machine, { version: 1, backend: FLEET, routing: "tee", tools: { notes: { backend: FLEET_OTLP, routing: "replace" } } });
    expect(routes()).toEqual([{ backend: FLEET_OTLP, decidedBy: "policy" }]);
    answer(machine, {}, "other");
    expect(routes({ tool: "other" }).map(({ decidedBy }) => decidedBy)).toEqual(["author", "policy"]);
  });

  it("gets the events, and the author's gets none", async () => {
    const fleet = await intakes.start();
    writePolicy(machine, { version: 1, backend: { use: "http", endpoint: fleet.url } });
    const authors = spyBackend();
    const collector = tool({ backend: authors });
    collector.track("feature.used", "e1");
    expect(await collector.flush()).toEqual({ status: "delivered" });
    expect(authors.batches).toEqual([]);
    expect(fleet.events()).toEqual([expect.objectContaining({ name: "e1" })]);
  });

  it("gets the events beside the author's when it tees", async () => {
    const fleet = await intakes.start();
    writePolicy(machine, { version: 1, routing: "tee", backend: { use: "http", endpoint: fleet.url } });
    const authors = spyBackend();
    const collector = tool({ backend: authors });
    collector.track("feature.used", "e1");
    expect(await collector.flush()).toEqual({ status: "delivered" });
    expect([names(authors.acknowledged), fleet.events().length]).toEqual([["e1"], 1]);
  });

  it("is reached by an uploader that is told nothing of it", async () => {
    writePolicy(machine, { version: 1, backend: { ...FLEET, headers: { authorization: { env: "FLEET_TOKEN" } } } });
    set({ FLEET_TOKEN: "hunter2" });
    const collector = tool();
    collector.track("feature.used", "e1");
    await collector.close();
    const [child] = machine.host.spawned;
    expect(JSON.parse(child?.env["CANDOR_UPLOADER"] ?? "")).toMatchObject({ backends: [AUTHORS] });
    expect(child?.env["CANDOR_UPLOADER"]).not.toContain("hunter2");
  });
});

describe("resource attributes of a policy", () => {
  it("are added to every OTLP destination, and win over the author's", () => {
    writePolicy(machine, { version: 1, routing: "tee", backend: [FLEET, FLEET_OTLP], resourceAttributes: { site: "office", team: "a" }, tools: { notes: { resourceAttributes: { team: "b" } } } });
    const otlp = { use: "otlp", endpoint: "https://author.example.com", resourceAttributes: { site: "author", edition: "pro" } };
    expect(routes({ backend: [otlp, AUTHORS] }).map(({ backend }) => backend)).toEqual([
      { ...otlp, resourceAttributes: { site: "office", edition: "pro", team: "b" } },
      AUTHORS,
      FLEET,
      { ...FLEET_OTLP, resourceAttributes: { site: "office", team: "b" } },
    ]);
  });
});

describe("modules of a policy", () => {
  it("serve a backend that the tool does not bring, and only that", async () => {
    const module = join(machine.home.path, "acme.js");
    const backend = `{ name: "acme", destination: "fleet", limits: { maxEvents: 1, maxBytes: 1000 }, send: async () => ({ status: "blocked", reason: "the module was asked" }), close: async () => undefined }`;
    writeFileSync(module, `exports.default = () => (${backend});\n`);
    writePolicy(machine, { version: 1, backend: { use: "acme" }, modules: { acme: module } });
    const collector = tool();
    collector.track("feature.used", "e1");
    expect(await collector.flush()).toEqual({ status: "pending", reason: "the module was asked" });
    const brought = tool({ backends: { acme: () => Promise.resolve({ default: () => spyBackend() }) } });
    expect(await brought.flush()).toEqual({ status: "delivered" });
  });
});

describe("headers of a policy", () => {
  it("come from a text, a variable or a file", async () => {
    const fleet = await intakes.start();
    const file = join(machine.home.path, "token");
    writeFileSync(file, "Bearer from-file\n");
    set({ FLEET_TENANT: "from-variable" });
    writePolicy(machine, { version: 1, backend: { use: "http", endpoint: fleet.url, headers: { "x-plain": "text", "x-tenant": { env: "FLEET_TENANT" }, authorization: { file } } } });
    const collector = tool();
    collector.track("feature.used", "e1");
    expect(await collector.flush()).toEqual({ status: "delivered" });
    expect(fleet.requests[0]?.headers).toMatchObject({ "x-plain": "text", "x-tenant": "from-variable", authorization: "Bearer from-file" });
  });

  it.each<[string, object, string]>([
    ["a variable that is not set", { env: "FLEET_TOKEN" }, "FLEET_TOKEN is not set"],
    ["a file that is not there", { file: "/nowhere/fleet-token" }, "/nowhere/fleet-token cannot be read"],
  ])("name %s, and the events stay", async (_, source, problem) => {
    const fleet = await intakes.start();
    writePolicy(machine, { version: 1, backend: { use: "http", endpoint: fleet.url, headers: { authorization: source } } });
    const collector = tool();
    collector.track("feature.used", "e1");
    expect(await collector.flush()).toEqual({ status: "pending", reason: expect.stringContaining(problem) });
    expect(fleet.requests).toEqual([]);
    expect(status(collector).lines.join("\n")).toContain(problem);
  });
});

describe("the user's own collector", () => {
  const OWN = { NOTES_TELEMETRY_OTLP_ENDPOINT: "https://mine.example.com:4318", NOTES_TELEMETRY_OTLP_HEADERS: "authorization=Bearer%20mine, x-a = 1,broken,=x,y=50%" };
  const backend = { use: "otlp", endpoint: OWN.NOTES_TELEMETRY_OTLP_ENDPOINT, headers: { authorization: "Bearer mine", "x-a": "1", y: "50%" } };

  it("stands in place of the author's destinations", () => {
    set(OWN);
    expect(routes()).toEqual([{ backend, decidedBy: "user" }]);
    expect(status(tool()).lines).toContain("Routed to otlp (https://mine.example.com:4318) by your own setting");
  });

  it("is nobody's where the variable is empty, or another tool's", () => {
    set({ NOTES_TELEMETRY_OTLP_ENDPOINT: "", OTHER_TELEMETRY_OTLP_ENDPOINT: "https://other.example.com", NOTES_TELEMETRY_OTLP_HEADERS: "a=b" });
    expect(routes()).toEqual([{ backend: AUTHORS, decidedBy: "author" }]);
  });

  it("gives way to a policy that replaces, and stands beside one that tees", () => {
    set(OWN);
    writePolicy(machine, { version: 1, backend: FLEET });
    expect(routes()).toEqual([{ backend: FLEET, decidedBy: "policy" }]);
    writePolicy(machine, { version: 1, backend: FLEET, routing: "tee" });
    expect(routes()).toEqual([{ backend, decidedBy: "user" }, { backend: FLEET, decidedBy: "policy" }]);
  });

  it("switches nothing on", () => {
    answer(machine, { enabled: false });
    set(OWN);
    expect(tool().enabled).toBe(false);
  });
});

describe("the standard OTLP variables", () => {
  const STANDARD = { OTEL_EXPORTER_OTLP_ENDPOINT: "https://work.example.com:4318", OTEL_EXPORTER_OTLP_HEADERS: "tenant=general", OTEL_EXPORTER_OTLP_LOGS_HEADERS: "tenant=logs", OTEL_EXPORTER_OTLP_TIMEOUT: "1500", OTEL_EXPORTER_OTLP_COMPRESSION: "gzip", OTEL_EXPORTER_OTLP_CERTIFICATE: "/ca.pem" };
  const otlp = { use: "otlp", endpoint: "https://author.example.com" } as const;
  const complete = { use: "otlp", endpoint: STANDARD.OTEL_EXPORTER_OTLP_ENDPOINT, headers: { tenant: "logs" }, timeoutMs: 1_500, gzip: true, tls: { caFile: "/ca.pem" } };

  it.each([undefined, false, "true", 1])("are not read where useStandardEnvironment is %j", (useStandardEnvironment) => {
    set(STANDARD);
    const backend = useStandardEnvironment === undefined ? otlp : { ...otlp, useStandardEnvironment };
    expect(routes({ backend })).toEqual([{ backend: otlp, decidedBy: "author" }]);
    expect(routes({ backend: AUTHORS })).toEqual([{ backend: AUTHORS, decidedBy: "author" }]);
  });

  it("complete a destination that asks for them, the author's and the policy's alike", () => {
    set(STANDARD);
    expect(routes({ backend: { ...otlp, useStandardEnvironment: true } })).toEqual([{ backend: complete, decidedBy: "author" }]);
    writePolicy(machine, { version: 1, backend: { use: "otlp", useStandardEnvironment: true } });
    expect(routes()).toEqual([{ backend: complete, decidedBy: "policy" }]);
  });

  it.each(["0", "-1", "soon", "1.5", ""])("pass over a timeout of %j", (timeout) => {
    set({ OTEL_EXPORTER_OTLP_TIMEOUT: timeout });
    expect(routes({ backend: { ...otlp, useStandardEnvironment: true } })).toEqual([{ backend: otlp, decidedBy: "author" }]);
  });
});

it("shows no credential in status or doctor, wherever it stands", async () => {
  const closed = await startIntake();
  await closed.close();
  const secret = "hunter2";
  const file = join(machine.home.path, "token");
  writeFileSync(file, secret);
  set({ FLEET_TOKEN: secret, NOTES_TELEMETRY_OTLP_ENDPOINT: `http://user:${secret}@127.0.0.1:${closed.port}/?token=${secret}`, NOTES_TELEMETRY_OTLP_HEADERS: `authorization=${secret}` });
  const headers = { authorization: `Bearer ${secret}`, "x-env": { env: "FLEET_TOKEN" }, "x-file": { file } };
  writePolicy(machine, { version: 1, routing: "tee", backend: [{ use: "http", endpoint: `${closed.url}/?key=${secret}`, headers }, { use: "http", endpoint: `http://user:${secret}@127.0.0.1:${closed.port}`, headers }] });
  const collector = tool();
  collector.track("feature.used", "e1");
  await collector.flush({ timeoutMs: 200 });
  const shown = JSON.stringify([status(collector), await doctor(collector)]);
  expect(shown).toContain(`127.0.0.1:${closed.port}`);
  expect(shown).not.toContain(secret);
});
