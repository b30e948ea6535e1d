/** Surely off: a short cut that must never be taken where somebody has said yes. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { type ConsentOptions, resolveConsent } from "../src/consent/consent.ts";
import { surelyOff as ask } from "../src/consent/surely-off.ts";
import { type Directories, directoriesFor } from "../src/platform/paths.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();

const directories = (): Directories => directoriesFor("notes", machine.host);
const surelyOff = (options: ConsentOptions = {}): ReturnType<typeof ask> => ask("notes", options, directories(), machine.ports);

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, text, { mode: 0o600 });
}

const ANSWER = { localOnly: false, consentId: "1a2b3c4d", answeredAt: "2026-01-02T03:04:05Z", consentVersion: 1, givenBy: "command" };
const yes = (): void => put(directories().consentFile, JSON.stringify({ ...ANSWER, enabled: true }));
const no = (): void => put(directories().consentFile, JSON.stringify({ ...ANSWER, enabled: false }));

describe("telemetry is surely off", () => {
  it("where nobody has answered", () => expect(surelyOff()).toBe("unanswered"));

  it("after a no, whatever the author's model", () => {
    no();
    for (const model of ["opt-in", "opt-out", "enforced"] as const) expect(surelyOff({ model })).toBe("refused");
  });

  it("where the tool's variable says no", () => {
    machine.host.environment["NOTES_TELEMETRY"] = "Off ";
    expect(surelyOff()).toBe("unanswered");
  });
});

describe("it is not sure that telemetry is off", () => {
  it("after a yes", () => {
    yes();
    expect(surelyOff()).toBeUndefined();
  });

  it.each(["opt-out", "enforced"] as const)("where the author's model is %s and nobody has answered", (model) => expect(surelyOff({ model })).toBeUndefined());

  it.each([
    ["NOTES_TELEMETRY", "on"],
    ["NOTES_TELEMETRY", "debug"],
    ["NOTES_TELEMETRY", "local"],
    ["TELEMETRY_ENABLED", ""],
    ["NO_TRACKING", "0"],
  ])("where %s is set to “%s”", (name, value) => {
    machine.host.environment[name] = value;
    expect(surelyOff({ variables: [{ name: "NO_TRACKING", whenTrue: "off" }] })).toBeUndefined();
  });

  it("where the tool keeps the answer too", () => {
    expect(surelyOff({ store: { name: "tool.yaml", read: () => undefined, write: () => Promise.resolve() } })).toBeUndefined();
  });

  it("after a no to an older text, because the question may be due again", () => {
    no();
    expect(surelyOff({ version: 2 })).toBeUndefined();
  });

  it.each(["{torn", "[]", "{}", '{"enabled":"no"}'])("where %s is on record", (text) => {
    put(directories().consentFile, text);
    expect(surelyOff()).toBeUndefined();
  });

  it("where the record cannot be read", () => {
    machine.disk.fail({ call: "lstatSync", path: "telemetry.json", code: "EACCES", forever: true });
    expect(surelyOff()).toBeUndefined();
  });

  it("where an earlier answer was no", () => {
    put(directories().refusalFile, "");
    expect(surelyOff()).toBeUndefined();
  });

  it("where a deletion request may wait, to which a run without telemetry sees", () => {
    no();
    mkdirSync(directories().deletions, { recursive: true, mode: 0o700 });
    expect(surelyOff()).toBeUndefined();
  });
});

it("never says so where consent would be resolved to a yes", () => {
  const word = fc.constantFrom("", "0", "1", "on", "off", "ON", "no", "yes", "true", "False", "local", "debug", "perhaps", " off ", " ");
  const record = fc.constantFrom(undefined, "{torn", "{}", ...[true, false, "no", undefined].flatMap((enabled) => [1, 2].map((consentVersion) => JSON.stringify({ ...ANSWER, enabled, consentVersion }))), '{"noticeShownAt":"2026-01-02T03:04:05Z"}', '{"enabled":false}');
  const options = fc.record(
    { model: fc.constantFrom("opt-in", "opt-out", "enforced"), version: fc.constantFrom(1, 2), disableFlag: fc.constant("--quiet"), variables: fc.constantFrom([{ name: "A", whenTrue: "off" }], [{ name: "A", whenTrue: "on" }, { name: "B", whenTrue: "off" }]) },
    { requiredKeys: [] },
  ) as fc.Arbitrary<ConsentOptions>;
  const stored = fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.record({ enabled: fc.boolean() }) });
  const names = ["NOTES_TELEMETRY", "TELEMETRY_ENABLED", "TELEMETRY_LOCAL", "DO_NOT_TRACK", "CI", "A", "B"];
  // Few at a time: with all of them set there is hardly a run that is surely off.
  const environment = fc.array(fc.tuple(fc.constantFrom(...names), word), { maxLength: 3 });
  let taken = 0;
  fc.assert(
    fc.property(options, environment, record, stored, fc.boolean(), (given, values, text, answer, refused) => {
      machine.renew();
      for (const [name, value] of values) machine.host.environment[name] = value;
      if (text !== undefined) put(directories().consentFile, text);
      if (refused) put(directories().refusalFile, "");
      const all: ConsentOptions = answer ? { ...given, store: { name: "store", read: () => answer, write: () => Promise.resolve() } } : given;
      const sure = surelyOff(all);
      if (!sure) return;
      taken++;
      const { enabled, noticeDue, questionDue } = resolveConsent("notes", all, directories(), machine.ports);
      expect({ enabled, noticeDue }).toEqual({ enabled: false, noticeDue: undefined });
      expect(sure === "refused" && questionDue).not.toBe(true);
    }),
    { numRuns: 600 },
  );
  expect(taken).toBeGreaterThan(0);
});
