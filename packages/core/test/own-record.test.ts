import { existsSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { receiptFiles } from "../src/delivery/receipts.ts";
import { deleteOwnRecord } from "../src/inspection/holdings.ts";
import { directoriesFor } from "../src/platform/paths.ts";
import { workstation } from "./fake-ports.ts";
import { spoolPerTest } from "./spool-per-test.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
const spool = spoolPerTest(machine);

describe("the user's own record", () => {
  it("is deleted altogether: receipts and logs, older parts included", () => {
    const { data, localLog } = spool.directories;
    for (const path of [...receiptFiles(spool.directories), localLog, `${localLog}.1`, `${localLog}.3`, `${data}/other`]) writeFileSync(path, "x");
    expect(deleteOwnRecord({ directories: spool.directories, ports: machine.ports })).toEqual([]);
    expect(machine.home.list().map((path) => path.split("/").at(-1))).toEqual(["other"]);
  });

  it("holds what a backend counts, what of it was set aside, and what a kill left of a write", () => {
    const { data } = spool.directories;
    for (const name of ["counters-0a1b2c3d.yaml", "counters-0a1b2c3d.yaml.damaged", "counters-0a1b2c3d.yaml.tmp"]) writeFileSync(`${data}/${name}`, "x");
    expect(deleteOwnRecord({ directories: spool.directories, ports: machine.ports })).toEqual([]);
    expect(machine.home.list()).toEqual([]);
  });

  it("is left alone, and that is said, where the directory is not ours", () => {
    writeFileSync(spool.directories.receiptsFile, "x");
    machine.host.user = 12_345;
    expect(deleteOwnRecord({ directories: spool.directories, ports: machine.ports })).toEqual([expect.stringContaining("another user")]);
    expect(existsSync(spool.directories.receiptsFile)).toBe(true);
  });

  it("is nothing where there is no data directory", () => {
    const other = workstation();
    expect(deleteOwnRecord({ directories: directoriesFor("notes", other.host), ports: other.ports })).toEqual([]);
    expect(other.disk.mutations).toEqual([]);
    other.dispose();
  });

  it("says what could not be deleted", () => {
    writeFileSync(spool.directories.receiptsFile, "x");
    machine.disk.makeReadOnly();
    expect(deleteOwnRecord({ directories: spool.directories, ports: machine.ports })).toEqual([expect.stringContaining("EROFS")]);
  });
});
