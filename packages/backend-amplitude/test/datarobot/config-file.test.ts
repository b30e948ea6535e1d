import * as fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { parse } from "yaml";
import { type TemporaryHome, temporaryHome } from "@candor/testing";
import { vectorsOf } from "../../../core/test/vectors.ts";
import { type FileSystem, readDrConfig, recordOptIn, recordOptOut, updateDrConfig } from "../../src/datarobot-config.ts";

const NOW = 1_704_067_200;
const YES = recordOptIn({ now: NOW, consentVersion: "1.0" });
const NO = recordOptOut({ now: NOW, reason: "privacy concerns" });

let home: TemporaryHome;
let file: string;
beforeEach(() => {
  home = temporaryHome({ "datarobot/": "" });
  file = `${home.path}/datarobot/drconfig.yaml`;
});
afterEach(() => home.dispose());

const write = (text: string): void => fs.writeFileSync(file, text);
const text = (): string => fs.readFileSync(file, "utf8");

describe("reading drconfig.yaml", () => {
  it("tells what it says about telemetry", () => {
    write(
      'endpoint: https://app.datarobot.com/api/v2\ntoken: abc\nDISABLE-TELEMETRY: off\ntelemetry:\n  enabled: true\n  device_id: "d"\n' +
        '  opt_in_timestamp: 1704067200\n  last_prompt_version: "1.0"\n  last_updated: 1704067201\n  opt_out_reason: why\n',
    );
    expect(readDrConfig(file)).toEqual({
      status: "read",
      endpoint: "https://app.datarobot.com/api/v2",
      token: "abc",
      disableTelemetry: false,
      telemetry: { enabled: true, deviceId: "d", optInTimestamp: NOW, lastPromptVersion: "1.0", lastUpdated: NOW + 1, optOutReason: "why" },
    });
  });

  it.each(["", "# only a comment\n", "---\n", "\uFEFF"])("%j says nothing", (content) => {
    write(content);
    expect(readDrConfig(file)).toEqual({ status: "read" });
  });

  it("leaves out values of the wrong type", () => {
    write("endpoint: [x]\ntoken: 5\ntelemetry:\n  device_id: {}\n  opt_in_timestamp: soon\n");
    expect(readDrConfig(file)).toEqual({ status: "read", telemetry: {} });
  });

  it("knows a missing file from an unreadable one", () => {
    expect(readDrConfig(file)).toEqual({ status: "missing" });
    expect(readDrConfig(home.path)).toMatchObject({ status: "unreadable" });
  });

  const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${"bcdefghij".split("").map((name, index) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${"abcdefghi"[index]}`).join(", ")}]`).join("\n")}\n`;

  it.each([
    ["a list", "- a\n"],
    ["a text", "hello\n"],
    ["two documents", "a: 1\n---\nb: 2\n"],
    ["a key twice", "token: a\ntoken: b\n"],
    ["half a flow", "{ a: [\n"],
    ["a bomb of aliases", bomb],
    ["very deep nesting", "[".repeat(50_000)],
    ["more than 256 KiB", `a: ${"x".repeat(262_144)}\n`],
  ])("%s is unreadable, and never an error", (_name, content) => {
    write(content);
    expect(readDrConfig(file)).toMatchObject({ status: "unreadable" });
    expect(updateDrConfig(file, NO)).toMatchObject({ status: "refused" });
    expect(text()).toBe(content);
  });

  it.each(["? [a, b]\n: c\n", "a: !unknown x\n", "%YAML 9.9\n---\na: 1\n"])("prints nothing about %j", (content) => {
    const warned = jest.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    try {
      write(content);
      readDrConfig(file);
      updateDrConfig(file, NO);
      expect(warned).not.toHaveBeenCalled();
    } finally {
      warned.mockRestore();
    }
  });

  it("does not mistake other encodings for text", () => {
    fs.writeFileSync(file, Buffer.from([0x61, 0x3a, 0x20, 0xff, 0xfe]));
    expect(readDrConfig(file)).toEqual({ status: "unreadable", reason: "it is not UTF-8 text" });
    expect(updateDrConfig(file, NO)).toMatchObject({ status: "refused" });
  });
});

describe("recording an answer", () => {
  it.each(vectorsOf<{ now: number; consent_version: string }>("drspec.config_after_optin"))("$id is the specification's yes", ({ input, expected }) => {
    expect(updateDrConfig(file, recordOptIn({ now: input.now, consentVersion: input.consent_version }))).toEqual({ status: "written" });
    expect(parse(text())).toEqual(expected);
  });

  it.each(vectorsOf<{ now: number; reason: string; device_id: string }>("drspec.config_after_optout"))("$id is the specification's no", ({ input, expected }) => {
    write(`telemetry:\n  device_id: "${input.device_id}"\n`);
    expect(updateDrConfig(file, recordOptOut({ now: input.now, reason: input.reason }))).toEqual({ status: "written" });
    expect(parse(text())).toEqual(expected);
  });

  it("makes the file and its directory for the owner alone", () => {
    const fresh = `${home.path}/.config/datarobot/drconfig.yaml`;
    expect(updateDrConfig(fresh, NO)).toEqual({ status: "written" });
    expect(fs.statSync(fresh).mode & 0o777).toBe(0o600);
    expect(fs.statSync(`${home.path}/.config/datarobot`).mode & 0o777).toBe(0o700);
    expect(home.list()).toEqual([".config/datarobot/drconfig.yaml"]);
  });

  it("closes a file that others could read, because it holds a token", () => {
    write("token: abc\n");
    fs.chmodSync(file, 0o644);
    updateDrConfig(file, NO);
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  });

  it("touches nothing when nothing changes", () => {
    updateDrConfig(file, YES);
    const before = fs.statSync(file).ino;
    expect(updateDrConfig(file, YES)).toEqual({ status: "unchanged" });
    expect(fs.statSync(file).ino).toBe(before);
  });

  it("removes an earlier no with a yes, and an earlier reason with a no that has none", () => {
    write("disable-telemetry: true\n");
    updateDrConfig(file, NO);
    expect(parse(text())).toMatchObject({ "disable-telemetry": true, telemetry: { enabled: false, opt_out_reason: "privacy concerns" } });
    updateDrConfig(file, recordOptOut({ now: NOW }));
    expect(parse(text())).toEqual({ "disable-telemetry": true, telemetry: { enabled: false, last_updated: NOW } });
    updateDrConfig(file, YES);
    expect(parse(text())).toMatchObject({ telemetry: { enabled: true } });
    expect(text()).not.toContain("disable-telemetry");
  });

  it("writes any reason so that it can be read again, on one line and bounded", () => {
    const reason = `"quoted": #x \u2028 \u0007 \ud800 \r\n${"y".repeat(1_000)}`;
    updateDrConfig(file, recordOptOut({ now: NOW, reason }));
    const config = readDrConfig(file);
    const kept = config.status === "read" ? config.telemetry?.optOutReason : undefined;
    expect(kept).toMatch(/^"quoted": #x \u2028 {3}\ufffd {2}y+$/);
    expect(kept?.length).toBe(500);
    expect(text().split("\n")).toHaveLength(5);
    expect(text()).toContain("\\u2028");
  });

  it("goes through a link to the file behind it", () => {
    const real = `${home.path}/dotfiles/drconfig.yaml`;
    fs.mkdirSync(`${home.path}/dotfiles`);
    fs.writeFileSync(real, "token: abc\n");
    fs.symlinkSync(real, file);
    expect(updateDrConfig(file, NO)).toEqual({ status: "written" });
    expect(fs.lstatSync(file).isSymbolicLink()).toBe(true);
    expect(fs.readFileSync(real, "utf8")).toMatch(/^token: abc\ntelemetry:\n {2}enabled: false\n/);
    expect(home.list()).toEqual(["datarobot/drconfig.yaml", "dotfiles/drconfig.yaml"]);
  });

  it("refuses a link to nothing, a directory, and another user's file", () => {
    fs.symlinkSync(`${home.path}/nothing`, file);
    expect(updateDrConfig(file, NO)).toEqual({ status: "refused", reason: "ENOENT" });
    expect(fs.existsSync(`${home.path}/nothing`)).toBe(false);
    expect(updateDrConfig(home.path, NO)).toMatchObject({ status: "refused" });
    fs.rmSync(file);
    write("token: abc\n");
    const fstatSync = (descriptor: number): fs.Stats => Object.assign(fs.fstatSync(descriptor), { uid: 12_345 });
    expect(updateDrConfig(file, NO, { ...fs, fstatSync: fstatSync as FileSystem["fstatSync"] })).toEqual({ status: "refused", reason: "it belongs to another user" });
    expect(text()).toBe("token: abc\n");
  });

  it("leaves the old file whole when the disk is full", () => {
    write("token: abc\n");
    const full = (): never => {
      throw Object.assign(new Error("no space"), { code: "ENOSPC" });
    };
    expect(updateDrConfig(file, NO, { ...fs, writeFileSync: full })).toEqual({ status: "refused", reason: "ENOSPC" });
    expect(updateDrConfig(file, NO, { ...fs, renameSync: full })).toEqual({ status: "refused", reason: "ENOSPC" });
    expect(text()).toBe("token: abc\n");
    expect(home.list()).toEqual(["datarobot/drconfig.yaml"]);
  });

  it("keeps what somebody else wrote while the answer was being recorded", () => {
    write("token: old\n");
    let interfered = false;
    const writeFileSync: FileSystem["writeFileSync"] = (...args) => {
      fs.writeFileSync(...args);
      if (!interfered) write("token: new\n");
      interfered = true;
    };
    expect(updateDrConfig(file, NO, { ...fs, writeFileSync })).toEqual({ status: "written" });
    expect(parse(text())).toMatchObject({ token: "new", telemetry: { enabled: false } });
    let count = 0;
    const restless: FileSystem["writeFileSync"] = (...args) => {
      fs.writeFileSync(...args);
      write(`token: t${(count += 1)}\n`);
    };
    expect(updateDrConfig(file, YES, { ...fs, writeFileSync: restless })).toEqual({ status: "refused", reason: "it changes all the time" });
    expect(text()).toBe("token: t5\n");
  });
});
