import { mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { thisOwner } from "../src/platform/owner.ts";
import { type Directories, directoriesFor } from "../src/platform/paths.ts";
import { currentLock, readLock } from "../src/uploader/lock-record.ts";
import { preemptLock } from "../src/uploader/uploader-lock.ts";
import type { FakeProcess } from "./fake-ports.ts";
import { locksOn, RUNNING } from "./locks.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
const { take, hold, die, plant } = locksOn(machine);
let other: FakeProcess;
let directories: Directories;
beforeEach(() => {
  other = machine.startProcess();
  directories = directoriesFor("notes", machine.host);
});

describe("a lock file that is damaged", () => {
  it.each(["", "{", "[]", '{"state":"flying"}', "\u0000"])("with %j is believed for ten seconds and then passed over", (text) => {
    plant(3, text);
    const path = join(directories.uploader, "3.json");
    utimesSync(path, machine.clock.now() / 1000, machine.clock.now() / 1000);
    expect(take().status).toBe("busy");
    machine.clock.advance(10_000);
    expect(hold().generation).toBe(4);
  });

  it("with a state and nothing else is free", () => {
    plant(3, '{"state":"running"}');
    expect(take().status).toBe("held");
  });

  it("is read as such and not followed when it is a symbolic link", () => {
    mkdirSync(directories.uploader, { recursive: true, mode: 0o700 });
    symlinkSync("/etc/hostname", join(directories.uploader, "2.json"));
    expect(readLock(2, directories, machine.ports)?.state).toBe("starting");
  });

  it("does not confuse files with other names", () => {
    mkdirSync(directories.uploader, { recursive: true, mode: 0o700 });
    for (const name of ["destinations.json", "99.json.tmp", "-1.json", "1e9.json"]) writeFileSync(join(directories.uploader, name), "{}");
    expect(currentLock(directories, machine.ports)).toBeUndefined();
    expect(hold().generation).toBe(1);
  });
});

describe("the lock on a disk that fails", () => {
  it.each(["EROFS", "EACCES", "ENOSPC"])("is unusable in words with %s", (code) => {
    machine.disk.fail({ code, forever: true });
    expect(take()).toEqual({ status: "unusable", reason: expect.stringContaining(code) });
    expect(preemptLock(directories, machine.ports)).toBeUndefined();
  });

  it("can be held on a full disk where it was held before, because an upload makes room", () => {
    hold(other).release();
    machine.disk.fail({ call: "writeFileSync", code: "ENOSPC", forever: true });
    const lock = hold();
    lock.markRunning();
    expect(take(other).status).toBe("busy");
    expect(readdirSync(directories.uploader)).toEqual([`${lock.generation}.json`]);
    expect(readLock(lock.generation, directories, machine.ports)).toMatchObject({ state: "running", owner: thisOwner(machine.ports) });
    lock.release();
    expect(readLock(lock.generation, directories, machine.ports)?.state).toBe("released");
    const shorter = take(other, { ...RUNNING, lifetimeMs: 1 });
    expect(shorter.status).toBe("held");
  });

  it("has one winner on a full disk, too", () => {
    hold(other).release();
    machine.disk.fail({ call: "writeFileSync", code: "ENOSPC", forever: true });
    other.disk.fail({ call: "writeFileSync", code: "ENOSPC", forever: true });
    const { fileSystem } = machine.ports;
    let theirs = "";
    const late = { ...machine, ports: { ...machine.ports, fileSystem: { ...fileSystem, linkSync: (from: string, to: string) => ((theirs = take(other).status), fileSystem.linkSync(from, to)) } } };
    expect([take(late as FakeProcess).status, theirs]).toEqual(["busy", "held"]);
  });

  it("keeps others out while somebody withdraws consent, however long ago the last upload was", () => {
    hold(other).release();
    machine.clock.advance(24 * 3_600_000);
    const taken = preemptLock(directories, machine.ports);
    expect(take(other).status).toBe("busy");
    taken?.lock.release();
    expect(take(other).status).toBe("held");
  });

  it("is held although an older generation cannot be deleted", () => {
    hold(other).release();
    machine.disk.fail({ call: "unlinkSync", code: "EPERM", forever: true });
    expect(hold().isHighest()).toBe(true);
  });

  it("does not wedge when its release cannot be written", () => {
    const mine = hold();
    machine.disk.fail({ path: directories.uploader, code: "ENOSPC" });
    try {
      mine.release();
    } catch {
      // It may say so; what counts is that the next one can begin.
    }
    machine.disk.heal();
    expect(take().status).toBe("held");
  });

  it("is not held for ever by a process that crashed at any step of taking it", () => {
    for (let steps = 0; steps < 6; steps++) {
      const doomed = machine.startProcess();
      doomed.disk.crashAfter(steps);
      try {
        take(doomed);
      } catch {
        // The process is gone; what is on disk counts.
      }
      die(doomed);
      machine.clock.jump(Date.now() - machine.clock.now() + 11_000);
      const next = hold(other);
      expect(next.isHighest()).toBe(true);
      next.release();
    }
  });
});
