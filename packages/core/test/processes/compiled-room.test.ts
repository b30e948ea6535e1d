/** The compiled room: kept by the first command that records, and believed only while it is beyond doubt. */
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { temporaryHome, type TemporaryHome } from "@candor/testing";
import { mayMount } from "./workbench.ts";

const DIST = join(import.meta.dirname, "../../dist");
const TWO_HOURS_S = 2 * 60 * 60;

let home: TemporaryHome;
let data: string;
let kept: string;
beforeEach(() => {
  home = temporaryHome();
  data = join(home.path, "data");
  kept = join(data, "compiled");
  // As if an upload had just ended, so that none is due: what is looked at here is the command.
  mkdirSync(join(data, "uploader"), { recursive: true, mode: 0o700 });
  const released = { state: "released", owner: "", kind: "detached", startedAt: Date.now(), lifetimeMs: 0 };
  writeFileSync(join(data, "uploader/1.json"), JSON.stringify(released), { mode: 0o600 });
});
afterEach(() => home.dispose());

interface Run {
  /** One for each text that was evaluated: whether a compiled form of it was offered, and whether V8 refused that. */
  readonly rooms: readonly { readonly offered: boolean; readonly refused?: boolean }[];
  readonly tracked: number;
  readonly result: unknown;
}

interface Settings {
  readonly form?: "esm" | "cjs";
  readonly telemetry?: string;
  /** Another copy of the package. */
  readonly dist?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly nodeOptions?: readonly string[];
  /** What the tool does after it has recorded its event; it may set `result`. */
  readonly afterwards?: string;
}

/** Runs a tool as a user has it: it records one event and ends. Fails when the process does. */
function run({ form = "cjs", telemetry = "on", dist = DIST, environment = {}, nodeOptions = [], afterwards = "" }: Settings = {}): Run {
  const entry = JSON.stringify(join(dist, form, "index.js"));
  const source = `
    ${form === "esm" ? `import { createCollector } from ${entry};` : `const { createCollector } = require(${entry});`}
    const vm = process.getBuiltinModule("node:vm");
    const rooms = [];
    vm.Script = class extends vm.Script {
      constructor(text, options) {
        super(text, options);
        rooms.push({ offered: options.cachedData !== undefined, refused: this.cachedDataRejected });
      }
    };
    const options = { backend: { use: "noop" }, directories: { data: ${JSON.stringify(data)} }, delivery: { minimumIntervalMs: 86_400_000 } };
    const collector = createCollector({ tool: "tool", version: "1.0.0", ...options });
    collector.track("feature.used", "exported notes", { format: "pdf" });
    let result;
    ${afterwards}
    process.stdout.write(JSON.stringify({ rooms, tracked: collector.counts().tracked, result }));`;
  const output = execFileSync(process.execPath, [...nodeOptions, ...(form === "esm" ? ["--input-type=module"] : []), "-e", source], {
    encoding: "utf8",
    cwd: home.path,
    env: { ...home.environment, NODE_ENV: "production", TOOL_TELEMETRY: telemetry, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return JSON.parse(output) as Run;
}

const onPosix = process.platform === "win32" ? describe.skip : describe;
const asAdministrator = process.getuid?.() === 0 ? describe : describe.skip;
const whereMounting = mayMount() ? describe : describe.skip;

const COMPILED_HERE = { rooms: [{ offered: false }], tracked: 1 };
const FROM_WHAT_IS_KEPT = { rooms: [{ offered: true, refused: false }], tracked: 1 };

/** How many events lie on disk. */
function eventsOnDisk(): number {
  const segments = home.list().filter((name) => name.startsWith("data/spool/") && name.endsWith(".ndjson"));
  return segments.reduce((sum, name) => sum + home.read(name).trim().split("\n").length, 0);
}

describe.each(["cjs", "esm"] as const)("a command of the %s form", (form) => {
  it("compiles the room once on a machine, and finds it compiled from then on", () => {
    expect(run({ form })).toMatchObject(COMPILED_HERE);
    expect(run({ form })).toMatchObject(FROM_WHAT_IS_KEPT);
    expect(run({ form, afterwards: `collector.track("feature.used", "b", { path: "https://ada:lovelace@example.com/" });` })).toMatchObject({ ...FROM_WHAT_IS_KEPT, tracked: 2 });
    expect(eventsOnDisk()).toBe(4);
    expect(home.list().filter((name) => name.includes("spool")).map((name) => home.read(name)).join("")).not.toContain("lovelace");
  });

  it("keeps nothing and reads nothing while telemetry is off", () => {
    expect(run({ form, telemetry: "off" })).toMatchObject({ rooms: [], tracked: 0 });
    expect(home.list()).toEqual(["data/uploader/1.json"]);
  });

  it("keeps nothing for its author, whose code changes", () => {
    expect(run({ form, environment: { NODE_ENV: "development" } })).toMatchObject({ rooms: [], tracked: 1 });
    expect(existsSync(kept)).toBe(false);
  });

  it("says where an error lies as if the room had been loaded like any other file", () => {
    const afterwards = `try { collector.installation.spoolFor(Symbol()); } catch (error) { result = error.stack; }`;
    run({ form, afterwards });
    const { result } = run({ form, afterwards });
    expect(result).toContain("collection.js:");
  });
});

it("is kept for both forms of the package by either", () => {
  run({ form: "esm" });
  expect(run({ form: "cjs" })).toMatchObject(FROM_WHAT_IS_KEPT);
});

it("is kept by a tool that closes its collector", () => {
  run({ afterwards: "collector.close();" });
  expect(run()).toMatchObject(FROM_WHAT_IS_KEPT);
});

it("is written in one step", () => {
  run();
  expect(readdirSync(data).filter((name) => name.includes("compiled"))).toEqual(["compiled"]);
});

describe("what is kept", () => {
  beforeEach(() => void run());

  it("costs nobody a command or an event wherever a bit of it has flipped, and is not even shown to V8", () => {
    const sound = readFileSync(kept);
    const places = [0, 20, 200, 1_000, 30_000, ...Array.from({ length: 24 }, (_, index) => Math.floor(((index + 0.5) / 24) * sound.length)), sound.length - 1];
    for (const [index, place] of places.entries()) {
      const damaged = Buffer.from(sound);
      damaged[place] = (damaged[place] ?? 0) ^ (1 << (index % 8));
      writeFileSync(kept, damaged);
      expect(run()).toMatchObject(COMPILED_HERE);
    }
    expect(eventsOnDisk()).toBe(1 + places.length);
  });

  it("does not count when it is cut short, too long, empty or of zeros", () => {
    const sound = readFileSync(kept);
    for (const content of [sound.subarray(0, -1), sound.subarray(0, -2), sound.subarray(0, 60_000), sound.subarray(0, 10), Buffer.concat([sound, sound]), Buffer.alloc(0), Buffer.alloc(sound.length)]) {
      writeFileSync(kept, content);
      expect(run()).toMatchObject(COMPILED_HERE);
    }
  });

  it("does not count for another text of the same length, such as that of a package somebody has patched", () => {
    const dist = join(home.path, "core/dist");
    cpSync(DIST, dist, { recursive: true });
    expect(run({ dist })).toMatchObject(FROM_WHAT_IS_KEPT);
    const room = join(dist, "cjs/collection.js");
    const text = readFileSync(room, "utf8");
    expect(text).toContain("timestamp:");
    writeFileSync(room, text.replace("timestamp:", "timestomp:"));
    expect(run({ dist })).toMatchObject(COMPILED_HERE);
    const lines = home.list().filter((name) => name.startsWith("data/spool/")).map((name) => home.read(name));
    expect(lines.filter((line) => line.includes("timestomp"))).toHaveLength(1);
  });

  it("does not count when another Node.js made it", () => {
    const text = readFileSync(kept, "latin1");
    writeFileSync(kept, text.replace(process.version, process.version.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10))), "latin1");
    expect(run()).toMatchObject(COMPILED_HERE);
  });

  it("does not count when V8 refuses it, because its own flags are others", () => {
    expect(run({ nodeOptions: ["--no-opt"] })).toMatchObject({ rooms: [{ offered: true, refused: true }], tracked: 1 });
  });

  it("stays for an hour when it does not count, so that two versions in turn do not write it in every command, and is then written anew", () => {
    writeFileSync(kept, "of another version");
    run();
    expect(readFileSync(kept, "utf8")).toBe("of another version");
    utimesSync(kept, Date.now() / 1_000 - TWO_HOURS_S, Date.now() / 1_000 - TWO_HOURS_S);
    run();
    expect(run()).toMatchObject(FROM_WHAT_IS_KEPT);
  });

  it("is not looked into when something else has its name", () => {
    const elsewhere = join(home.path, "elsewhere");
    copyFileSync(kept, elsewhere);
    rmSync(kept);
    symlinkSync(elsewhere, kept);
    expect(run()).toMatchObject(COMPILED_HERE);
    rmSync(kept);
    mkdirSync(kept);
    expect(run()).toMatchObject(COMPILED_HERE);
  });
});

it("costs a command nothing when it cannot be written", () => {
  mkdirSync(join(kept, "in the way"), { recursive: true });
  utimesSync(kept, Date.now() / 1_000 - TWO_HOURS_S, Date.now() / 1_000 - TWO_HOURS_S);
  expect(run()).toMatchObject(COMPILED_HERE);
  expect(eventsOnDisk()).toBe(1);
  expect(readdirSync(data).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

onPosix("what is kept, where files have modes,", () => {
  beforeEach(() => void run());

  it("is a file of this user's alone", () => {
    expect(statSync(kept).mode & 0o777).toBe(0o600);
  });

  it("is not waited for when it is a pipe", () => {
    rmSync(kept);
    execFileSync("mkfifo", [kept]);
    expect(run()).toMatchObject(COMPILED_HERE);
  });

  it("does not count where others may write to the directory", () => {
    chmodSync(data, 0o777);
    expect(run()).toMatchObject({ rooms: [{ offered: false }] });
  });
});

asAdministrator("what a user has kept", () => {
  beforeEach(() => void run());

  it("does not count for the administrator", () => {
    execFileSync("chown", ["-R", "12345", data]);
    expect(run()).toMatchObject({ rooms: [{ offered: false }] });
  });
});

whereMounting("a disk that is full", () => {
  it("costs a command nothing when it has no room for what would be kept", () => {
    const script = `mount -t tmpfs -o size=40k,mode=700 tmpfs '${data}' && cp -r '${join(home.path, "saved")}/.' '${data}' && exec "$@"`;
    cpSync(data, join(home.path, "saved"), { recursive: true });
    const tool = `const { createCollector } = require(${JSON.stringify(join(DIST, "cjs/index.js"))});
      const collector = createCollector({ tool: "tool", version: "1.0.0", backend: { use: "noop" }, directories: { data: ${JSON.stringify(data)} }, delivery: { minimumIntervalMs: 86_400_000 } });
      collector.track("feature.used", "exported notes");
      process.on("exit", () => console.log(require("fs").readdirSync(${JSON.stringify(data)}).join(), require("fs").readdirSync(${JSON.stringify(data)} + "/spool/v1/unrecorded/pending").length));`;
    const output = execFileSync("unshare", ["-m", "sh", "-c", script, "sh", process.execPath, "-e", tool], {
      encoding: "utf8",
      env: { ...home.environment, NODE_ENV: "production", TOOL_TELEMETRY: "on" },
    });
    expect(output).toMatch(/ 1$/m);
    expect(output).not.toMatch(/compiled|tmp/);
  });
});
