import { describe, expect, it } from "@jest/globals";
import { refuseUnknown } from "../src/read-option.ts";
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
