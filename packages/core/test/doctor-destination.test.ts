import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Intake, type ServerReply, spyBackend } from "@candor/testing";
import { type CommandReport, doctor } from "../src/commands.ts";
import type { CollectorOptions } from "../src/config/config.ts";
import { type Finding, findingLines } from "../src/inspection/finding.ts";
import { directoriesFor } from "../src/platform/paths.ts";
import { addBatch, filesIn, namedEvents, spoolOn, stored } from "./fixtures.ts";
import { intakesPerTest } from "./intakes-per-test.ts";
import { answer, collectorOn } from "./options.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
const intakes = intakesPerTest();
const noProxy = process.env["NO_PROXY"];
beforeEach(() => {
  answer(machine);
  process.env["NO_PROXY"] = "*";
});
afterEach(() => {
  if (noProxy === undefined) delete process.env["NO_PROXY"];
  else process.env["NO_PROXY"] = noProxy;
});

const intakeThat = (reply?: ServerReply): Promise<Intake> => intakes.start(reply ? { reply } : {});
const directories = (): ReturnType<typeof directoriesFor> => directoriesFor("notes", machine.host);
const examine = (options: Partial<CollectorOptions> = {}): Promise<CommandReport> => doctor(collectorOn(machine, options));
const findings = ({ data }: CommandReport): readonly Finding[] => data["findings"] as Finding[];
const about = (report: CommandReport, subject: string): readonly Finding[] => findings(report).filter((finding) => finding.subject.startsWith(subject));

describe("a doctor's visit while telemetry is off", () => {
  it.each<[string, () => Partial<CollectorOptions>, string]>([
    ["the user said no", () => (answer(machine, { enabled: false }), {}), "you answered no"],
    ["DO_NOT_TRACK is set", () => (Object.assign(machine.host.environment, { DO_NOT_TRACK: "1" }), {}), "DO_NOT_TRACK"],
    ["the author has switched it off", () => ({ enabled: false }), "telemetry is off"],
  ])("because %s contacts nobody and loads no backend", async (_, refuse, reason) => {
    const intake = await intakeThat();
    const choices = refuse();
    let loaded = false;
    const own = (): Promise<never> => Promise.reject(new Error(String((loaded = true))));
    const report = await examine({ ...choices, backend: [{ use: "http", endpoint: intake.url }, { use: "own" }], backends: { own } });
    expect(report.exitCode).toBe(0);
    expect(findings(report)[0]).toEqual({ subject: "consent", status: "skip", message: expect.stringMatching(/telemetry is off: .*; no destination is contacted/) });
    expect(findings(report)[0]?.message).toContain(reason);
    expect([...about(report, "http"), ...about(report, "own")]).toEqual([]);
    expect({ connections: intake.requests.length, loaded }).toEqual({ connections: 0, loaded: false });
  });
});

describe("a doctor's visit to a destination", () => {
  it("whose address only its backend knows looks at the way there, too", async () => {
    const intake = await intakeThat();
    await intake.close();
    const vendor = { ...spyBackend(), destination: intake.url, probe: () => Promise.reject(new Error("asked")) };
    const report = await examine({ backend: { use: "vendor" }, backends: { vendor: () => Promise.resolve({ default: () => vendor }) } });
    expect(about(report, "spy").map(({ status, message }) => ({ status, message }))).toEqual([{ status: "fail", message: expect.stringContaining("ECONNREFUSED") }]);
  });

  it("that is healthy passes, sends no event and changes nothing", async () => {
    const intake = await intakeThat();
    addBatch(spoolOn(machine), namedEvents(3));
    const before = filesIn(machine.home.path);
    const mutations = machine.disk.mutations.length;
    const report = await examine({ backend: { use: "http", endpoint: `${intake.url}/events`, headers: { authorization: "Bearer hunter2" } } });
    expect(report).toMatchObject({ exitCode: 0, data: { healthy: true } });
    expect(findings(report)).toEqual([
      { subject: "consent", status: "pass", message: expect.stringContaining("telemetry is on: you answered yes") },
      { subject: "storage", status: "pass", message: `${directories().data} is private and can be written` },
      { subject: "spool", status: "pass", message: expect.stringMatching(/^3 events in 1 batches wait, \d+ bytes$/) },
      { subject: `http (${intake.url}/events)`, status: "pass", message: `127.0.0.1 accepts connections on port ${intake.port}` },
      { subject: `http (${intake.url}/events)`, status: "pass", message: "answers, and takes events" },
    ]);
    expect(report.lines).toEqual(findingLines(findings(report)));
    expect(report.lines.join("\n")).not.toContain("hunter2");
    expect(intake.requests.map(({ body }) => body)).toEqual(["[]"]);
    expect([filesIn(machine.home.path), machine.disk.mutations.length]).toEqual([before, mutations]);
    expect(stored(spoolOn(machine))).toEqual(["e1", "e2", "e3"]);
  });

  it.each<[string, ServerReply, string]>([
    ["401", { action: "answer", status: 401 }, "the server answered 401"],
    ["503", { action: "answer", status: 503 }, "503"],
    ["a redirect", { action: "answer", status: 302, headers: { location: "http://127.0.0.1:9/" } }, "redirects"],
    ["a web page", { action: "answer", status: 200, headers: { "content-type": "text/html" }, body: "<!doctype html><title>Log in</title>" }, "web page"],
    ["a connection that is cut", { action: "reset", when: "after-body" }, "reset"],
  ])("that answers with %s fails, with advice", async (_, reply, reason) => {
    const intake = await intakeThat(reply);
    const report = await examine({ backend: { use: "http", endpoint: intake.url } });
    expect(report).toMatchObject({ exitCode: 1, data: { healthy: false } });
    expect(about(report, "http").at(-1)).toEqual({ subject: expect.any(String), status: "fail", message: expect.stringContaining(reason), advice: expect.stringMatching(/stay on disk/) });
    expect(report.lines.filter((line) => line.startsWith("fail  http"))).toHaveLength(1);
  });

  it("that refuses the empty request itself passes", async () => {
    const intake = await intakeThat({ action: "answer", status: 400 });
    const report = await examine({ backend: { use: "http", endpoint: intake.url } });
    expect(report.exitCode).toBe(0);
    expect(about(report, "http").at(-1)).toMatchObject({ status: "pass", message: expect.stringContaining("no use for an empty request") });
  });

  it("that refuses connections fails at that step and is asked nothing", async () => {
    const intake = await intakeThat();
    await intake.pause();
    const report = await examine({ backend: { use: "http", endpoint: intake.url } });
    expect(report.exitCode).toBe(1);
    expect(about(report, "http")).toEqual([{ subject: `http (${intake.url})`, status: "fail", message: "the connection was refused (ECONNREFUSED)", advice: expect.stringContaining("firewall") }]);
  });

  it("whose name nobody knows fails at that step", async () => {
    const report = await examine({ backend: { use: "http", endpoint: "https://telemetry.example.invalid/events" } });
    expect(report.exitCode).toBe(1);
    expect(about(report, "http")).toEqual([{ subject: "http (https://telemetry.example.invalid/events)", status: "fail", message: expect.stringContaining("host name"), advice: expect.stringContaining("look up names") }]);
  });

  it("behind a proxy that refuses connections names the proxy as what to look at", async () => {
    const proxy = await intakeThat();
    await proxy.pause();
    Object.assign(process.env, { NO_PROXY: "", HTTPS_PROXY: proxy.url });
    try {
      const report = await examine({ backend: { use: "http", endpoint: "https://telemetry.example.com" } });
      expect(about(report, "http").at(-1)).toEqual({
        subject: "http (https://telemetry.example.com)",
        status: "fail",
        message: `the proxy 127.0.0.1:${proxy.port} cannot be used: the connection was refused (ECONNREFUSED)`,
        advice: expect.stringContaining("that the proxy runs"),
      });
    } finally {
      delete process.env["HTTPS_PROXY"];
    }
  });

  it("looks at every one of several", async () => {
    const [good, bad] = [await intakeThat(), await intakeThat({ action: "answer", status: 403 })];
    const report = await examine({ backend: [{ use: "http", endpoint: good.url }, { use: "http", endpoint: bad.url }, spyBackend({ name: "live" })] });
    expect(findings(report).flatMap(({ subject, status }) => (/^(http|live) /.test(subject) ? [`${status} ${subject}`] : []))).toEqual([
      `pass http (${good.url})`, `pass http (${good.url})`, `pass http (${bad.url})`, `fail http (${bad.url})`, "skip live (memory)",
    ]);
    expect(report.exitCode).toBe(1);
  });

  it.each<[string, (endpoint: string) => Partial<CollectorOptions>, string]>([
    ["an API key from a variable that is not set", (endpoint) => ({ backend: { use: "http", endpoint, apiKey: { env: "FLEET_KEY" } } }), "apiKey: the environment variable FLEET_KEY is not set"],
    ["a header from a variable that is not set", (endpoint) => ({ backend: { use: "http", endpoint, headers: { authorization: { env: "FLEET_TOKEN" } } } }), "FLEET_TOKEN is not set"],
    ["a misspelt option", (endpoint) => ({ backend: { use: "http", endpoint, haeders: { authorization: "Bearer hunter2" } } }), "backend.haeders is not an option; the options are endpoint, headers"],
    ["a misspelt option of TLS", (endpoint) => ({ backend: { use: "http", endpoint, tls: { cafile: "/ca.pem" } } }), "backend.tls.cafile is not an option; the options are caFile, certificateFile, keyFile"],
    ["a certificate that is not there", (endpoint) => ({ backend: { use: "http", endpoint, tls: { caFile: "/nowhere/ca.pem" } } }), "/nowhere/ca.pem"],
    ["a module that cannot be loaded", (endpoint) => ({ backend: { use: "own", endpoint }, backends: { own: () => Promise.reject(new Error("no such module")) } }), "no such module"],
  ])("that cannot be built, because of %s, fails and says why", async (_, optionsFor, reason) => {
    // Where the author sees it, most of it is thrown before.
    machine.host.environment["NODE_ENV"] = "production";
    const intake = await intakeThat();
    const report = await examine(optionsFor(intake.url));
    expect(findings(report)).toContainEqual(expect.objectContaining({ status: "fail", message: expect.stringContaining(reason), advice: expect.stringMatching(/^Tell the tool's author/) }));
    expect(report.exitCode).toBe(1);
    expect(intake.requests).toEqual([]);
  });
});
