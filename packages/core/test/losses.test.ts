import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { totalLosses } from "../src/spool/loss-counts.ts";
import { foldLosses, keepReserve, readLosses, recordLosses } from "../src/spool/losses.ts";
import { type Directories, directoriesFor } from "../src/platform/paths.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
let files: Directories;
beforeEach(() => {
  files = directoriesFor("notes", machine.host);
  mkdirSync(files.data, { recursive: true, mode: 0o700 });
});

const record = (counts: Parameters<typeof recordLosses>[0]): boolean => recordLosses(counts, files, machine.ports);
const read = (): ReturnType<typeof readLosses> => readLosses(files, machine.ports);

describe("losses", () => {
  it("says so when a count cannot be written", () => {
    machine.disk.makeReadOnly();
    expect(record({ evicted: 1 })).toBe(false);
    machine.disk.heal();
    expect(read()).toEqual({});
  });

  it("does not follow a symbolic link", () => {
    const target = `${machine.home.path}/target`;
    writeFileSync(target, "");
    symlinkSync(target, files.lossesFile);
    expect(record({ evicted: 1 })).toBe(false);
    expect(statSync(target).size).toBe(0);
  });

  it("gives up the reserve for the count when the disk is full", () => {
    keepReserve(files, machine.ports.fileSystem);
    expect(statSync(files.reserveFile).size).toBe(4096);
    machine.disk.limitSpace(files.data, 4096);
    expect(record({ "not-stored": 7 })).toBe(true);
    expect(read()).toEqual({ "not-stored": 7 });
    expect(existsSync(files.reserveFile)).toBe(false);
  });

  it("says so when the disk is full and no reserve is left", () => {
    machine.disk.limitSpace(files.data, 0);
    expect(record({ evicted: 1 })).toBe(false);
  });

  it("keeps the count that follows a torn line", () => {
    writeFileSync(files.lossesFile, '{"reason":"evicted","count":4}\n{"reason":"evi');
    expect(record({ corrupt: 2 })).toBe(true);
    expect(read()).toEqual({ evicted: 4, corrupt: 2 });
  });

  it("keeps the count when the disk takes it in pieces", () => {
    machine.disk.shortWrites(5);
    const kept = record({ evicted: 3 });
    expect(read()).toEqual(kept ? { evicted: 3 } : {});
    expect(kept).toBe(true);
  });

  it("passes over lines that are foreign", () => {
    writeFileSync(files.lossesFile, 'x\n{"reason":"evil","count":1}\n{"reason":"evicted","count":1.5}\n{"reason":"evicted","count":"3"}\n{"reason":"__proto__","count":1}\n{"reason":"evicted","count":2}\n');
    expect(read()).toEqual({ evicted: 2 });
  });

  it("writes nothing when nothing was lost", () => {
    expect(record({})).toBe(true);
    expect(machine.disk.mutations).toEqual([]);
  });

  describe("in a long file", () => {
    const LINES = 3_000;
    beforeEach(() => {
      writeFileSync(files.lossesFile, '{"reason":"evicted","count":1}\n'.repeat(LINES));
      record({ corrupt: 5 });
    });

    it("become one line a reason, and none is forgotten on the way", () => {
      for (let round = 0; round < 3; round++) {
        foldLosses(files, machine.ports);
        expect(read()).toEqual({ evicted: LINES, corrupt: 5 });
      }
      const kept = readdirSync(files.data).filter((name) => name.startsWith("losses"));
      expect(kept.reduce((sum, name) => sum + statSync(join(files.data, name)).size, 0)).toBeLessThan(400);
    });

    it.each([0, 1, 2, 3, 4, 5])("are neither forgotten nor doubled when folding crashes after step %i", (steps) => {
      foldLosses(files, machine.ports);
      machine.disk.crashAfter(steps);
      try {
        foldLosses(files, machine.ports);
      } catch {
        // The process is gone; what is on disk counts.
      }
      machine.disk.heal();
      expect(totalLosses(read())).toBe(LINES + 5);
      foldLosses(files, machine.ports);
      expect(totalLosses(read())).toBe(LINES + 5);
    });

    it("are not forgotten when the disk is full while folding", () => {
      foldLosses(files, machine.ports);
      machine.disk.fail({ call: ["writeSync", "writeFileSync"], code: "ENOSPC", forever: true });
      try {
        foldLosses(files, machine.ports);
      } catch {
        // Refusing to fold is one way to keep the counts.
      }
      machine.disk.heal();
      expect(totalLosses(read())).toBe(LINES + 5);
    });
  });
});
