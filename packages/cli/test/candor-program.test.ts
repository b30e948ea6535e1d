import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type ProcessResult, runProcess, temporaryHome, type TemporaryHome } from "@candor/testing";

/** Every test starts processes; a loaded machine is slow at that. */
const PROGRAM = join(__dirname, "../bin/candor.mjs");
const CATALOG = '{ tool: "notes", events: { "note.added": { purpose: "What notes are made of." } } }';

let place: TemporaryHome;
beforeEach(() => {
  place = temporaryHome({
    "catalog.mjs": `export const catalog = ${CATALOG};\n`,
    "default.mjs": `export default ${CATALOG};\n`,
    "exports.cjs": `exports.catalog = ${CATALOG};\n`,
    "whole.cjs": `module.exports = ${CATALOG};\n`,
    "compiled.cjs": `Object.defineProperty(exports, "__esModule", { value: true });\nexports.default = ${CATALOG};\n`,
  });
});
afterEach(() => place.dispose());

const candor = (...args: readonly string[]): Promise<ProcessResult> => runProcess(process.execPath, [PROGRAM, ...args], { environment: place.environment, cwd: place.path });
const file = (name: string): string => join(place.path, name);
const document = (name = "TELEMETRY.md"): string => readFileSync(file(name), "utf8");

describe("candor", () => {
  it.each([[[]], [["catalogue"]], [["catalog"]], [["catalog", "a", "b"]], [["catalog", "catalog.mjs", "--chek"]], [["catalog", "catalog.mjs", "--out"]]])("says how it is called, and exits with 2, when it is given %j", async (args) => {
    const { exitCode, stdout, stderr } = await candor(...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain("usage: candor catalog <module>");
    expect(existsSync(file("TELEMETRY.md"))).toBe(false);
  });

  it.each([["--help"], ["-h"], ["catalog --help"]])("shows its help for %s", async (line) => {
    expect(await candor(...line.split(" "))).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("usage: candor catalog"), stderr: "" });
  });
});

describe("candor catalog", () => {
  it.each<[string, string, RegExp]>([
    ["is not there", "", /cannot be loaded: .*missing\.mjs/],
    ["throws", "throw new Error('no such luck');", /cannot be loaded: no such luck/],
    ["throws what is no error", "throw 5;", /cannot be loaded: 5/],
    ["cannot be parsed", "export const = 1;", /cannot be loaded: /],
    ["exports no catalog", "export const events = {};", /exports no catalog/],
    ["exports a catalog with mistakes", "export default { retentionDays: 0, events: { a: {} } };", /has mistakes:\n {2}catalog\.retentionDays: .*\n {2}catalog\.events\["a"\]\.purpose: /],
    ["ends the process", "process.exit(0);", /a file of its own/],
    ["never finishes loading", "await new Promise(() => {});", /a file of its own/],
  ])("exits with 1 and leaves the document alone when the module %s", async (_, code, message) => {
    writeFileSync(file("TELEMETRY.md"), "as it was\n");
    if (code !== "") writeFileSync(file("missing.mjs"), code);
    for (const check of [[], ["--check"]]) {
      const { exitCode, stdout, stderr } = await candor("catalog", "missing.mjs", ...check);
      expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 1, stdout: "", stderr: expect.stringMatching(message) });
    }
    expect(document()).toBe("as it was\n");
  });

  it("says what to do where Node.js cannot load TypeScript", async () => {
    writeFileSync(file("catalog.ts"), `export const catalog: object = ${CATALOG};\n`);
    const { exitCode, stderr } = await candor("catalog", "catalog.ts");
    const isAdvised = stderr.includes("cannot load TypeScript; name the compiled module, or run candor with Node.js 22.18 or later");
    const canLoad = Boolean(Reflect.get(process.features, "typescript"));
    expect({ exitCode, isAdvised }).toEqual({ exitCode: canLoad ? 0 : 1, isAdvised: !canLoad });
  });

  it("fails a check of a document that is missing, stale, or longer than it should be, and says where", async () => {
    expect(await candor("catalog", "catalog.mjs", "--check")).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("TELEMETRY.md is missing; run: candor catalog catalog.mjs --out TELEMETRY.md") });
    expect(existsSync(file("TELEMETRY.md"))).toBe(false);
    await candor("catalog", "catalog.mjs");
    const fresh = document();
    writeFileSync(file("TELEMETRY.md"), fresh.replace("# What notes records", "# What we record"));
    expect(await candor("catalog", "catalog.mjs", "--check")).toMatchObject({ exitCode: 1, stdout: "", stderr: expect.stringContaining("TELEMETRY.md is stale from line 3 on") });
    writeFileSync(file("TELEMETRY.md"), `${fresh}more\n`);
    expect(await candor("catalog", "catalog.mjs", "--check")).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(`stale from line ${fresh.split("\n").length} on`) });
    expect(document()).toBe(`${fresh}more\n`);
  });

  it("says so when the document cannot be read or written", async () => {
    expect(await candor("catalog", "catalog.mjs", "--out", ".")).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(". cannot be read") });
    expect(await candor("catalog", "catalog.mjs", "--out", "nowhere/TELEMETRY.md")).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("cannot be written") });
  });

  it("passes a check of what it wrote, also with the line ends of Windows, and writes nothing again", async () => {
    expect(await candor("catalog", "catalog.mjs", "--out", "docs.md")).toMatchObject({ exitCode: 0, stdout: "docs.md is written\n", stderr: "" });
    writeFileSync(file("docs.md"), document("docs.md").replaceAll("\n", "\r\n"));
    const before = statSync(file("docs.md")).mtimeMs;
    for (const check of [["--check"], []]) {
      expect(await candor("catalog", "catalog.mjs", "--out", "docs.md", ...check)).toMatchObject({ exitCode: 0, stdout: "docs.md says what the catalog declares\n", stderr: "" });
    }
    expect(statSync(file("docs.md")).mtimeMs).toBe(before);
  });

  it("writes the same document from every form of module", async () => {
    const texts = new Set<string>();
    for (const module of ["catalog.mjs", "default.mjs", "exports.cjs", "whole.cjs", "compiled.cjs"]) {
      expect(await candor("catalog", module, "--out", `${module}.md`)).toMatchObject({ exitCode: 0, stderr: "" });
      texts.add(document(`${module}.md`));
    }
    expect(texts.size).toBe(1);
    expect([...texts][0]).toContain("### `note.added`\n\nWhat notes are made of.");
  });

  it("does its work even if the module prints", async () => {
    appendFileSync(file("catalog.mjs"), "console.log('hello');\n");
    expect(await candor("catalog", "catalog.mjs")).toMatchObject({ exitCode: 0, stdout: "hello\nTELEMETRY.md is written\n" });
  });
});
