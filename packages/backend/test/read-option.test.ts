import { describe, expect, it } from "@jest/globals";
import { readHeaders, readPath, refuseUnknown } from "../src/read-option.ts";
import { thrownBy } from "./thrown-by.ts";

interface Options {
  readonly endpoint: string;
  readonly gzip?: boolean;
}

const KNOWN = { endpoint: true, gzip: true } as const;

describe("options", () => {
  it.each<[string, object]>([
    ["nothing at all", {}],
    ["each that is known", { endpoint: "x", gzip: true }],
    ["one that is there without a value", { endpoint: "x", gzip: undefined }],
  ])("may say %s", (_, options) => {
    expect(thrownBy(() => refuseUnknown(options as Options, KNOWN))).toBeUndefined();
  });

  it.each(["gZip", "headers", "constructor", ""])("may not say %j, and the refusal names what they may", (name) => {
    const error = thrownBy(() => refuseUnknown({ endpoint: "x", [name]: "hunter2" }, KNOWN));
    expect(error).toMatchObject({ code: "ERR_CANDOR_CONFIG", message: `backend.${name} is not an option; the options are endpoint, gzip` });
  });
});

describe("a path", () => {
  it("may be any absolute one", () => {
    expect(readPath("/var/log/notes é.log", "x.log")).toBe("/var/log/notes é.log");
  });

  it.each<[string, unknown, string]>([
    ["relative", "hunter2/x", "must be an absolute path"],
    ["no text", 7, "must be an absolute path"],
    ["longer than any file's", `/${"a".repeat(4_096)}`, "is longer than 4096 characters"],
    ["of two lines", "/hunter2\nx", "holds a control character"],
  ])("may not be %s, and the refusal names the fix and repeats no value", (_, path, problem) => {
    const message = `backend.path ${problem}; give an absolute path, or leave it out for x.log`;
    expect(thrownBy(() => readPath(path, "x.log"))).toMatchObject({ code: "ERR_CANDOR_CONFIG", message });
  });
});

describe("headers", () => {
  it.each<[string, unknown, Record<string, string>]>([
    ["none", undefined, {}],
    ["an empty object", {}, {}],
    ["names and values", { "x-team": "a", Authorization: "Bearer k" }, { "x-team": "a", Authorization: "Bearer k" }],
    ["a tab and letters of Latin 1", { "x-team": "a\tü" }, { "x-team": "a\tü" }],
  ])("may be %s", (_, headers, read) => {
    expect(readHeaders(headers)).toEqual(read);
  });

  it.each<[string, unknown, string]>([
    ["a text", "hunter2", "backend.headers must be an object of names and values"],
    ["a list", ["hunter2"], "backend.headers must be an object of names and values"],
    ["null", null, "backend.headers must be an object of names and values"],
    ["a name that is none", { "a b": "hunter2" }, 'backend.headers "a b" is not a header name: use letters, digits and hyphens'],
    ["a name of two lines", { "x\r\ny": "hunter2" }, 'backend.headers "x\\r\\ny" is not a header name: use letters, digits and hyphens'],
    ["a number as a value", { "x-key": 7 }, 'backend.headers "x-key" has a value that HTTP does not allow: give text of one line'],
    ["a value of two lines", { "x-key": "hunter2\nx: y" }, 'backend.headers "x-key" has a value that HTTP does not allow: give text of one line'],
    ["a value beyond HTTP's letters", { "x-key": "hunter2\u{1f642}" }, 'backend.headers "x-key" has a value that HTTP does not allow: give text of one line'],
    ["the body's type", { "Content-Type": "hunter2" }, 'backend.headers "Content-Type" is set by the backend itself: leave it out'],
    ["the body's encoding", { "content-encoding": "hunter2" }, 'backend.headers "content-encoding" is set by the backend itself: leave it out'],
  ])("may not be %s, and the refusal repeats no value", (_, headers, message) => {
    expect(thrownBy(() => readHeaders(headers))).toMatchObject({ code: "ERR_CANDOR_CONFIG", message });
  });
});
