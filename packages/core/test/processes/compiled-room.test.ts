/** The compiled room: kept by the first command that records, for those that come after it. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { age, AS_ANY_OTHER_FILE, COMPILED_HERE, compiledBenchPerTest, DAY_S, DIST, ENTRY, FROM_WHAT_IS_KEPT, HOUR_S, ROOM, type Run, type RunSettings } from "./compiled-bench.ts";
import { mayMount } from "./workbench.ts";

const whereMounting = mayMount() ? describe : describe.skip;

const bench = compiledBenchPerTest();
const run = (settings?: RunSettings): Run => bench.run(settings);

describe.each(["cjs", "esm"] as const)("a command of the %s form", (form) => {
  it("compiles the room once on a machine, and finds it compiled from then on", () => {
    expect(run({ form })).toMatchObject(COMPILED_HERE);
    expect(run({ form })).toMatchObject(FROM_WHAT_IS_KEPT);
    expect(run({ form, afterwards: `collector.track("feature.used", "b", { path: "https://ada:lovelace@example.com/" });` })).toMatchObject({ ...FROM_WHAT_IS_KEPT, tracked: 2 });
    expect(bench.eventsOnDisk()).toHaveLength(4);
    expect(bench.eventsOnDisk().join("")).not.toContain("lovelace");
  });

  it("keeps nothing and reads nothing while telemetry is off", () => {
    expect(run({ form, telemetry: "off" })).toMatchObject({ rooms: [], required: false, tracked: 0 });
    expect(bench.home.list()).toEqual(["data/uploader/1.json"]);
  });

  it("keeps nothing for its author, whose code changes", () => {
    expect(run({ form, environment: { NODE_ENV: "development" } })).toMatchObject(AS_ANY_OTHER_FILE);
    expect(existsSync(bench.kept)).toBe(false);
  });

  it("evaluates the room once, also when its options are looked at before the first event", () => {
    run({ form });
    expect(run({ form, beforehand: "void collector.installation.config.version; void collector.installation.problems; collector.installation.peekId();" })).toMatchObject(FROM_WHAT_IS_KEPT);
  });

  it("goes on without telemetry, and tells the author's logger why, where the room is missing", () => {
    const dist = join(bench.home.path, "core/dist");
    cpSync(DIST, dist, { recursive: true });
    cpSync(join(DIST, "../package.json"), join(bench.home.path, "core/package.json"));
    rmSync(join(dist, "cjs/collection.js"));
    const options = `{ logger: { debug() {}, info() {}, warn() {}, error: (message, { error }) => (result = message + ": " + error) } }`;
    const { rooms, tracked, result } = run({ form, dist, options, beforehand: "void collector.due.notice; void collector.due.question; collector.backendInfo(); collector.flush();" });
    expect({ rooms, tracked }).toEqual({ rooms: [], tracked: 0 });
    expect(result).toMatch(/^telemetry failed: .*collection\.js/);
  });

  it("says where in the package an error lies", () => {
    const afterwards = `try { collector.installation.spoolFor(Symbol()); } catch (error) { result = error.stack; }`;
    run({ form });
    const { result } = run({ form, afterwards });
    expect(result).toContain(`${ROOM}:`);
  });
});

describe("a command that records", () => {
  it("keeps the room for both forms of the package", () => {
    run({ form: "esm" });
    expect(run({ form: "cjs" })).toMatchObject(FROM_WHAT_IS_KEPT);
  });

  it.each([
    ["closes its collector", { afterwards: "collector.close();" }],
    ["delivers by itself", { options: `{ backend: { name: "own", destination: "here", limits: { maxEvents: 1, maxBytes: 1000 }, send: async () => ({ status: "accepted" }), close: async () => {} } }` }],
    ["ends by process.exit", { afterwards: `process.on("exit", () => {}); setImmediate(() => process.exit(0));` }],
  ])("keeps it when the tool %s", (_, settings) => {
    expect(run(settings)).toMatchObject(COMPILED_HERE);
    expect(run()).toMatchObject(FROM_WHAT_IS_KEPT);
  });

  it.each([
    ["the yes is withdrawn meanwhile", { afterwards: `process.env.TOOL_TELEMETRY = "off";` }],
    ["it has no destination, so that nothing is recorded", { options: "{ backend: undefined }" }],
    ["the process has lived long, and V8 may have forgotten what it compiled", { afterwards: "process.uptime = () => 3;" }],
    ["nothing outlives the process", { environment: { AWS_LAMBDA_FUNCTION_NAME: "x" } }],
    ["little room is left on the disk", { afterwards: "fs.statfsSync = () => ({ bavail: 10_000, bsize: 4_096 });" }],
  ])("keeps nothing when %s", (_, settings) => {
    expect(run(settings).rooms).toEqual([{ offered: false }]);
    expect(readdirSync(bench.data).filter((name) => name.includes("compiled"))).toEqual([]);
  });

  it("writes it in one step", () => {
    const first = `const [write, rename] = [fs.writeFileSync, fs.renameSync]; result = [];
      fs.writeFileSync = (path, ...rest) => { if (path.includes("compiled")) result.push(path); return write(path, ...rest); };
      fs.renameSync = (from, to) => { if (to.includes("compiled")) result.push(from, to); return rename(from, to); };`;
    const written = expect.stringMatching(/compiled\..+\.tmp$/);
    expect(run({ first }).result).toEqual([written, written, bench.kept]);
  });

  it("sweeps away what writers that were killed have left, and not what one of them is writing", () => {
    const [abandoned, underWay] = [`${bench.kept}.1-2.tmp`, `${bench.kept}.3-4.tmp`];
    for (const path of [abandoned, underWay]) writeFileSync(path, "half");
    age(abandoned, 2 * HOUR_S);
    run();
    expect(readdirSync(bench.data).filter((name) => name.includes("compiled")).sort()).toEqual(["compiled", "compiled.3-4.tmp"]);
  });

  it("tries again only the next day when the disk does not take it", () => {
    const refusing = `const write = fs.writeFileSync; fs.writeFileSync = (path, content, ...rest) => { if (content.length > 100_000) throw Object.assign(new Error("full"), { code: "ENOSPC" }); return write(path, content, ...rest); };`;
    expect(run({ first: refusing })).toMatchObject(COMPILED_HERE);
    expect(statSync(bench.kept).size).toBe(0);
    expect(run()).toMatchObject(COMPILED_HERE);
    expect(statSync(bench.kept).size).toBe(0);
    age(bench.kept, 2 * DAY_S);
    run();
    expect(run()).toMatchObject(FROM_WHAT_IS_KEPT);
  });

  it("is not disturbed when it cannot be written at all", () => {
    mkdirSync(join(bench.kept, "in the way"), { recursive: true });
    age(bench.kept, 2 * DAY_S);
    expect(run()).toMatchObject(COMPILED_HERE);
    expect(bench.eventsOnDisk()).toHaveLength(1);
    expect(readdirSync(bench.data).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});

whereMounting("a disk that is full", () => {
  it("keeps its room for events", () => {
    const script = `mount -t tmpfs -o size=40k,mode=700 tmpfs '${bench.data}' && cp -r '${join(bench.home.path, "saved")}/.' '${bench.data}' && exec "$@"`;
    cpSync(bench.data, join(bench.home.path, "saved"), { recursive: true });
    const tool = `const fs = require("fs"); const { createCollector } = require(${JSON.stringify(ENTRY)});
      const collector = createCollector({ tool: "tool", version: "1.0.0", backend: { use: "noop" }, directories: { data: ${JSON.stringify(bench.data)} }, delivery: { minimumIntervalMs: 86_400_000 } });
      collector.track("feature.used", "exported notes");
      process.on("exit", () => console.log(fs.readdirSync(${JSON.stringify(bench.data)}).join(), fs.readdirSync(${JSON.stringify(join(bench.data, "spool/v1/unrecorded/pending"))}).length));`;
    const output = execFileSync("unshare", ["-m", "sh", "-c", script, "sh", process.execPath, "-e", tool], {
      encoding: "utf8",
      env: { ...bench.home.environment, NODE_ENV: "production", TOOL_TELEMETRY: "on" },
    });
    expect(output).toMatch(/ 1$/m);
    expect(output).not.toMatch(/compiled|tmp/);
  });
});
