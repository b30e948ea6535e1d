import { beforeEach, describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import type { ConsentOptions } from "../src/consent/consent.ts";
import { storeConsent, storeNoticeShown } from "../src/consent/consent-store.ts";
import { directoriesFor } from "../src/platform/paths.ts";
import { consentOn } from "./consent-on.ts";
import { answer, writeConsent, writeRefusal } from "./options.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
const { resolve, set, project } = consentOn(machine);

describe("the order of the sources", () => {
  /** From the strongest to the weakest; each says no, and every one below it says yes as far as it can. */
  const noes: readonly [string, () => void][] = [
    ["flag", () => machine.host.args.push("--disable-telemetry")],
    ["do-not-track", () => set({ DO_NOT_TRACK: "1" })],
    ["tool-variable", () => set({ NOTES_TELEMETRY: "off" })],
    ["gtb-variable", () => set({ TELEMETRY_ENABLED: "false" })],
    ["continuous-integration", () => set({ CI: "true" })],
    ["stored-choice", () => answer(machine, { enabled: false })],
  ];

  it.each(noes)("lets a no of the %s win over everything below", (source, say) => {
    const rank = noes.findIndex(([name]) => name === source);
    const yeses: readonly [number, () => void][] = [
      [2, () => set({ NOTES_TELEMETRY: "on" })],
      [3, () => set({ TELEMETRY_ENABLED: "true" })],
      [5, () => answer(machine)],
    ];
    for (const [at, sayYes] of yeses) if (at > rank) sayYes();
    say();
    expect(resolve({ disableFlag: "--disable-telemetry", model: "enforced" })).toMatchObject({ enabled: false, source });
  });

  it("lets a project's no win over every yes", () => {
    set({ NOTES_TELEMETRY: "on", TELEMETRY_ENABLED: "true" });
    answer(machine);
    project('{"telemetry":"off"}');
    expect(resolve({ model: "enforced" })).toMatchObject({ enabled: false, source: "project" });
  });

  it("lets the tool's variable win over GTB's, the run of a machine and a stored no", () => {
    set({ NOTES_TELEMETRY: "on", TELEMETRY_ENABLED: "false", CI: "1" });
    answer(machine, { enabled: false });
    expect(resolve()).toMatchObject({ enabled: true, source: "tool-variable" });
  });

  it("lets GTB's variable win over the run of a machine and a stored no", () => {
    set({ TELEMETRY_ENABLED: "true", CI: "1" });
    answer(machine, { enabled: false });
    expect(resolve()).toMatchObject({ enabled: true, source: "gtb-variable" });
  });

  it("is the author's model when nobody has said anything", () => {
    expect(resolve()).toMatchObject({ enabled: false, source: "author-model" });
    expect(resolve({ model: "opt-out" })).toMatchObject({ enabled: false, source: "author-model" });
    expect(resolve({ model: "enforced" })).toMatchObject({ enabled: true, source: "author-model" });
  });

  it("is off in continuous integration even where it is enforced", () => {
    set({ GITHUB_ACTIONS: "true" });
    expect(resolve({ model: "enforced" })).toMatchObject({ enabled: false, source: "continuous-integration" });
  });
});

describe("a value that nobody understands", () => {
  beforeEach(() => answer(machine));

  it.each(["yess", "enabled", "2", "0n", " ", "on off", "lokal"])("is off as the tool's variable: %j", (value) => {
    set({ NOTES_TELEMETRY: value });
    expect(resolve()).toMatchObject({ enabled: false, source: "tool-variable" });
  });

  it.each(["", "yes", "on", "TRUE ", "ja"])("is off as TELEMETRY_ENABLED: %j", (value) => {
    set({ TELEMETRY_ENABLED: value });
    expect(resolve()).toMatchObject({ enabled: false, source: "gtb-variable", reason: expect.stringContaining("neither true nor false") });
  });

  it.each(["on", "off"] as const)("is off as a legacy variable that means %s", (whenTrue) => {
    set({ NOTES_TRACKING: "perhaps" });
    expect(resolve({ variables: [{ name: "NOTES_TRACKING", whenTrue }] })).toMatchObject({ enabled: false, source: "tool-variable" });
  });

  it.each(["ture", "yes", "garbage", "1 "])("stays local as TELEMETRY_LOCAL: %j", (value) => {
    set({ TELEMETRY_LOCAL: value });
    expect(resolve()).toMatchObject({ enabled: true, localOnly: true });
    answer(machine, { localOnly: true });
    expect(resolve()).toMatchObject({ enabled: true, localOnly: true });
  });
});

describe("DO_NOT_TRACK", () => {
  it.each(["1", "true", "yes", "TRUE", "2", " "])("is a no as %j", (value) => {
    answer(machine);
    set({ DO_NOT_TRACK: value });
    expect(resolve()).toMatchObject({ enabled: false, source: "do-not-track" });
  });

  it.each(["", "0", "false", "FALSE"])("says nothing as %j", (value) => {
    answer(machine);
    set({ DO_NOT_TRACK: value });
    expect(resolve().source).toBe("stored-choice");
  });
});

describe("the opt-out model", () => {
  it("is off before the notice and on after it", () => {
    expect(resolve({ model: "opt-out" })).toMatchObject({ enabled: false, source: "author-model" });
    expect(storeNoticeShown(directoriesFor("notes", machine.host), machine.ports).status).toBe("stored");
    expect(resolve({ model: "opt-out" })).toMatchObject({ enabled: true, source: "author-model", consentId: "unrecorded" });
    expect(resolve({ model: "opt-in" }).enabled).toBe(false);
  });

  it("stays off when the notice is recorded over a no that was given meanwhile", () => {
    const directories = directoriesFor("notes", machine.host);
    storeConsent({ enabled: false, localOnly: false, consentVersion: 1, givenBy: "command" }, directories, machine.ports);
    storeNoticeShown(directories, machine.ports);
    expect(resolve({ model: "opt-out" }).enabled).toBe(false);
  });
});

it("never becomes a yes by one more opt-out signal", () => {
  const switches = fc.constantFrom("on", "off", "local", "debug", "1", "0", "true", "false", "", "yess");
  const situation = fc.record({
    environment: fc.dictionary(fc.constantFrom("NOTES_TELEMETRY", "TELEMETRY_ENABLED", "TELEMETRY_LOCAL", "NOTES_TRACKING", "CI", "DO_NOT_TRACK"), switches),
    args: fc.array(fc.constantFrom("list", "--", "--disable-telemetry", "--disable-telemetry=true"), { maxLength: 3 }),
    record: fc.constantFrom("none", "yes", "no", "torn", "notice"),
    model: fc.constantFrom("opt-in" as const, "opt-out" as const, "enforced" as const),
  });
  const signals: Readonly<Record<string, () => void>> = {
    flag: () => machine.host.args.unshift("--disable-telemetry"),
    track: () => set({ DO_NOT_TRACK: "1" }),
    tool: () => set({ NOTES_TELEMETRY: "off" }),
    gtb: () => set({ TELEMETRY_ENABLED: "false" }),
    ci: () => set({ CI: "true" }),
    project: () => project('{"telemetry":"off"}'),
    refusal: () => writeRefusal(machine),
    no: () => answer(machine, { enabled: false }),
    torn: () => writeConsent(machine, "{"),
  };
  fc.assert(
    fc.property(situation, fc.constantFrom(...Object.keys(signals)), ({ environment, args, record, model }, signal) => {
      machine.renew();
      set(environment);
      machine.host.args = [...args];
      if (record === "yes") answer(machine);
      if (record === "no") answer(machine, { enabled: false });
      if (record === "torn") writeConsent(machine, '{"enabled":tr');
      if (record === "notice") writeConsent(machine, '{"noticeShownAt":"2026-01-01T00:00:00.000Z"}');
      const options: ConsentOptions = { model, disableFlag: "--disable-telemetry", variables: [{ name: "NOTES_TRACKING", whenTrue: "on" }] };
      const before = resolve(options).enabled;
      signals[signal]?.();
      const after = resolve(options).enabled;
      expect({ before, becameYes: after && !before }).toEqual({ before, becameYes: false });
    }),
    { numRuns: 300 },
  );
});
