import { existsSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { disable } from "../src/commands.ts";
import { readConsent } from "../src/consent/consent-store.ts";
import { readLock } from "../src/uploader/lock-record.ts";
import { acquireLock } from "../src/uploader/uploader-lock.ts";
import { addBatch, namedEvents, stored } from "./fixtures.ts";
import { myToolOn } from "./mytool.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
const { tool, directories, spool, consented } = myToolOn(machine);

describe("disable", () => {
  it("records a no and leaves no event anywhere", async () => {
    consented();
    addBatch(spool(), namedEvents(2));
    addBatch(spool("unrecorded"), namedEvents(2));
    const collector = tool();
    collector.track("feature.used", "e9");
    expect(await disable(collector)).toMatchObject({ exitCode: 0, lines: ["Telemetry disabled.", "All pending events have been discarded."], data: { stored: true, enabled: false, discarded: true, problems: [] } });
    expect([...stored(spool()), ...stored(spool("unrecorded"))]).toEqual([]);
    expect(readConsent(directories(), machine.ports)).toMatchObject({ answer: { enabled: false } });
    collector.track("feature.used", "e10");
    await collector.close();
    expect(stored(spool())).toEqual([]);
    expect(machine.host.spawned).toEqual([]);
  });

  it("leaves nothing but the two records of the no where telemetry never was", async () => {
    expect((await disable(tool())).exitCode).toBe(0);
    expect(existsSync(directories().refusalFile)).toBe(true);
    expect(existsSync(directories().identityFile)).toBe(false);
    expect(existsSync(directories().spool)).toBe(false);
  });

  it("says that the choice could not be stored and discards events all the same", async () => {
    consented();
    addBatch(spool(), namedEvents(2));
    machine.disk.fail({ path: /telemetry\.json|refused/, code: "EROFS", forever: true });
    const report = await disable(tool());
    expect(report).toMatchObject({ exitCode: 1, data: { stored: false, enabled: true } });
    expect(report.lines).toEqual(expect.arrayContaining([expect.stringContaining("could not be stored")]));
    expect(report.lines).not.toContain("Telemetry disabled.");
    expect(stored(spool())).toEqual([]);
  });

  it("says that events could not be discarded", async () => {
    consented();
    addBatch(spool(), namedEvents(2));
    machine.disk.fail({ call: "rmSync", path: "spool", code: "EPERM", forever: true });
    const report = await disable(tool());
    expect(report).toMatchObject({ exitCode: 1, data: { stored: true, discarded: false } });
    expect(report.lines).not.toContain("All pending events have been discarded.");
  });

  it("says first that a variable still keeps it on, and why to programs too", async () => {
    consented();
    machine.host.environment["MYTOOL_TELEMETRY"] = "on";
    const line = "Your choice is stored, but telemetry is still on for this environment: MYTOOL_TELEMETRY=on.";
    expect(await disable(tool())).toEqual({
      exitCode: 1,
      lines: [line, "All pending events have been discarded."],
      data: { stored: true, enabled: true, source: "tool-variable", reason: "MYTOOL_TELEMETRY=on", discarded: true, problems: [line] },
    });
  });

  it("does not call a choice stored that is not, where telemetry is still on", async () => {
    machine.host.environment["MYTOOL_TELEMETRY"] = "on";
    machine.disk.fail({ path: /telemetry\.json|refused/, code: "EROFS", forever: true });
    const report = await disable(tool());
    expect(report).toMatchObject({ exitCode: 1, data: { stored: false, enabled: true, reason: "MYTOOL_TELEMETRY=on" } });
    expect(report.lines[0]).toBe("Telemetry is still on for this environment: MYTOOL_TELEMETRY=on.");
    expect(report.lines).toContainEqual(expect.stringMatching(/^Your choice could not be stored: /));
  });

  describe("while another process uploads", () => {
    function otherUploads(kind: "detached" | "in-process"): { readonly id: number; readonly isStopped: () => boolean; readonly release: () => void } {
      const other = machine.startProcess();
      const outcome = acquireLock({ state: "running", kind, lifetimeMs: 30_000, minimumIntervalMs: 0 }, directories(), other.ports);
      if (outcome.status !== "held") throw new Error(outcome.status);
      return { id: other.host.id, isStopped: () => !outcome.lock.isHighest(), release: () => outcome.lock.release() };
    }

    it("waits until it has stopped", async () => {
      consented();
      const uploader = otherUploads("in-process");
      const done = disable(tool());
      expect(uploader.isStopped()).toBe(true);
      uploader.release();
      expect((await done).exitCode).toBe(0);
      expect(machine.host.killed).toEqual([]);
    });

    it("ends an uploader that does not stop, and says what may still arrive", async () => {
      consented();
      addBatch(spool(), namedEvents(2));
      const uploader = otherUploads("detached");
      const report = await disable(tool());
      expect(machine.host.killed).toEqual([uploader.id]);
      const warning = `An upload could not be stopped in time: process ${uploader.id} did not react and was ended; the request it was sending may still arrive.`;
      expect(report).toMatchObject({ exitCode: 1, lines: ["Telemetry disabled.", "All pending events have been discarded.", warning], data: { stored: true, discarded: true, problems: [warning] } });
      expect(stored(spool())).toEqual([]);
    });

    it("does not kill the tool itself, and says that it is still sending", async () => {
      consented();
      const uploader = otherUploads("in-process");
      const report = await disable(tool());
      expect(machine.host.killed).toEqual([]);
      expect(report).toMatchObject({ exitCode: 1, data: { discarded: true, problems: [`An upload could not be stopped in time: process ${uploader.id} is still sending.`] } });
    });

    it("says both that events could not be discarded and that an upload goes on", async () => {
      consented();
      addBatch(spool(), namedEvents(2));
      const uploader = otherUploads("in-process");
      machine.disk.fail({ call: "rmSync", path: "spool", code: "EPERM", forever: true });
      const report = await disable(tool());
      expect(report).toMatchObject({ exitCode: 1, data: { discarded: false } });
      expect(report.lines).not.toContain("All pending events have been discarded.");
      expect(report.lines).toContainEqual(expect.stringMatching(new RegExp(`^Pending events could not be discarded: .*EPERM.*process ${uploader.id} is still sending\\.$`)));
    });

    it.each(["ENOSPC", "EROFS", "EACCES"])("does not claim that it has stopped when the lock cannot be taken from it: %s", async (code) => {
      consented();
      const uploader = otherUploads("detached");
      machine.disk.fail({ path: /uploader/, code, forever: true });
      const report = await disable(tool());
      expect(report.exitCode === 1 || machine.host.killed.includes(uploader.id)).toBe(true);
    });

    it("is not kept by a lock that its own crash left behind", async () => {
      consented();
      otherUploads("detached");
      const doomed = machine.startProcess();
      doomed.disk.fail({ call: "rmSync", code: "EIO", forever: true });
      await disable(myToolOn(doomed).tool());
      expect((await disable(tool())).exitCode).toBe(0);
    });
  });

  it("lets the next upload begin after it", async () => {
    consented();
    addBatch(spool(), namedEvents(1));
    await disable(tool());
    const outcome = acquireLock({ state: "running", kind: "in-process", lifetimeMs: 1, minimumIntervalMs: 0 }, directories(), machine.ports);
    expect(outcome.status).toBe("held");
    expect(readLock(1, directories(), machine.ports)).toBeUndefined();
  });
});
