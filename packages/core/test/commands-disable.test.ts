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

  it("says that a variable still keeps it on", async () => {
    consented();
    machine.host.environment["TELEMETRY_ENABLED"] = "true";
    const report = await disable(tool());
    expect(report.exitCode).toBe(1);
    expect(report.lines.join()).toContain("still on");
    expect(report.data).toMatchObject({ enabled: true });
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
      const uploader = otherUploads("detached");
      const report = await disable(tool());
      expect(machine.host.killed).toEqual([uploader.id]);
      expect(report.exitCode).toBe(1);
      expect(report.lines.join()).toContain("may still arrive");
      expect(stored(spool())).toEqual([]);
    });

    it("does not kill the tool itself, and says that it is still sending", async () => {
      consented();
      const uploader = otherUploads("in-process");
      const report = await disable(tool());
      expect(machine.host.killed).toEqual([]);
      expect(report.exitCode).toBe(1);
      expect(report.lines.join()).toContain(String(uploader.id));
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
