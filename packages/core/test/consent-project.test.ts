import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { resolveConsent } from "../src/consent/consent.ts";
import { directoriesFor } from "../src/platform/paths.ts";
import { consentOn } from "./consent-on.ts";
import { answer } from "./options.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
const { resolve, project } = consentOn(machine);

describe("a project", () => {
  beforeEach(() => answer(machine));

  it.each(['{"telemetry":"off"}', '{"telemetry":false}', '{"telemetry":{"notes":"off"}}', '{"telemetry":{"notes":false}}', '{"telemetry":{"notes":"onn"}}', '{"telemetry":[]}', '{"telemetry"', "", "[]", "null"])(
    "refuses with %j",
    (content) => {
      project(content);
      expect(resolve()).toMatchObject({ enabled: false, source: "project" });
    },
  );

  it.each(['{"telemetry":"on"}', '{"telemetry":{"other":"off"}}', '{"telemetry":{}}', '{"telemetry":{"notes":"on"}}'])("does not refuse with %j", (content) => {
    project(content);
    expect(resolve().enabled).toBe(true);
  });

  it.each([
    ["refuses", '{"telemetry":"off"}', false],
    ["does not refuse", '{"telemetry":"on"}', true],
  ])("%s with %s after a byte order mark, which editors on Windows write", (_, content, enabled) => {
    project(`\uFEFF${content}`);
    expect(resolve().enabled).toBe(enabled);
  });

  it("refuses when its file is larger than 64 KiB", () => {
    project('{"telemetry":"on"}'.padEnd(65_536));
    expect(resolve().enabled).toBe(true);
    project('{"telemetry":"on"}'.padEnd(65_537));
    expect(resolve()).toMatchObject({ enabled: false, source: "project" });
  });

  it("cannot say yes", () => {
    answer(machine, { enabled: false });
    project('{"telemetry":"on","enabled":true,"endpoint":"https://evil.example"}');
    expect(resolve().enabled).toBe(false);
  });

  it("refuses from a parent directory too", () => {
    project('{"telemetry":"off"}');
    machine.host.cwd = join(machine.host.cwd, "a", "b", "c");
    mkdirSync(machine.host.cwd, { recursive: true });
    expect(resolve().source).toBe("project");
  });

  it("refuses when a parent says no and a nearer directory says yes", () => {
    project('{"telemetry":"off"}');
    machine.host.cwd = join(machine.host.cwd, "inner");
    project('{"telemetry":"on"}');
    expect(resolve().source).toBe("project");
  });

  it.each([
    ["a directory", (path: string) => mkdirSync(path, { recursive: true })],
    ["a symbolic link", (path: string) => symlinkSync("/nowhere", path)],
  ])("refuses when its file is %s", (_, make) => {
    make(join(machine.host.cwd, ".candor.json"));
    expect(resolve().source).toBe("project");
  });

  it("refuses when its file cannot be read", () => {
    project('{"telemetry":"on"}');
    machine.disk.fail({ call: "readFileSync", path: ".candor.json", code: "EACCES" });
    expect(resolve().source).toBe("project");
  });

  it("is nothing when the working directory is gone", () => {
    const ports = { ...machine.ports, host: { ...machine.host, workingDirectory: () => { throw new Error("ENOENT: uv_cwd"); } } };
    expect(resolveConsent("notes", {}, directoriesFor("notes", machine.host), ports).enabled).toBe(true);
  });
});
