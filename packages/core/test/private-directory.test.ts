import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { makeOwnDirectory, makePrivateDirectory, nearestPrivacy } from "../src/platform/private-directory.ts";
import { workstation } from "./fake-ports.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest(() => workstation({ "real/": "" }));
let path: string;
beforeEach(() => {
  path = join(machine.home.path, "state", "notes", "telemetry");
});

describe("a private directory", () => {
  it("is made with its parents for the user alone", () => {
    expect(nearestPrivacy(path, machine.ports)).toEqual({ status: "private" });
    expect(existsSync(path)).toBe(false);
    expect(makePrivateDirectory(path, machine.ports)).toEqual({ status: "private" });
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(makePrivateDirectory(path, machine.ports)).toEqual({ status: "private" });
  });

  it.each([
    ["a symbolic link", () => symlinkSync(join(machine.home.path, "real"), path), "symbolic link"],
    ["a file", () => writeFileSync(path, ""), "not a directory"],
    ["writable by a group", () => mkdirWithMode(0o770), "other users"],
    ["writable by all", () => mkdirWithMode(0o707), "other users"],
  ])("is refused when it is %s", (_, make, reason) => {
    mkdirSync(join(path, ".."), { recursive: true });
    make();
    for (const judge of [makePrivateDirectory, nearestPrivacy]) {
      expect(judge(path, machine.ports)).toEqual({ status: "unusable", reason: expect.stringContaining(reason) });
    }
    expect(readdirSync(join(machine.home.path, "real"))).toEqual([]);
  });

  it("is refused when it belongs to somebody else", () => {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    machine.host.user = 12_345;
    expect(makePrivateDirectory(path, machine.ports)).toEqual({ status: "unusable", reason: expect.stringContaining("another user") });
  });

  it("is not made in a home that belongs to somebody else", () => {
    // Root's own directories are on everybody's way, so the home must be another person's than root's.
    const foreign = { ...machine.ports, fileSystem: { ...machine.ports.fileSystem, statSync: ((each: string, options: object) => {
      const found = statSync(each, options);
      return found && Object.assign(found, { uid: 12_345 });
    }) as typeof statSync } };
    expect(makePrivateDirectory(path, foreign)).toEqual({ status: "unusable", reason: expect.stringContaining("another user") });
    expect(existsSync(join(machine.home.path, "state"))).toBe(false);
  });

  it("is refused below a link that leads nowhere, such as a volume that is not mounted", () => {
    symlinkSync(join(machine.home.path, "gone"), join(machine.home.path, "state"));
    for (const judge of [makePrivateDirectory, nearestPrivacy]) {
      expect(judge(path, machine.ports)).toEqual({ status: "unusable", reason: expect.stringContaining("leads nowhere") });
    }
  });

  it.each(["EROFS", "EACCES", "ENOSPC", "ENOTDIR"])("is refused in words when the disk says %s", (code) => {
    machine.disk.fail({ call: "mkdirSync", code });
    expect(makePrivateDirectory(path, machine.ports)).toEqual({ status: "unusable", reason: expect.stringContaining(code) });
  });

  it("has no mode bits to judge on Windows", () => {
    mkdirSync(join(path, ".."), { recursive: true });
    mkdirWithMode(0o777);
    machine.host.platform = "win32";
    machine.host.user = undefined;
    expect(makePrivateDirectory(path, machine.ports)).toEqual({ status: "private" });
  });
});

const onLinux = process.platform === "linux" ? describe : describe.skip;

onLinux("a private directory below /proc", () => {
  it("is refused: a parent that is there takes no directory", () => {
    machine.host.user = process.getuid?.();
    expect(makePrivateDirectory("/proc/self/.local/state", machine.ports)).toEqual({ status: "unusable", reason: expect.stringContaining("/proc/self/.local/state") });
  });
});

describe("a directory for configuration", () => {
  it("may be a symbolic link and writable by a group", () => {
    mkdirSync(join(path, ".."), { recursive: true });
    symlinkSync(join(machine.home.path, "real"), path);
    chmodSync(join(machine.home.path, "real"), 0o775);
    expect(makeOwnDirectory(path, machine.ports)).toEqual({ status: "private" });
  });

  it("is refused when it is a file or somebody else's", () => {
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, "");
    expect(makeOwnDirectory(path, machine.ports).status).toBe("unusable");
    machine.host.user = 12_345;
    expect(makeOwnDirectory(join(machine.home.path, "real"), machine.ports).status).toBe("unusable");
  });
});

function mkdirWithMode(mode: number): void {
  mkdirSync(path, { recursive: true });
  chmodSync(path, mode);
}
