import { chmodSync, existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "@jest/globals";
import { type TemporaryHome, temporaryHome } from "@candor/testing";

const homes: TemporaryHome[] = [];
const withHome = (tree?: Record<string, string>): TemporaryHome => {
  const home = temporaryHome(tree);
  homes.push(home);
  return home;
};
const added: string[] = [];
afterEach(() => {
  for (const home of homes.splice(0)) home.dispose();
  for (const name of added.splice(0)) Reflect.deleteProperty(process.env, name);
});

describe("a temporary home", () => {
  it("refuses a path that leaves it", () => {
    expect(() => temporaryHome({ "../outside": "" })).toThrow("not below the temporary home");
    expect(() => withHome().read("/etc/hostname")).toThrow("not below the temporary home");
  });

  it("passes none of the developer's variables on", () => {
    for (const name of ["TELEMETRY_ENABLED", "NOTES_TELEMETRY", "HTTPS_PROXY", "no_proxy", "NODE_OPTIONS", "DD_SITE"]) {
      if (process.env[name] !== undefined) continue;
      process.env[name] = "leak";
      added.push(name);
    }
    const { environment, path } = withHome();
    const names = Object.keys(environment).map((name) => name.toUpperCase());
    expect(names.filter((name) => /^(CI|DO_NOT_TRACK|NODE_OPTIONS|NODE_EXTRA_CA_CERTS|DD_SITE)$|TELEMETRY|PROXY/.test(name))).toEqual([]);
    expect(environment).toMatchObject({ HOME: path, XDG_STATE_HOME: join(path, ".local", "state"), LOCALAPPDATA: join(path, "AppData", "Local") });
    expect(names).toContain("PATH");
  });

  it("holds the tree it was given and lists what is added", () => {
    const home = withHome({ ".config/notes/config.json": "{}", "empty/": "", a: "1" });
    expect(home.list()).toEqual([".config/notes/config.json", "a"]);
    expect(home.read(".config/notes/config.json")).toBe("{}");
    expect(statSync(join(home.path, "empty")).isDirectory()).toBe(true);
  });

  it("is private, and goes away although a test locked a directory", () => {
    const home = withHome({ "locked/inner/file": "" });
    expect(statSync(home.path).mode & 0o777).toBe(0o700);
    chmodSync(join(home.path, "locked", "inner"), 0o500);
    chmodSync(join(home.path, "locked"), 0o500);
    home.dispose();
    home.dispose();
    expect(existsSync(home.path)).toBe(false);
  });
});
