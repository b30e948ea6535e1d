import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { silentLogger } from "@candor/backend";
import fileBackendDefault, { fileBackend } from "../src/index.ts";

const context = { toolName: "notes", toolVersion: "1.0.0", dataDirectory: "/data", logger: silentLogger };

describe("building the file backend", () => {
  // Options come from JSON, so that any value may stand in any place.
  const wrong: [field: string, options: unknown][] = [
    ["options", null],
    ["path", { path: "telemetry.log" }],
    ["path", { path: "" }],
    ["path", { path: 7 }],
    ["path", { path: "/tmp/a\u0000b" }],
    ["path", { path: `/${"x".repeat(4096)}` }],
    ["maxBytes", { maxBytes: 0 }],
    ["maxBytes", { maxBytes: 1.5 }],
    ["maxBytes", { maxBytes: "1024" }],
    ["maxBytes", { maxBytes: Number.POSITIVE_INFINITY }],
    ["maxFiles", { maxFiles: 0 }],
    ["maxFiles", { maxFiles: 1001 }],
    ["backend.maxfiles is not an option", { maxfiles: 3 }],
  ];

  it.each(wrong)("refuses %s in %j with an error that names it", (field, options) => {
    const build = (): unknown => Reflect.apply(fileBackend, undefined, [options, context]);
    expect(build).toThrow(expect.objectContaining({ code: "ERR_CANDOR_CONFIG", message: expect.stringMatching(`${field}.*; `) }));
  });

  it("uses telemetry.log in the data directory and states its limits", () => {
    expect(fileBackend({}, context)).toMatchObject({ name: "file", destination: join("/data", "telemetry.log"), limits: { maxEvents: 1000, maxBytes: 1_048_576 } });
    expect(fileBackendDefault).toBe(fileBackend);
  });
});
