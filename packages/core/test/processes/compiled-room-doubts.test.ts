/** What is kept of the compiled room: believed only while it is beyond doubt. */
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { age, COMPILED_HERE, compiledBenchPerTest, DAY_S, DIST, ENTRY, FROM_WHAT_IS_KEPT, ROOM, type Run, type RunSettings } from "./compiled-bench.ts";

const bench = compiledBenchPerTest();
const run = (settings?: RunSettings): Run => bench.run(settings);

describe("what is kept", () => {
  beforeEach(() => void run());

  it("costs nobody a command or an event wherever a bit of it has flipped, and is not even shown to V8", () => {
    const sound = readFileSync(bench.kept);
    const places = [0, 20, 200, 1_000, 30_000, ...Array.from({ length: 24 }, (_, index) => Math.floor(((index + 0.5) / 24) * sound.length)), sound.length - 1];
    for (const [index, place] of places.entries()) {
      const damaged = Buffer.from(sound);
      damaged[place] = (damaged[place] ?? 0) ^ (1 << (index % 8));
      writeFileSync(bench.kept, damaged);
      expect(run()).toMatchObject(COMPILED_HERE);
    }
    expect(bench.eventsOnDisk()).toHaveLength(1 + places.length);
  });

  it("does not count when it is cut short, too long, empty or of zeros", () => {
    const sound = readFileSync(bench.kept);
    for (const content of [sound.subarray(0, -1), sound.subarray(0, -2), sound.subarray(0, 60_000), sound.subarray(0, 10), Buffer.concat([sound, sound]), Buffer.alloc(0), Buffer.alloc(sound.length)]) {
      writeFileSync(bench.kept, content);
      expect(run()).toMatchObject(COMPILED_HERE);
    }
  });

  it("does not count for another text of the same length, such as that of a package somebody has patched", () => {
    const dist = join(bench.home.path, "core/dist");
    cpSync(DIST, dist, { recursive: true });
    expect(run({ dist })).toMatchObject(FROM_WHAT_IS_KEPT);
    const room = join(dist, "cjs/collection.js");
    const text = readFileSync(room, "utf8");
    expect(text).toContain("timestamp:");
    writeFileSync(room, text.replace("timestamp:", "zeitämpel:"));
    expect(run({ dist })).toMatchObject(COMPILED_HERE);
    expect(bench.eventsOnDisk().filter((event) => event.includes("zeitämpel"))).toHaveLength(1);
  });

  it.each([
    ["version", process.version],
    ["architecture", process.arch],
    ["path", process.execPath],
  ])("does not count when it was made by a Node.js of another %s", (_, own) => {
    const text = readFileSync(bench.kept, "latin1");
    expect(text.split("\n", 1)[0]).toContain(own);
    writeFileSync(bench.kept, text.replace(own, own.replace(/.$/, (last) => (last === "x" ? "y" : "x"))), "latin1");
    expect(run()).toMatchObject(COMPILED_HERE);
  });

  it("is written anew the next day when V8 refuses it, because its own flags are others, and not before", () => {
    const nodeOptions = ["--no-opt"];
    const refused = { rooms: [{ offered: true, refused: true }], tracked: 1 };
    expect(run({ nodeOptions })).toMatchObject(refused);
    expect(run({ nodeOptions })).toMatchObject(refused);
    age(bench.kept, 2 * DAY_S);
    expect(run({ nodeOptions })).toMatchObject(refused);
    expect(run({ nodeOptions })).toMatchObject(FROM_WHAT_IS_KEPT);
  });

  it("is written anew the next day when it does not count, so that two versions in turn do not write it in every command", () => {
    writeFileSync(bench.kept, "of another version");
    run();
    expect(readFileSync(bench.kept, "utf8")).toBe("of another version");
    age(bench.kept, 2 * DAY_S);
    run();
    expect(run()).toMatchObject(FROM_WHAT_IS_KEPT);
  });

  it("is written anew when it cannot be read", () => {
    age(bench.kept, 2 * DAY_S);
    const before = statSync(bench.kept).mtimeMs;
    const failing = `const read = fs.readFileSync; fs.readFileSync = (path, ...rest) => { if (typeof path === "number") throw Object.assign(new Error("damaged sector"), { code: "EIO" }); return read(path, ...rest); };`;
    expect(run({ first: failing })).toMatchObject(COMPILED_HERE);
    expect(statSync(bench.kept).mtimeMs).toBeGreaterThan(before);
  });

  it("is renewed after a week, with what has been needed since", () => {
    age(bench.kept, 6 * DAY_S);
    const before = statSync(bench.kept).mtimeMs;
    run();
    expect(statSync(bench.kept).mtimeMs).toBe(before);
    age(bench.kept, 8 * DAY_S);
    expect(run()).toMatchObject(FROM_WHAT_IS_KEPT);
    expect(statSync(bench.kept).mtimeMs).toBeGreaterThan(before);
    expect(run()).toMatchObject(FROM_WHAT_IS_KEPT);
  });

  it("is not looked into when something else has its name", () => {
    const elsewhere = join(bench.home.path, "elsewhere");
    copyFileSync(bench.kept, elsewhere);
    rmSync(bench.kept);
    mkdirSync(bench.kept);
    expect(run()).toMatchObject(COMPILED_HERE);
    rmSync(bench.kept, { recursive: true });
    symlinkSync(elsewhere, bench.kept);
    expect(run()).toMatchObject(COMPILED_HERE);
  });

  it("serves every tool in a process, whichever of them has it", () => {
    const other = join(bench.home.path, "other");
    const first = `createCollector({ tool: "other", version: "1.0.0", backend: { use: "noop" }, directories: { data: ${JSON.stringify(other)} } });`;
    expect(run({ first })).toMatchObject(FROM_WHAT_IS_KEPT);
  });
});

describe("the room of another", () => {
  /** Evaluates candor's entry as somebody else might, with `file` for its place, in the realm of `realm`. */
  const asIf = (file: string, realm: string): string => `
    const fs = process.getBuiltinModule("node:fs");
    const path = process.getBuiltinModule("node:path");
    const vm = process.getBuiltinModule("node:vm");
    const realm = ${realm};
    const load = (place, named) => {
      const module = { exports: {} };
      const text = "(function (exports, require, module, __filename) {" + fs.readFileSync(place, "utf8") + "\\n})";
      const define = realm ? vm.runInContext(text, realm) : vm.runInThisContext(text);
      define(module.exports, (name) => load(path.join(path.dirname(place), name)), module, named ?? place);
      return module.exports;
    };
    const { createCollector } = load(${JSON.stringify(ENTRY)}, ${file});
    const collector = createCollector({ tool: "tool", version: "1.0.0", backend: { use: "noop" }, directories: { data: ${JSON.stringify(bench.data)} }, delivery: { minimumIntervalMs: 86_400_000 } });`;
  const start = (source: string): void => {
    execFileSync(process.execPath, ["-e", source], { cwd: bench.home.path, env: { ...bench.home.environment, NODE_ENV: "production", TOOL_TELEMETRY: "on" }, stdio: "pipe" });
  };

  it("is not taken from the working directory, whatever place a bundler has put into the entry", () => {
    const place = "node_modules/@candor/core/dist/cjs";
    mkdirSync(join(bench.home.path, place), { recursive: true });
    writeFileSync(join(bench.home.path, place, "collection.js"), `${readFileSync(ROOM, "utf8").split("*/", 1)[0] ?? ""}*/process.exit(7);`);
    start(`${asIf(JSON.stringify(`${place}/index.js`), "undefined")} collector.track("feature.used", "a");`);
    expect(bench.eventsOnDisk()).toHaveLength(1);
  });

  it("is not a file of the tool's own that has its name beside a bundle that has the entry's", () => {
    const place = join(bench.home.path, "core/dist/cjs");
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "collection.js"), "process.exit(7);");
    start(`${asIf(JSON.stringify(join(place, "index.js")), "undefined")} collector.track("feature.used", "a");`);
    expect(bench.eventsOnDisk()).toHaveLength(1);
  });

  it("is not used in a realm whose values would be strangers to it, as under a test runner", () => {
    run();
    const context = "vm.createContext({ process, Buffer, URL, setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate })";
    start(`${asIf("undefined", context)} collector.track("feature.used", "a", vm.runInContext("({ pages: new Map([['a', 1]]) })", realm));`);
    expect(bench.eventsOnDisk().at(-1)).toContain('"pages":{"a":1}');
  });
});

const onPosix = process.platform === "win32" ? describe.skip : describe;
const asAdministrator = process.getuid?.() === 0 ? describe : describe.skip;

onPosix("what is kept, where files have modes,", () => {
  beforeEach(() => void run());

  it("is a file of this user's alone", () => {
    expect(statSync(bench.kept).mode & 0o777).toBe(0o600);
  });

  it("is not waited for when it is a pipe", () => {
    rmSync(bench.kept);
    execFileSync("mkfifo", [bench.kept]);
    expect(run()).toMatchObject(COMPILED_HERE);
  });

  it("does not count when others may write to it", () => {
    chmodSync(bench.kept, 0o622);
    expect(run()).toMatchObject(COMPILED_HERE);
  });

  it("is not written where others may write to the directory", () => {
    rmSync(bench.kept);
    chmodSync(bench.data, 0o777);
    expect(run().rooms).toEqual([{ offered: false }]);
    expect(existsSync(bench.kept)).toBe(false);
  });
});

asAdministrator("what a user has kept", () => {
  it("does not count for the administrator", () => {
    run();
    chownSync(bench.kept, 12_345, 12_345);
    expect(run()).toMatchObject(COMPILED_HERE);
  });
});
