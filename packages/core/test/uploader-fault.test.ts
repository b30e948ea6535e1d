import { chmodSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { spyBackend } from "@candor/testing";
import { status } from "../src/commands.ts";
import { type Directories, directoriesFor } from "../src/platform/paths.ts";
import { clearFault, readFault, recordFault } from "../src/uploader/uploader-fault.ts";
import { filesIn, spoolOn } from "./fixtures.ts";
import { answer, collectorOn } from "./options.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
let directories: Directories;
beforeEach(() => {
  directories = directoriesFor("notes", machine.host);
  spoolOn(machine);
});

describe("the uploader's fault", () => {
  it("is none before any, and clearing none is no error", () => {
    expect(readFault(directories, machine.ports)).toBeUndefined();
    clearFault(directories, machine.ports);
    expect(readFault(directories, machine.ports)).toBeUndefined();
  });

  it("is kept with its time, for the user alone, until an uploader works again", () => {
    recordFault(new TypeError("first"), directories, machine.ports);
    machine.clock.advance(1_000);
    recordFault("second", directories, machine.ports);
    expect(readFault(directories, machine.ports)).toEqual({ at: "2026-01-02T03:04:06.000Z", message: "second" });
    expect(statSync(directories.faultFile).mode & 0o777).toBe(0o600);
    clearFault(directories, machine.ports);
    expect(readFault(directories, machine.ports)).toBeUndefined();
    expect(filesIn(directories.uploader)).toEqual([]);
  });

  it.each(["", "{", "[]", "null", '"x"', "{}", '{"message":5}', '{"at":"x"}'])("is none when its file holds %j", (text) => {
    writeFileSync(directories.faultFile, text);
    expect(readFault(directories, machine.ports)).toBeUndefined();
  });

  it("is not read through a symbolic link", () => {
    writeFileSync(`${machine.home.path}/theirs`, '{"at":"x","message":"theirs"}');
    symlinkSync(`${machine.home.path}/theirs`, directories.faultFile);
    expect(readFault(directories, machine.ports)).toBeUndefined();
  });

  it("says so when the disk refuses", () => {
    machine.disk.makeReadOnly();
    expect(() => recordFault(new Error("x"), directories, machine.ports)).toThrow(expect.objectContaining({ code: "EROFS" }));
  });

  it("stands in the status, for people and for programs", () => {
    answer(machine);
    recordFault(new Error("the script is broken"), directories, machine.ports);
    const { lines, data } = status(collectorOn(machine, { backend: spyBackend() }));
    expect(lines).toContain("The last uploader failed (2026-01-02T03:04:05.000Z): Error: the script is broken");
    expect(data["fault"]).toEqual({ at: "2026-01-02T03:04:05.000Z", message: "Error: the script is broken" });
    chmodSync(directories.data, 0o777);
    expect(status(collectorOn(machine, { backend: spyBackend() })).data).not.toHaveProperty("fault");
  });
});
