import { chmodSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { readConsent, storeConsent } from "../src/consent/consent-store.ts";
import { directoriesFor } from "../src/platform/paths.ts";
import { consentOn } from "./consent-on.ts";
import { answer, CONSENT_ID, writeConsent, writeRefusal } from "./options.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
const { resolve } = consentOn(machine);

describe("the stored answer", () => {
  it("is a yes with its own id", () => {
    answer(machine);
    expect(resolve()).toMatchObject({ enabled: true, localOnly: false, source: "stored-choice", consentId: CONSENT_ID });
  });

  it.each(["", "{", '{"enabled":true', "[]", '"yes"', "{}", '{"enabled":"true","consentId":"1a2b3c4d"}', '{"enabled":true}', '{"enabled":true,"consentId":"../../x"}', '{"noticeShownAt":"x","enabled":1}', "\u0000\u0000\u0000"])(
    "is a no when the record is torn or foreign: %j",
    (text) => {
      writeConsent(machine, text);
      for (const model of ["opt-in", "opt-out", "enforced"] as const) expect(resolve({ model })).toMatchObject({ enabled: false, source: "stored-choice" });
    },
  );

  it("is a no for every truncation of a yes", () => {
    const record = JSON.stringify({ enabled: true, localOnly: false, consentId: CONSENT_ID, answeredAt: "2026-01-01T00:00:00.000Z", consentVersion: 1, givenBy: "command" });
    for (let length = 0; length < record.length; length++) {
      writeConsent(machine, record.slice(0, length));
      expect(resolve({ model: "opt-out" }).enabled).toBe(false);
    }
  });

  it.each([
    ["a directory", (path: string) => mkdirSync(path, { recursive: true })],
    ["a symbolic link", (path: string) => symlinkSync("/nowhere", path)],
  ])("is a no when %s stands in its place", (_, make) => {
    const { consentFile } = directoriesFor("notes", machine.host);
    mkdirSync(dirname(consentFile), { recursive: true });
    make(consentFile);
    expect(resolve({ model: "enforced" })).toMatchObject({ enabled: false, source: "stored-choice" });
  });

  it.each(["lstatSync", "readFileSync"] as const)("is a no when %s is not allowed", (call) => {
    answer(machine);
    machine.disk.fail({ call, path: "telemetry.json", code: "EACCES", forever: true });
    expect(resolve({ model: "enforced" })).toMatchObject({ enabled: false, source: "stored-choice" });
  });

  it("is a no when the place of the refusal cannot be looked at", () => {
    answer(machine);
    machine.disk.fail({ call: "lstatSync", path: "refused", code: "EACCES", forever: true });
    expect(resolve().enabled).toBe(false);
  });

  it("stays a no when the config directory is deleted or the record is overwritten", () => {
    const directories = directoriesFor("notes", machine.host);
    expect(storeConsent({ enabled: false, localOnly: false, consentVersion: 1, givenBy: "command" }, directories, machine.ports).status).toBe("stored");
    for (const damage of [() => rmSync(directories.config, { recursive: true }), () => writeConsent(machine, "{"), () => answer(machine), () => writeConsent(machine, '{"noticeShownAt":"2026"}')]) {
      damage();
      expect(resolve({ model: "opt-out" }).enabled).toBe(false);
      expect(resolve({ model: "enforced" }).enabled).toBe(false);
    }
  });

  it("stays a no when the data directory is deleted", () => {
    const directories = directoriesFor("notes", machine.host);
    storeConsent({ enabled: false, localOnly: false, consentVersion: 1, givenBy: "command" }, directories, machine.ports);
    rmSync(directories.data, { recursive: true });
    expect(resolve({ model: "enforced" }).enabled).toBe(false);
  });

  it("is a no already when only one of its two records could be written", () => {
    answer(machine);
    machine.disk.fail({ path: "telemetry.json", code: "EROFS", forever: true });
    const outcome = storeConsent({ enabled: false, localOnly: false, consentVersion: 1, givenBy: "command" }, directoriesFor("notes", machine.host), machine.ports);
    expect(outcome.status).toBe("stored");
    machine.disk.heal();
    expect(resolve().enabled).toBe(false);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])("is the old or the new answer when a no crashes after step %i", (steps) => {
    answer(machine);
    machine.disk.crashAfter(steps);
    let finished = true;
    try {
      finished = storeConsent({ enabled: false, localOnly: false, consentVersion: 1, givenBy: "command" }, directoriesFor("notes", machine.host), machine.ports).status === "stored" && !machine.disk.crashed;
    } catch {
      // The process is gone; what is on disk counts.
      finished = false;
    }
    machine.disk.heal();
    const { enabled, source } = resolve();
    expect(source).toBe("stored-choice");
    expect(finished && enabled).toBe(false);
  });

  it.each([0, 1, 2, 3, 4, 5, 6])("is no yes when a yes after a no crashes after step %i", (steps) => {
    writeRefusal(machine);
    machine.disk.crashAfter(steps);
    let outcome = "crashed";
    try {
      outcome = storeConsent({ enabled: true, localOnly: false, consentVersion: 1, givenBy: "command" }, directoriesFor("notes", machine.host), machine.ports).status;
    } catch {
      // The process is gone; what is on disk counts.
      outcome = "crashed";
    }
    machine.disk.heal();
    expect(resolve({ model: "enforced" }).enabled).toBe(outcome === "stored");
  });

  it("asks again when the consent text has a new version, and keeps a no", () => {
    answer(machine, { consentVersion: 1 });
    expect(resolve({ version: 2 })).toMatchObject({ enabled: false, source: "stored-choice" });
    expect(resolve({ version: 1 }).enabled).toBe(true);
    answer(machine, { consentVersion: 1, enabled: false });
    expect(resolve({ version: 2, model: "opt-out" }).enabled).toBe(false);
  });

  it("gives a yes that follows a no an id of its own, and a yes said twice the same", () => {
    const directories = directoriesFor("notes", machine.host);
    let next = 0.1;
    const ports = { ...machine.ports, random: () => (next += 0.1) };
    const answers = [true, true, false, true].map((enabled) => {
      storeConsent({ enabled, localOnly: false, consentVersion: 1, givenBy: "prompt" }, directories, ports);
      return resolve().consentId;
    });
    const [first, again, , later] = answers;
    expect(first).toMatch(/^[0-9a-f]{8}$/);
    expect(again).toBe(first);
    expect(later).toMatch(/^[0-9a-f]{8}$/);
    expect(later).not.toBe(first);
  });

  it("tells readers why it is a no, without throwing", () => {
    const { consentFile } = directoriesFor("notes", machine.host);
    writeConsent(machine, "{");
    chmodSync(consentFile, 0o000);
    expect(readConsent(directoriesFor("notes", machine.host), machine.ports)).toMatchObject({ status: "refused", reason: expect.stringContaining("telemetry.json") });
  });
});
