import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import type { Backend } from "@candor/backend";
import { spyBackend } from "@candor/testing";
import { disable, enable, reset, status } from "../src/commands.ts";
import { readConsent } from "../src/consent/consent-store.ts";
import { myToolOn, requestorOf, SENT, storeIdentity } from "./mytool.ts";
import { writeRefusal } from "./options.ts";
import { vectorsOf } from "./vectors.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
const { tool, directories, consented } = myToolOn(machine);

describe("GTB's words", () => {
  interface Input {
    readonly cmd: "enable" | "disable" | "status" | "reset";
    readonly force_enabled?: boolean;
    readonly enabled?: boolean;
    readonly local_only?: boolean;
    readonly backend?: string;
  }

  /** Lines of GTB's that candor does not say: twice that telemetry is disabled, and that nothing personal is collected, which no library can promise. */
  const unsaid: Readonly<Record<string, string>> = {
    "gtb.cmd_output#1": "No personally identifiable information is collected.",
    "gtb.cmd_output#7": "Telemetry disabled.",
  };

  it.each(vectorsOf<Input, readonly string[]>("gtb.cmd_output"))("$id", async ({ id, input, expected }) => {
    storeIdentity(machine);
    if (input.cmd !== "status" || input.enabled) consented({ localOnly: input.local_only === true });
    const collector = tool({ deletion: requestorOf(SENT), ...(input.force_enabled ? { consent: { model: "enforced" } } : {}) });
    const report = await { enable, disable, status, reset }[input.cmd](collector);
    // What candor adds comes after GTB's lines.
    const said = expected.filter((line) => line !== unsaid[id]);
    const lines = report.lines.slice(0, said.length);
    const localLog = `file (${directories().localLog})`;
    expect(lines).toEqual(said.map((line) => line.replace("file (/home/u/.mytool/telemetry.log)", localLog)));
    expect(report.exitCode).toBe(0);
  });
});

describe("which backend is in use", () => {
  interface Input {
    readonly data_dir: string;
    readonly disabled?: boolean;
    readonly custom?: "valid" | "invalid" | null;
    readonly local_only?: boolean;
    readonly otel?: string;
    readonly http?: string;
  }
  const LOG = "file (/home/u/.mytool/telemetry.log)";
  /** Where candor answers otherwise, and why. */
  const ours: Readonly<Record<string, string>> = {
    // The user's local-only choice is above the author's own backend.
    "gtb.backend_selection#2": LOG,
    // An author's mistake is an error in development and this in a user's hands.
    "gtb.backend_selection#3": "noop (misconfigured)",
    "gtb.backend_selection#6": "noop (misconfigured)",
  };

  it.each(vectorsOf<Input, { info: string }>("gtb.backend_selection"))("$id", ({ id, input, expected }) => {
    machine.host.environment["NODE_ENV"] = "production";
    if (!input.disabled) consented({ localOnly: input.local_only === true });
    const custom = input.custom === "valid" ? spyBackend() : input.custom === "invalid" ? ({ send: 1 } as unknown as Backend) : undefined;
    const choice = input.otel ? { use: "otlp", endpoint: input.otel } : { use: "http", endpoint: input.http ?? "" };
    const collector = tool({ directories: { data: input.data_dir }, backend: custom ?? choice, backends: { otlp: () => Promise.resolve({}) } });
    expect(collector.backendInfo()).toBe(ours[id] ?? expected.info);
  });

  it("is told without credentials", () => {
    consented();
    expect(tool({ backend: { use: "http", endpoint: "https://h.example/e?key=hunter2#x" } }).backendInfo()).toBe("http (https://h.example/e)");
    const vendors = [{ use: "datadog", site: "datadoghq.eu" }, { use: "posthog", host: "https://ph.example/?key=hunter2" }, { use: "amplitude", serverZone: "EU" }, { use: "posthog", region: "eu" }, { use: "amplitude" }];
    const backends = Object.fromEntries(vendors.map(({ use }) => [use, () => Promise.reject(new Error("loaded"))]));
    const info = tool({ backend: vendors.map((vendor) => ({ ...vendor, apiKey: "hunter2" })), backends }).backendInfo();
    expect(info).toBe("datadog (datadoghq.eu), posthog (https://ph.example), amplitude (EU), posthog (eu), amplitude");
  });
});

describe("enable", () => {
  it("records a yes with an id, so that nothing from before it is ever sent", async () => {
    const collector = tool();
    expect(await enable(collector)).toMatchObject({ exitCode: 0, data: { stored: true, enabled: true, source: "stored-choice" } });
    expect(readConsent(directories(), machine.ports)).toMatchObject({ status: "answered", answer: { enabled: true, givenBy: "command" } });
  });

  it("takes back a no", async () => {
    writeRefusal(machine, "mytool");
    consented({ enabled: false });
    expect((await enable(tool())).data).toMatchObject({ enabled: true });
  });

  it.each([
    ["DO_NOT_TRACK", () => (machine.host.environment["DO_NOT_TRACK"] = "1"), "do-not-track"],
    ["the tool's variable", () => (machine.host.environment["MYTOOL_TELEMETRY"] = "off"), "tool-variable"],
    ["the project", () => writeFileSync(join(machine.host.cwd, ".candor.json"), '{"telemetry":"off"}'), "project"],
  ])("says that %s holds it, and stores the choice all the same", async (_, refuse, source) => {
    refuse();
    const report = await enable(tool());
    expect(report).toMatchObject({ exitCode: 0, data: { stored: true, enabled: false, source } });
    expect(report.lines.join()).toContain("stays off for now");
    expect(report.lines.join()).not.toContain("Thank you");
    expect(readConsent(directories(), machine.ports)).toMatchObject({ answer: { enabled: true } });
  });

  it.each(["EROFS", "ENOSPC", "EACCES"])("says that it could not be stored: %s", async (code) => {
    machine.disk.fail({ code, forever: true });
    const report = await enable(tool());
    expect(report).toMatchObject({ exitCode: 1, data: { stored: false } });
    expect(report.lines).toEqual([expect.stringContaining(`failed to persist telemetry setting`)]);
    expect(report.lines[0]).toContain(code);
  });

  it("says that it could not be stored when the old no cannot be removed", async () => {
    mkdirSync(directories().data, { recursive: true, mode: 0o700 });
    writeFileSync(directories().refusalFile, "");
    machine.disk.fail({ call: "rmSync", path: "refused", code: "EPERM", forever: true });
    expect(await enable(tool())).toMatchObject({ exitCode: 1, data: { stored: false } });
    expect(tool().installation.consent().enabled).toBe(false);
  });
});
