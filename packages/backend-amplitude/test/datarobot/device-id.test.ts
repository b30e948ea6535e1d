import * as fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type TemporaryHome, temporaryHome } from "@candor/testing";
import { dataRobotMachineId, deriveMachineId } from "../../../core/src/identity/identity.ts";
import { fakeMachine as fakeCoreMachine } from "../../../core/test/fake-machine.ts";
import { vectorsOf } from "../../../core/test/vectors.ts";
import { type FileSystem, persistedDeviceId } from "../../src/datarobot.ts";

const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
const FALLBACK = /^fallback-[\da-f]{12}4[\da-f]{3}[89ab][\da-f]{15}$/;

let home: TemporaryHome;
let configDirectory: string;
let file: string;
beforeEach(() => {
  home = temporaryHome({ "datarobot/": "" });
  configDirectory = `${home.path}/datarobot`;
  file = `${configDirectory}/device_id`;
});
afterEach(() => home.dispose());

const deviceId = (fileSystem: FileSystem = fs): string => persistedDeviceId({ configDirectory, fileSystem })();

const failing = (code: string) => (): never => {
  throw Object.assign(new Error(code), { code });
};

interface Input {
  readonly machine_id: string | null;
  readonly file: string | null;
  readonly dir_writable: boolean;
}

interface Expected {
  readonly id: string;
  readonly wrote_file: boolean;
}

/** Vectors whose answer is not ours. */
const DIFFERENT: Readonly<Record<string, { readonly id: RegExp; readonly because: string }>> = {
  "dr.device_id#3": { id: UUID, because: "the document persists a plain UUID; `fallback-` marks an id that will not be there next time" },
  "dr.device_id#4": { id: UUID, because: "as #3" },
};

describe("the device id, with the identity that the collector derives first", () => {
  it.each(vectorsOf<Input, Expected>("dr.device_id"))("$id is found in the recorded order", ({ id, input, expected }) => {
    if (!input.dir_writable) configDirectory = `${home.path}/file/datarobot`;
    if (!input.dir_writable) fs.writeFileSync(`${home.path}/file`, "");
    if (input.file !== null) fs.writeFileSync(file, input.file);
    const before = home.list().map((path) => home.read(path));
    const derived = input.machine_id === null ? undefined : dataRobotMachineId(input.machine_id, "dr");
    const found = derived ?? deviceId();
    const form = expected.id === 'HMAC(m,"dr")' ? dataRobotMachineId("m", "dr") : expected.id;
    expect(found).toMatch(DIFFERENT[id]?.id ?? new RegExp(`^${form}$`));
    expect(JSON.stringify(home.list().map((path) => home.read(path))) !== JSON.stringify(before)).toBe(expected.wrote_file);
  });

  it.each(["", "   \n", "uninitialized\n"])("does not take the machine id %j for one", (machineId) => {
    const derived = deriveMachineId("datarobot", "dr", fakeCoreMachine({ files: { "/etc/machine-id": machineId } }));
    expect(derived).toBeUndefined();
    expect(derived ?? deviceId()).toMatch(UUID);
  });
});

describe("the persisted device id", () => {
  it("stays what it was, in a file for its owner alone", () => {
    const id = deviceId();
    expect(id).toMatch(UUID);
    expect([deviceId(), deviceId()]).toEqual([id, id]);
    expect(home.read("datarobot/device_id").trim()).toBe(id);
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    expect(home.list()).toEqual(["datarobot/device_id"]);
  });

  it.each(["fallback-0123456789ab4cde8f0123456789abcd", "2026-01-02T03:04:05Z", "550e8400-e29b-41d4-a716-446655440000"])("goes on as the old CLI wrote it: %s", (id) => {
    fs.writeFileSync(file, `\n ${id} \n`);
    expect(deviceId()).toBe(id);
    expect(home.read("datarobot/device_id")).toBe(`\n ${id} \n`);
  });

  it("makes the directory, for its owner alone", () => {
    configDirectory = `${home.path}/.config/datarobot`;
    expect(deviceId()).toMatch(UUID);
    expect(fs.statSync(configDirectory).mode & 0o777).toBe(0o700);
  });

  it.each(["two words", "x".repeat(129), "a\u0000b", "x".repeat(10_000)])("leaves a file alone that holds something else: %.20j", (text) => {
    fs.writeFileSync(file, text);
    expect(deviceId()).toMatch(FALLBACK);
    expect(home.read("datarobot/device_id")).toBe(text);
  });

  it("follows no link", () => {
    fs.writeFileSync(`${home.path}/elsewhere`, "other-id");
    fs.symlinkSync(`${home.path}/elsewhere`, file);
    expect(deviceId()).toMatch(FALLBACK);
    fs.rmSync(file);
    fs.symlinkSync(`${home.path}/nowhere`, file);
    expect(deviceId()).toMatch(FALLBACK);
    expect(fs.existsSync(`${home.path}/nowhere`)).toBe(false);
  });

  it.each([
    ["the disk is full", { writeFileSync: failing("ENOSPC") }],
    ["the disk is read-only", { writeFileSync: failing("EROFS"), mkdirSync: failing("EROFS") }],
    ["another user's directory", { statSync: (): fs.Stats => Object.assign(fs.statSync(home.path), { uid: 12_345 }) }],
  ])("lives for the session when %s", (_name, faults) => {
    const sessionId = persistedDeviceId({ configDirectory, fileSystem: { ...fs, ...(faults as Partial<FileSystem>) } });
    const id = sessionId();
    expect(id).toMatch(FALLBACK);
    expect(sessionId()).toBe(id);
    expect(home.list()).toEqual([]);
  });

  it("lives for the session without a directory", () => {
    expect(persistedDeviceId({ configDirectory: "" })()).toMatch(FALLBACK);
  });

  it("is the other process's when that was first", () => {
    const linkSync = (): never => {
      fs.writeFileSync(file, "first\n");
      return failing("EEXIST")();
    };
    expect(deviceId({ ...fs, linkSync })).toBe("first");
    expect(home.list()).toEqual(["datarobot/device_id"]);
  });

  it("is written exclusively where the file system has no second names", () => {
    const id = deviceId({ ...fs, linkSync: failing("EPERM") });
    expect(id).toMatch(UUID);
    expect(home.read("datarobot/device_id").trim()).toBe(id);
    fs.rmSync(file);
    const linkSync = (): never => {
      fs.writeFileSync(file, "first\n");
      return failing("EPERM")();
    };
    expect(deviceId({ ...fs, linkSync })).toBe("first");
    expect(home.list()).toEqual(["datarobot/device_id"]);
  });
});
