import { join, posix, win32 } from "node:path";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { directoriesFor } from "../src/platform/paths.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
beforeEach(() => {
  machine.host.home = "/home/u";
});

describe("paths", () => {
  it.each([
    ["linux", "/home/u/.local/state/notes/telemetry", "/home/u/.config/notes"],
    ["freebsd", "/home/u/.local/state/notes/telemetry", "/home/u/.config/notes"],
    ["darwin", "/home/u/Library/Application Support/notes/telemetry", "/home/u/Library/Application Support/notes"],
    ["win32", "/home/u/AppData/Local/notes/telemetry", "/home/u/AppData/Roaming/notes"],
  ] as const)("follow the platform's custom on %s", (platform, data, config) => {
    machine.host.platform = platform;
    expect(directoriesFor("notes", machine.host)).toMatchObject({ data, config });
  });

  it("follow the XDG variables where they are absolute, and ignore relative ones", () => {
    machine.host.platform = "linux";
    Object.assign(machine.host.environment, { XDG_STATE_HOME: "/var/s", XDG_CONFIG_HOME: "/var/c" });
    expect(directoriesFor("notes", machine.host)).toMatchObject({ data: "/var/s/notes/telemetry", config: "/var/c/notes" });
    Object.assign(machine.host.environment, { XDG_STATE_HOME: "s", XDG_CONFIG_HOME: "" });
    expect(directoriesFor("notes", machine.host)).toMatchObject({ data: "/home/u/.local/state/notes/telemetry", config: "/home/u/.config/notes" });
  });

  it.each(["linux", "darwin", "win32"] as const)("are never below the working directory, even without a home, on %s", (platform) => {
    machine.host.platform = platform;
    for (const home of ["", ".", "home"]) {
      machine.host.home = home;
      machine.host.account = home;
      // A relative path would make every project a place from which consent and events are read.
      const rules = platform === "win32" ? win32 : posix;
      for (const path of Object.values(directoriesFor("notes", machine.host))) expect(rules.isAbsolute(path)).toBe(true);
    }
  });

  it("keep everything below the two directories", () => {
    const { data, config, consentFile, ...places } = directoriesFor("notes", machine.host, { data: "/d", config: "/c" });
    expect([data, config, consentFile]).toEqual(["/d", "/c", "/c/telemetry.json"]);
    for (const path of Object.values(places)) expect(path.startsWith(`${data}/`)).toBe(true);
  });

  it("keep two tools apart", () => {
    expect(directoriesFor("a", machine.host).data).not.toBe(directoriesFor("b", machine.host).data);
    expect(directoriesFor("a", machine.host).spool).toBe(join(directoriesFor("a", machine.host).data, "spool", "v1"));
  });
});
