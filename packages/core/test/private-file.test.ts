import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { parseObject, readPrivateFile, writePrivateFile } from "../src/platform/private-file.ts";
import { workstation } from "./fake-ports.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest(() => workstation({ "state/": "" }));
let path: string;
beforeEach(() => {
  path = join(machine.home.path, "state", "file.json");
});

describe("writing a private file", () => {
  it.each([0, 1])("leaves the old text whole when it crashes after step %i", (steps) => {
    writeFileSync(path, "old");
    machine.disk.crashAfter(steps);
    expect(() => writePrivateFile(path, "new", machine.disk.fileSystem)).toThrow("crash");
    expect(readFileSync(path, "utf8")).toBe("old");
  });

  it.each([["writeFileSync"], ["renameSync"]] as const)("leaves the old text and no other file when %s fails", (call) => {
    writeFileSync(path, "old");
    machine.disk.fail({ call, code: "EIO" });
    expect(() => writePrivateFile(path, "new", machine.disk.fileSystem)).toThrow("EIO");
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(join(machine.home.path, "state"))).toEqual(["file.json"]);
  });

  it("leaves no half of it behind on a full disk", () => {
    machine.disk.limitSpace(machine.home.path, 3);
    expect(() => writePrivateFile(path, "a long text", machine.disk.fileSystem)).toThrow("ENOSPC");
    expect(readdirSync(join(machine.home.path, "state"))).toEqual([]);
  });

  it("replaces a symbolic link instead of writing through it", () => {
    const target = join(machine.home.path, "target");
    writeFileSync(target, "theirs");
    symlinkSync(target, path);
    writePrivateFile(path, "ours", machine.disk.fileSystem);
    expect(readFileSync(target, "utf8")).toBe("theirs");
    expect(readFileSync(path, "utf8")).toBe("ours");
  });

  it("gives it to the user alone", () => {
    writePrivateFile(path, "x", machine.disk.fileSystem);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});

describe("reading a private file", () => {
  it("tells missing from unreadable", () => {
    const read = (): unknown => readPrivateFile(path, machine.disk.fileSystem);
    expect(read()).toEqual({ status: "missing" });
    expect(readPrivateFile(join(path, "below"), machine.disk.fileSystem)).toEqual({ status: "missing" });
    writeFileSync(path, "text");
    expect(read()).toEqual({ status: "read", text: "text" });
    expect(readPrivateFile(join(path, "below"), machine.disk.fileSystem)).toEqual({ status: "missing" });
    machine.disk.fail({ call: "readFileSync", code: "EIO" });
    expect(read()).toEqual({ status: "unreadable", reason: "EIO" });
    machine.disk.fail({ call: "lstatSync", code: "EACCES" });
    expect(read()).toEqual({ status: "unreadable", reason: "EACCES" });
  });

  it("refuses a file larger than it may be, by its size alone", () => {
    writeFileSync(path, "text");
    expect(readPrivateFile(path, machine.disk.fileSystem, 4)).toEqual({ status: "read", text: "text" });
    machine.disk.fail({ call: "readFileSync", code: "EIO" });
    expect(readPrivateFile(path, machine.disk.fileSystem, 3)).toEqual({ status: "unreadable", reason: "larger than 3 bytes" });
  });

  it("leaves out a byte order mark", () => {
    writeFileSync(path, "\uFEFFa\uFEFF");
    expect(readPrivateFile(path, machine.disk.fileSystem)).toEqual({ status: "read", text: "a\uFEFF" });
  });

  it("refuses a symbolic link and a directory", () => {
    symlinkSync("/etc/hostname", path);
    expect(readPrivateFile(path, machine.disk.fileSystem).status).toBe("unreadable");
    mkdirSync(`${path}.d`);
    expect(readPrivateFile(`${path}.d`, machine.disk.fileSystem).status).toBe("unreadable");
  });
});

it.each(["", "x", "[]", "null", "1", '"a"', "{", "{}x"])("parses no object from %j", (text) => {
  expect(parseObject(text)).toBeUndefined();
});
