/** The notice of the opt-out model: when it is due, what it says, and what it may never write over. */
import { describe, expect, it } from "@jest/globals";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CollectorOptions } from "../src/config/config.ts";
import { notice } from "../src/commands.ts";
import { directoriesFor } from "../src/platform/paths.ts";
import { filesIn } from "./fixtures.ts";
import { answer, collectorOn, writeConsent, writeRefusal } from "./options.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();

const optOut = (consent: CollectorOptions["consent"] = {}, options: Partial<CollectorOptions> = {}): ReturnType<typeof collectorOn> =>
  collectorOn(machine, { backend: { use: "http", endpoint: "https://collector.example.com" }, ...options, consent: { model: "opt-out", ...consent } });

describe("the notice", () => {
  it.each<[string, () => void]>([
    ["the user has said no", () => answer(machine, { enabled: false })],
    ["the user has said yes", () => answer(machine)],
    ["the record of the answer is torn", () => writeConsent(machine, "{")],
    ["only the second record of a no is left", () => writeRefusal(machine)],
    ["a variable has decided", () => void (machine.host.environment["TELEMETRY_ENABLED"] = "false")],
    ["it is continuous integration", () => void (machine.host.environment["CI"] = "1")],
    ["the project opts its contributors out", () => writeFileSync(join(machine.host.cwd, ".candor.json"), '{"telemetry":"off"}')],
  ])("has no lines and records nothing where %s", (_, prepare) => {
    prepare();
    const before = filesIn(machine.home.path);
    expect(notice(optOut())).toEqual({ exitCode: 0, lines: [], data: { shown: false } });
    expect(machine.disk.mutations).toEqual([]);
    expect(filesIn(machine.home.path)).toEqual(before);
  });

  it("has no lines where it cannot be recorded, so that nothing is collected unannounced", () => {
    machine.disk.fail({ code: "EROFS", call: "mkdirSync", forever: true });
    const collector = optOut();
    expect(notice(collector)).toMatchObject({ exitCode: 1, lines: [], data: { shown: false } });
    expect(collector.installation.consent().enabled).toBe(false);
  });

  it("never writes over a no that cannot be kept a second time", () => {
    // The data directory takes no second record, so the one in the config is all there is.
    answer(machine, { enabled: false });
    writeConsent(machine, JSON.stringify({ ...JSON.parse(machine.home.read(".config/notes/telemetry.json")), consentVersion: 0 }));
    notice(optOut({ version: 9 }));
    expect(optOut().installation.consent().enabled).toBe(false);
  });

  it("leaves the run that shows it without a single event, and the next one collects", () => {
    const shown = optOut();
    expect(shown.enabled).toBe(false);
    expect(notice(shown).data).toEqual({ shown: true });
    shown.track("feature.used", "too early");
    expect(filesIn(directoriesFor("notes", machine.host).spool)).toEqual([]);
    expect(optOut().enabled).toBe(true);
    expect(notice(optOut()).lines).toEqual([]);
  });

  it("is due again when the consent text has changed, also for somebody who had said yes to the old one", () => {
    notice(optOut());
    expect(optOut({ version: 2 }).installation.consent()).toMatchObject({ enabled: false, noticeDue: true });
    notice(optOut({ version: 2 }));
    expect(optOut({ version: 2 }).enabled).toBe(true);
    expect(optOut({ version: 1 }).enabled).toBe(true);
    answer(machine, { consentVersion: 2 });
    expect(optOut({ version: 3 }).installation.consent()).toMatchObject({ enabled: false, noticeDue: true, reason: "the consent text has changed since you answered" });
    notice(optOut({ version: 3 }));
    expect(optOut({ version: 3 }).enabled).toBe(true);
  });

  it("counts one that was shown before notices had versions as the first", () => {
    writeConsent(machine, '{"noticeShownAt":"2026-01-01T00:00:00.000Z"}');
    expect(optOut().enabled).toBe(true);
    expect(optOut({ version: 2 }).enabled).toBe(false);
  });

  it("says what is true of the tool, and how to reach its command", () => {
    expect(notice(optOut(), { telemetryCommand: "notes self telemetry" }).lines).toEqual([
      "notes collects usage data from the next run on: commands, how they ended and how long they took, and what `notes self telemetry info` lists; under a pseudonym.",
      "`notes self telemetry disable` stops it, `notes self telemetry status` shows it.",
    ]);
  });

  it("names arguments where they are recorded, and that all stays here where it does", () => {
    machine.host.environment["TELEMETRY_LOCAL"] = "true";
    const { lines } = notice(optOut({}, { extendedCollection: true }));
    expect(lines[0]).toContain("their arguments and errors with what looks like a secret taken out");
    expect(lines[1]).toContain("Everything stays on this machine");
  });

  it("has the author's own words", () => {
    expect(notice(optOut(), { lines: ["We count.", "You decide."] }).lines).toEqual(["We count.", "You decide."]);
  });
});
