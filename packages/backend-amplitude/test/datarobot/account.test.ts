import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { type TemporaryHome, temporaryHome } from "@candor/testing";
import { vectorsOf } from "../../../core/test/vectors.ts";
import { accountOf, type FileSystem, tokenFingerprint } from "../../src/datarobot.ts";
import { refreshAccount } from "../../src/datarobot-account.ts";
import { accountInfo, answered, record } from "./accounts.ts";

const ENDPOINT = "https://app.datarobot.com";
const OURS = { user_id: "u", organization_id: "o", tenant_id: "t1" };

let home: TemporaryHome;
let configDirectory: string;
beforeEach(() => {
  home = temporaryHome({ "datarobot/": "" });
  configDirectory = `${home.path}/datarobot`;
});
afterEach(() => home.dispose());

const write = (text: string): void => fs.writeFileSync(`${configDirectory}/user_id`, text);
const read = (endpoint = ENDPOINT, token = "t"): ReturnType<typeof accountOf> => accountOf({ configDirectory, endpoint, token });

describe("the token's fingerprint", () => {
  it.each(vectorsOf<string, string>("dr.token_fingerprint"))("$id is its SHA-256, or nothing for no token", ({ input, expected }) => {
    expect(tokenFingerprint(input)).toBe(expected);
  });
});

describe("the cached account", () => {
  it("is read for its own endpoint, in any form, and its own token", () => {
    write(record({ endpoint: ENDPOINT, token: "t", organization: "o", tenant: "t1" }));
    expect(read()).toEqual(OURS);
    expect(read("app.datarobot.com/api/v2")).toEqual(OURS);
  });

  it.each([
    [ENDPOINT, "other"],
    [ENDPOINT, ""],
    ["https://app.eu.datarobot.com", "t"],
    ["http://app.datarobot.com", "t"],
    ["", "t"],
    ["not a url", "t"],
  ])("is nobody's at %s with the token %j", (endpoint, token) => {
    write(record({ endpoint: ENDPOINT, token: "t", organization: "o" }));
    expect(read(endpoint, token)).toEqual({});
  });

  it("is nobody's without a token, even if the record says so", () => {
    write(JSON.stringify({ uid: "u", endpoint: ENDPOINT, token_fingerprint: "" }));
    expect(read(ENDPOINT, "")).toEqual({});
    write(JSON.stringify({ uid: "u", endpoint: "", token_fingerprint: tokenFingerprint("t") }));
    expect(read("", "t")).toEqual({});
  });

  it("is read from an old record of three keys", () => {
    write(JSON.stringify({ uid: "u", endpoint: ENDPOINT, token_fingerprint: tokenFingerprint("t") }));
    expect(read()).toEqual({ user_id: "u" });
  });

  it.each(["", "a b", "jane@customer.example", "x".repeat(129), "line\nbreak", 5, null, { id: 1 }])("has no user when the uid is %j", (uid) => {
    write(JSON.stringify({ uid, endpoint: ENDPOINT, token_fingerprint: tokenFingerprint("t"), organization_id: "o" }));
    expect(read()).toEqual({});
  });

  it("leaves out an organization or a tenant that is no id", () => {
    write(record({ endpoint: ENDPOINT, token: "t", organization: ["o"], tenant: "jane roe" }));
    expect(read()).toEqual({ user_id: "u" });
  });

  it.each(["", "{", "[]", "null", '"u"', `${" ".repeat(10_000)}{}`])("is empty for a file that holds %.20j", (text) => {
    write(text);
    expect(read()).toEqual({});
  });

  it("is not read through a link, and a pipe is not waited for", () => {
    fs.writeFileSync(`${home.path}/elsewhere`, record({ endpoint: ENDPOINT, token: "t" }));
    fs.symlinkSync(`${home.path}/elsewhere`, `${configDirectory}/user_id`);
    expect(read()).toEqual({});
    execFileSync("mkfifo", [`${home.path}/user_id`]);
    expect(accountOf({ configDirectory: home.path, endpoint: ENDPOINT, token: "t" })).toEqual({});
  });

  it("is not read through a link that took the file's place a moment ago", () => {
    fs.writeFileSync(`${home.path}/elsewhere`, record({ endpoint: ENDPOINT, token: "t" }));
    fs.symlinkSync(`${home.path}/elsewhere`, `${configDirectory}/user_id`);
    const lstatSync = (_path: fs.PathLike): fs.Stats => fs.lstatSync(`${home.path}/elsewhere`);
    expect(accountOf({ configDirectory, endpoint: ENDPOINT, token: "t" }, { ...fs, lstatSync: lstatSync as FileSystem["lstatSync"] })).toEqual({});
  });

  it("is empty without a directory", () => {
    expect(accountOf({ configDirectory: "", endpoint: ENDPOINT, token: "t" })).toEqual({});
    expect(accountOf({ configDirectory: `${home.path}/missing`, endpoint: ENDPOINT, token: "t" })).toEqual({});
  });

  it("is not read from another user's file", () => {
    write(record({ endpoint: ENDPOINT, token: "t" }));
    const key = { configDirectory, endpoint: ENDPOINT, token: "t" };
    expect(accountOf(key, fs)).toEqual({ user_id: "u" });
    const fstatSync = (descriptor: number): fs.Stats => Object.assign(fs.fstatSync(descriptor), { uid: 12_345 });
    expect(accountOf(key, { ...fs, fstatSync: fstatSync as FileSystem["fstatSync"] })).toEqual({});
  });

  it("never throws, whatever the record holds", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        write(text);
        expect(read()).toEqual({});
      }),
      { numRuns: 50 },
    );
  });
});

interface CacheInput {
  readonly uid: string;
  readonly endpoint: string;
  readonly token: string;
  readonly organization_id: string;
  readonly tenant_id: string;
}

interface CacheFile {
  readonly mode: string;
  readonly dir_mode: string;
  readonly content: string;
}

describe("the cache file", () => {
  it.each(vectorsOf<CacheInput, CacheFile>("dr.user_id_cache_file"))("$id is the DataRobot CLI's to the byte", async ({ input, expected }) => {
    const directory = `${home.path}/.config/datarobot`;
    const request = (): Promise<ReturnType<typeof answered>> => Promise.resolve(answered(200, accountInfo(input.uid, input.organization_id, input.tenant_id)));
    const { signal } = new AbortController();
    await refreshAccount({ configDirectory: directory, endpoint: input.endpoint, token: input.token, signal, request });
    expect(home.read(".config/datarobot/user_id")).toBe(expected.content);
    expect(`0${(fs.statSync(`${directory}/user_id`).mode & 0o777).toString(8)}`).toBe(expected.mode);
    expect(`0${(fs.statSync(directory).mode & 0o777).toString(8)}`).toBe(expected.dir_mode);
    expect(home.list()).toEqual([".config/datarobot/user_id"]);
  });
});
