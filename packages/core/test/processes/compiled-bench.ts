/** The bench of the compiled room: one tool with a data directory, run as a user has it, and what lies in that directory. */
import { execFileSync } from "node:child_process";
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach } from "@jest/globals";
import { temporaryHome, type TemporaryHome } from "@candor/testing";
import { standIn } from "../stand-in.ts";

export const DIST = join(import.meta.dirname, "../../dist");
export const ENTRY = join(DIST, "cjs/index.js");
export const ROOM = join(DIST, "cjs/collection.js");
export const HOUR_S = 60 * 60;
export const DAY_S = 24 * HOUR_S;

export interface Run {
  /** One for each text that was evaluated beside the loader: whether a compiled form of it was offered, and whether V8 refused that. */
  readonly rooms: readonly { readonly offered: boolean; readonly refused?: boolean }[];
  /** Whether the room of collection came by the loader. */
  readonly required: boolean;
  readonly tracked: number;
  readonly result: unknown;
}

export interface RunSettings {
  readonly form?: "esm" | "cjs";
  readonly telemetry?: string;
  /** Another copy of the package. */
  readonly dist?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly nodeOptions?: readonly string[];
  /** JavaScript for the options of the collector. */
  readonly options?: string;
  /** What the tool does before it makes its collector, before it records its event, and afterwards; it may set `result`. */
  readonly first?: string;
  readonly beforehand?: string;
  readonly afterwards?: string;
}

export interface CompiledBench {
  readonly home: TemporaryHome;
  /** The tool's data directory. */
  readonly data: string;
  /** The file in which the compiled form is kept. */
  readonly kept: string;
  /** Runs the tool as a user has it: it records one event and ends. Throws when the process fails. */
  run(settings?: RunSettings): Run;
  /** What lies in the spool. */
  eventsOnDisk(): readonly string[];
}

/** The bench that each test of a file has to itself; for the top of a file. */
export function compiledBenchPerTest(): CompiledBench {
  let bench: CompiledBench | undefined;
  beforeEach(() => {
    bench = createCompiledBench();
  });
  afterEach(() => {
    bench?.home.dispose();
    bench = undefined;
  });
  return standIn("bench", () => bench);
}

/** Makes a home in which no upload is due: what is looked at here is the command. */
function createCompiledBench(): CompiledBench {
  const home = temporaryHome();
  const data = join(home.path, "data");
  mkdirSync(join(data, "uploader"), { recursive: true, mode: 0o700 });
  // As if an upload had just ended.
  const released = { state: "released", owner: "", kind: "detached", startedAt: Date.now(), lifetimeMs: 0 };
  writeFileSync(join(data, "uploader/1.json"), JSON.stringify(released), { mode: 0o600 });
  return {
    home,
    data,
    kept: join(data, "compiled"),
    run: (settings = {}) => run(home, data, settings),
    eventsOnDisk() {
      const segments = home.list().filter((name) => name.startsWith("data/spool/") && name.endsWith(".ndjson"));
      return segments.flatMap((name) => home.read(name).trim().split("\n"));
    },
  };
}

function run(home: TemporaryHome, data: string, { form = "cjs", telemetry = "on", dist = DIST, environment = {}, nodeOptions = [], options = "{}", first = "", beforehand = "", afterwards = "" }: RunSettings): Run {
  const entry = JSON.stringify(join(dist, form, "index.js"));
  const source = `
    ${form === "esm" ? `import { createCollector } from ${entry};` : `const { createCollector } = require(${entry});`}
    const { cache } = process.getBuiltinModule("node:module").createRequire(${JSON.stringify(ENTRY)});
    const vm = process.getBuiltinModule("node:vm");
    const fs = process.getBuiltinModule("node:fs");
    const rooms = [];
    vm.Script = class extends vm.Script {
      constructor(text, options) {
        super(text, options);
        rooms.push({ offered: options.cachedData !== undefined, refused: this.cachedDataRejected });
      }
    };
    let result;
    ${first}
    const settings = (data) => ({ tool: "tool", version: "1.0.0", backend: { use: "noop" }, directories: { data }, delivery: { minimumIntervalMs: 86_400_000 } });
    const collector = createCollector({ ...settings(${JSON.stringify(data)}), ...${options} });
    ${beforehand}
    collector.track("feature.used", "exported notes", { format: "pdf" });
    ${afterwards}
    // Behind candor's own listener, so that it has seen all.
    process.on("exit", () => {
      const required = Object.keys(cache).some((file) => /[\\\\/]collection\\.js$/.test(file));
      fs.writeSync(1, JSON.stringify({ rooms, required, tracked: collector.counts().tracked, result }));
    });`;
  const output = execFileSync(process.execPath, [...nodeOptions, ...(form === "esm" ? ["--input-type=module"] : []), "-e", source], {
    encoding: "utf8",
    cwd: home.path,
    env: { ...home.environment, NODE_ENV: "production", TOOL_TELEMETRY: telemetry, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return JSON.parse(output) as Run;
}

export const COMPILED_HERE = { rooms: [{ offered: false }], required: false, tracked: 1 };
export const FROM_WHAT_IS_KEPT = { rooms: [{ offered: true, refused: false }], required: false, tracked: 1 };
export const AS_ANY_OTHER_FILE = { required: true, tracked: 1 };

/** As if it had been written so long ago. */
export function age(path: string, seconds: number): void {
  utimesSync(path, Date.now() / 1_000 - seconds, Date.now() / 1_000 - seconds);
}
