import { chmodSync, chownSync, existsSync, mkdirSync, renameSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import { beforeEach, describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { spyBackend } from "@candor/testing";
import { doctor, enable, status } from "../src/commands.ts";
import { type ConsentDecision, type ConsentOptions, resolveConsent } from "../src/consent/consent.ts";
import { directoriesFor } from "../src/platform/paths.ts";
import { type Policy, readPolicy } from "../src/policy/policy.ts";
import { workstation } from "./fake-ports.ts";
import { filesIn } from "./fixtures.ts";
import { answer, collectorOn, writeConsent } from "./options.ts";
import { administered, writePolicy } from "./policies.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const rootOnly = process.getuid?.() === 0 ? describe : describe.skip;

const machine = workstationPerTest(() => administered(workstation()));

const policyOf = (tool = "notes"): Policy => {
  const file = readPolicy(tool, machine.ports);
  if (file.status !== "applies") throw new Error(`the policy is ${file.status === "ignored" ? file.reason : "none"}`);
  return file.policy;
};

describe("a policy that nobody should trust", () => {
  const OFF = { version: 1, telemetry: "off" };

  const faults: readonly [string, () => void, RegExp][] = [
    ["its group may write it", () => (writePolicy(machine, OFF), chmodSync(machine.host.policyFile, 0o664)), /^it may be written by other users$/],
    ["everybody may write it", () => (writePolicy(machine, OFF), chmodSync(machine.host.policyFile, 0o646)), /^it may be written by other users$/],
    ["it lies in a directory that others may write", () => (writePolicy(machine, OFF), chmodSync(dirname(machine.host.policyFile), 0o1777)), /^its directory may be written by other users$/],
    ["it is a symbolic link", () => {
      writePolicy(machine, OFF);
      renameSync(machine.host.policyFile, `${machine.host.policyFile}.real`);
      symlinkSync(`${machine.host.policyFile}.real`, machine.host.policyFile);
    }, /^it is a symbolic link$/],
    ["it is a symbolic link to nothing", () => (mkdirSync(dirname(machine.host.policyFile), { recursive: true }), symlinkSync("/nowhere", machine.host.policyFile)), /^it is a symbolic link$/],
    ["it is a directory", () => mkdirSync(machine.host.policyFile, { recursive: true }), /^it is not a file$/],
    ["it cannot be read", () => (writePolicy(machine, OFF), machine.disk.fail({ call: "readFileSync", path: "policy.json", code: "EACCES", forever: true })), /EACCES/],
    ["it is empty", () => writePolicy(machine, ""), /not a JSON object/],
    ["it is torn", () => writePolicy(machine, '{"version":1,"telemetry":"off"'), /not a JSON object/],
    ["it is a list", () => writePolicy(machine, "[]"), /not a JSON object/],
    ["it has an unknown field", () => writePolicy(machine, { ...OFF, telemetri: "off" }), /^telemetri: is not a field of a policy$/],
    ["it has an unknown field for a tool", () => writePolicy(machine, { ...OFF, tools: { notes: { modules: {} } } }), /^tools\.notes\.modules: is not a field of a policy$/],
    ["it has no version", () => writePolicy(machine, { telemetry: "off" }), /^version: must be 1$/],
    ["it has a later version", () => writePolicy(machine, { ...OFF, version: 2 }), /^version: must be 1$/],
    ["it has its version as text", () => writePolicy(machine, { ...OFF, version: "1" }), /^version: must be 1$/],
    ["it has several faults", () => writePolicy(machine, { version: 1, telemetry: "on", routing: "both" }), /^telemetry: .*; routing: /],
  ];

  it.each(faults)("because %s is ignored, and status and doctor say so", async (_, make, reason) => {
    make();
    answer(machine);
    const collector = collectorOn(machine, { backend: spyBackend() });
    expect(readPolicy("notes", machine.ports)).toEqual({ status: "ignored", path: machine.host.policyFile, reason: expect.stringMatching(reason) });
    expect(collector.installation.consent()).toMatchObject({ enabled: true, source: "stored-choice" });

    const shown = status(collector);
    expect(shown.data["policy"]).toEqual({ path: machine.host.policyFile, ignored: expect.stringMatching(reason) });
    expect(shown.lines.filter((line) => line.startsWith(`Policy: ${machine.host.policyFile}, ignored: `))).toHaveLength(1);
    const examined = await doctor(collector);
    expect(examined.exitCode).toBe(1);
    expect(examined.data["findings"]).toContainEqual({ subject: "policy", status: "fail", message: expect.stringContaining(`${machine.host.policyFile} is ignored: `), advice: expect.stringContaining("administrator") });
    expect(machine.disk.mutations).toEqual([]);
  });

  it.each(faults)("because %s switches nothing on", (_, make) => {
    make();
    expect(collectorOn(machine, { backend: spyBackend() }).enabled).toBe(false);
  });

  it("is none where there is no file, nor a directory for it", () => {
    expect(readPolicy("notes", machine.ports)).toEqual({ status: "none" });
    const shown = status(collectorOn(machine, { backend: spyBackend() }));
    expect(shown.data).not.toHaveProperty("policy");
    expect(shown.lines.filter((line) => line.startsWith("Policy:"))).toEqual([]);
  });
});

rootOnly("a policy that a normal user owns (needs root)", () => {
  it.each<[string, (path: string) => string]>([
    ["it", (path) => path],
    ["its directory", dirname],
  ])("is ignored when %s does not belong to the administrator", (whose, ownedOf) => {
    writePolicy(machine, { version: 1, telemetry: "off" });
    chownSync(ownedOf(machine.host.policyFile), 65_534, 65_534);
    expect(readPolicy("notes", machine.ports)).toEqual({ status: "ignored", path: machine.host.policyFile, reason: `${whose} does not belong to the administrator` });
    chownSync(ownedOf(machine.host.policyFile), 0, 0);
    expect(policyOf().telemetry).toBe("off");
  });
});

describe("a policy that says off", () => {
  it("wins over every yes, and nothing is collected", async () => {
    writePolicy(machine, { version: 1, telemetry: "off" });
    answer(machine);
    Object.assign(machine.host.environment, { NOTES_TELEMETRY: "on", TELEMETRY_ENABLED: "true" });
    const backend = spyBackend();
    const collector = collectorOn(machine, { backend, consent: { model: "enforced" } });
    const before = filesIn(machine.home.path);
    collector.track("feature.used", "e1");
    expect(await collector.flush()).toEqual({ status: "disabled" });
    await collector.close();
    expect(backend.batches).toEqual([]);
    expect(filesIn(machine.home.path)).toEqual(before);
    expect(status(collector)).toMatchObject({ data: { enabled: false, source: "policy", policy: { path: machine.host.policyFile } } });
    expect(status(collector).lines).toContain("Decided by: policy (the machine's policy switches it off)");
  });

  it("counts after a byte order mark, which Windows PowerShell writes", () => {
    writePolicy(machine, '\uFEFF{"version":1,"telemetry":"off"}\r\n');
    expect(policyOf().telemetry).toBe("off");
  });

  it("is named when somebody enables telemetry, whose choice is stored all the same", async () => {
    writePolicy(machine, { version: 1, telemetry: "off" });
    const report = await enable(collectorOn(machine, { backend: spyBackend() }));
    expect(report).toMatchObject({ exitCode: 0, data: { stored: true, enabled: false, source: "policy" } });
    expect(report.lines.join()).toContain("policy");
  });

  it("for one tool leaves the others to the user", () => {
    writePolicy(machine, { version: 1, tools: { payroll: { telemetry: "off" } } });
    for (const tool of ["payroll", "notes"]) answer(machine, {}, tool);
    expect(["payroll", "notes", "constructor", "__proto__"].map((tool) => policyOf(tool).telemetry)).toEqual(["off", "allowed", "allowed", "allowed"]);
    expect(collectorOn(machine, { tool: "payroll", backend: spyBackend() }).installation.consent()).toMatchObject({ enabled: false, source: "policy" });
    expect(collectorOn(machine, { backend: spyBackend() }).enabled).toBe(true);
  });

  it.each([
    ["off", "allowed", "off"],
    ["off", "local", "off"],
    ["local", "allowed", "local"],
    ["local", "off", "off"],
    ["allowed", "local", "local"],
    ["allowed", "allowed", "allowed"],
  ])("in general %s, and %s for the tool, is %s", (general, own, outcome) => {
    writePolicy(machine, { version: 1, telemetry: general, tools: { notes: { telemetry: own } } });
    expect(policyOf().telemetry).toBe(outcome);
  });

  it("takes effect on a tool that is already running", async () => {
    answer(machine);
    const backend = spyBackend();
    const collector = collectorOn(machine, { backend });
    collector.track("feature.used", "e1");
    writePolicy(machine, { version: 1, telemetry: "off" });
    expect(await collector.flush()).toEqual({ status: "disabled" });
    expect(backend.batches).toEqual([]);
  });
});

describe("a policy that says local", () => {
  beforeEach(() => writePolicy(machine, { version: 1, telemetry: "local", backend: { use: "http", endpoint: "https://fleet.example.com" } }));

  it("keeps events in the local log, and says who decided it", async () => {
    answer(machine);
    const backend = spyBackend();
    const collector = collectorOn(machine, { backend });
    const { localLog } = directoriesFor("notes", machine.host);
    collector.track("feature.used", "e1");
    expect(await collector.flush()).toEqual({ status: "delivered" });
    expect(backend.batches).toEqual([]);
    expect(existsSync(localLog)).toBe(true);
    expect(status(collector).lines).toEqual(expect.arrayContaining(["Telemetry: enabled (local-only)", `Routed to file (${localLog}) by the machine's policy`]));
    expect(status(collector).data).toMatchObject({ enabled: true, localOnly: true, source: "stored-choice", routes: [{ decidedBy: "policy" }] });
  });

  it("is not named where the user had kept it local anyway", () => {
    answer(machine, { localOnly: true });
    expect(status(collectorOn(machine, { backend: spyBackend() })).data).toMatchObject({ localOnly: true, routes: [{ decidedBy: "user" }] });
  });

  it("switches nothing on", () => {
    expect(collectorOn(machine, { backend: spyBackend() }).installation.consent()).toMatchObject({ enabled: false, localOnly: false, source: "author-model" });
  });
});

it("never becomes a yes, nor less local, by any policy", () => {
  const scope = {
    telemetry: fc.constantFrom("off", "local", "allowed", "on", true),
    backend: fc.constantFrom<unknown>({ use: "http", endpoint: "https://fleet.example.com" }, [], { use: "noop" }, "http"),
    routing: fc.constantFrom("replace", "tee", "x"),
  };
  const document = fc.record({ version: fc.constantFrom(1, 1, 1, 2), ...scope, enabled: fc.constant(true), consent: fc.constant("yes"), tools: fc.dictionary(fc.constantFrom("notes", "other"), fc.record(scope, { requiredKeys: [] })) }, { requiredKeys: ["version"] });
  const text = fc.oneof({ weight: 5, arbitrary: document.map((value) => JSON.stringify(value)) }, fc.json(), fc.string());
  const records = fc.constantFrom('{"noticeShownAt":"2026-01-01T00:00:00.000Z"}', '{"enabled":tr', "yes", "no", "local", "none");
  const variables = fc.dictionary(fc.constantFrom("NOTES_TELEMETRY", "TELEMETRY_ENABLED", "TELEMETRY_LOCAL", "CI", "DO_NOT_TRACK"), fc.constantFrom("on", "off", "true", "false", "1", "local", ""));
  const resolve = (options: ConsentOptions): ConsentDecision => {
    const file = readPolicy("notes", machine.ports);
    return resolveConsent("notes", options, directoriesFor("notes", machine.host), machine.ports, file.status === "applies" ? file.policy : undefined);
  };
  fc.assert(
    fc.property(text, records, variables, fc.constantFrom("opt-in" as const, "opt-out" as const, "enforced" as const), (policy, record, environment, model) => {
      machine.renew();
      Object.assign(machine.host.environment, environment);
      if (record.startsWith("{")) writeConsent(machine, record);
      else if (record !== "none") answer(machine, { enabled: record !== "no", localOnly: record === "local" });
      const before = resolve({ model });
      writePolicy(machine, policy);
      const after = resolve({ model });
      expect({ becameYes: after.enabled && !before.enabled, left: after.enabled && before.localOnly && !after.localOnly }).toEqual({ becameYes: false, left: false });
    }),
    { numRuns: 300 },
  );
});
