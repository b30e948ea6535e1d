/**
 * The bench of the process tests: one home, one tool in it, and what can be seen of both from outside: the files of the
 * spool, the uploader processes, the runs of the tool. It knows candor's places on disk and none of its code.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type Intake, processesIn, type ProcessResult, type ProcessSeen, runProcess, type RunOptions, type RunningProcess, startProcess, temporaryHome, type TemporaryHome , waitUntil } from "@candor/testing";

const PROGRAMS = join(__dirname, "programs");
export const TOOL = join(PROGRAMS, "tool.mjs");
export const COMMONJS_TOOL = join(PROGRAMS, "tool.cjs");
export const CONTROL = join(PROGRAMS, "control.mjs");
export const WATCHER = join(PROGRAMS, "watcher.mjs");
export const SHIFTED_CLOCK = join(PROGRAMS, "shifted-clock.mjs");

/** /proc tells what no other platform does without further tools. */
export const onLinux = process.platform === "linux";

/** Whether namespaces and mounts may be made here: not by an ordinary user, nor by root in an ordinary container. */
export function mayMount(): boolean {
  return onLinux && spawnSync("unshare", ["-pf", "--mount-proc", "true"]).status === 0;
}

/** The name of the tool under test; its consent variable is NOTES_TELEMETRY. */
export const TOOL_NAME = "notes";

export type Step = readonly [name: string, ...given: readonly unknown[]];

export interface Report {
  readonly exitCode: number;
  readonly lines: readonly string[];
  readonly data: Readonly<Record<string, unknown>>;
}

export interface RunChoices extends Omit<RunOptions, "environment"> {
  /** Variables beyond the bench's. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Variables to take away. */
  readonly without?: readonly string[];
  /** The tool's own command line. */
  readonly args?: readonly string[];
  /** Options of Node.js itself, before the script. */
  readonly nodeArguments?: readonly string[];
  /** Options of the collector beside the bench's; null runs the tool without candor. */
  readonly options?: Readonly<Record<string, unknown>> | null;
}

export interface Workbench {
  readonly home: TemporaryHome;
  /** The tool's data directory. */
  readonly data: string;
  /** Runs the tool to its end. */
  run(steps: readonly Step[], choices?: RunChoices): Promise<ProcessResult>;
  /** Starts the tool. */
  start(steps: readonly Step[], choices?: RunChoices): RunningProcess;
  /** Runs a `telemetry` command; rejects when it prints anything but its report. */
  command(name: "enable" | "disable" | "status" | "reset" | "callOff", choices?: RunChoices): Promise<Report>;
  /** The environment of a run, for tests that start it themselves. */
  environmentFor(steps: readonly Step[], choices?: RunChoices): Record<string, string>;
  /** Event files in the spool of any consent, relative to the data directory. */
  spooled(): readonly string[];
  /** Text of every event file. */
  spooledText(): string;
  /** The uploader processes of this home, alive now. */
  uploaders(): readonly ProcessSeen[];
  /** Resolves when no uploader of this home lives. */
  uploadersGone(limitMs?: number): Promise<unknown>;
  /** Ends what is left running, and removes the home. */
  dispose(): Promise<void>;
}

export interface WorkbenchOptions {
  readonly url: string;
  /** Default: the variable says yes. `stored`: no variable; run `enable` yourself. */
  readonly consent?: "variable" | "stored";
  readonly backend?: Readonly<Record<string, unknown>>;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly home?: TemporaryHome;
}

/** A bench whose tool sends to `url`, without a minimum interval between uploads. */
export function createWorkbench({ url, consent = "variable", backend = {}, options = {}, home = temporaryHome() }: WorkbenchOptions): Workbench {
  const data =
    process.platform === "darwin"
      ? join(home.path, "Library", "Application Support", TOOL_NAME, "telemetry")
      : process.platform === "win32"
        ? join(home.path, "AppData", "Local", TOOL_NAME, "telemetry")
        : join(home.path, ".local", "state", TOOL_NAME, "telemetry");
  const base = {
    tool: TOOL_NAME,
    version: "1.2.3",
    backend: { use: "http", endpoint: `${url}/events`, ...backend },
    ...options,
  };
  const running = new Set<ChildProcess>();

  const optionsFor = (choices: RunChoices): Readonly<Record<string, unknown>> | undefined => {
    if (choices.options === null) return undefined;
    const merged: Record<string, unknown> = { ...base, ...choices.options };
    merged["delivery"] = { minimumIntervalMs: 0, ...asRecord(base, "delivery"), ...asRecord(choices.options ?? {}, "delivery") };
    return merged;
  };
  const environmentFor = (steps: readonly Step[], choices: RunChoices = {}): Record<string, string> => {
    const environment: Record<string, string> = {
      ...home.environment,
      ...(consent === "variable" ? { NOTES_TELEMETRY: "on" } : {}),
      ...choices.variables,
      TEST_PLAN: JSON.stringify({ options: optionsFor(choices), steps }),
    };
    for (const name of choices.without ?? []) delete environment[name];
    return environment;
  };
  const processOptions = (steps: readonly Step[], choices: RunChoices): RunOptions => {
    const { variables: _variables, without: _without, nodeArguments: _nodeArguments, options: _options, args: _args, ...rest } = choices;
    return { cwd: home.path, ...rest, environment: environmentFor(steps, choices) };
  };
  const uploaders = (): readonly ProcessSeen[] => processesIn(home.path).filter(({ commandLine }) => commandLine.includes("candor-uploader-"));

  const bench: Workbench = {
    home,
    data,
    environmentFor,
    run: (steps, choices = {}) => runProcess(process.execPath, [...(choices.nodeArguments ?? []), TOOL, ...(choices.args ?? [])], processOptions(steps, choices)),
    start(steps, choices = {}) {
      const started = startProcess(process.execPath, [...(choices.nodeArguments ?? []), TOOL], processOptions(steps, choices));
      running.add(started.child);
      return started;
    },
    async command(name, choices = {}) {
      const result = await runProcess(process.execPath, [...(choices.nodeArguments ?? []), CONTROL, name], processOptions([], choices));
      if (result.stderr !== "") throw new Error(`${name} wrote to stderr: ${result.stderr}`);
      const report = JSON.parse(result.stdout) as Report;
      if (result.exitCode !== report.exitCode) throw new Error(`${name} reported ${report.exitCode} and ended with ${result.exitCode}`);
      return report;
    },
    spooled: () => eventFilesIn(data),
    spooledText: () => eventFilesIn(data).map((path) => readFileSync(join(data, path), "utf8")).join(""),
    uploaders,
    uploadersGone: (limitMs = 15_000) => waitUntil("no uploader lives any more", () => uploaders().length === 0, limitMs),
    async dispose() {
      for (const child of running) child.kill("SIGKILL");
      for (const { pid } of uploaders()) killQuietly(pid);
      await bench.uploadersGone(5_000);
      home.dispose();
    },
  };
  return bench;
}

/** Runs a program under another user, which `startProcess` does not offer; at most 20 seconds. */
export function runAs(userId: number, command: string, args: readonly string[], environment: Record<string, string>, cwd: string): Promise<ProcessResult> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const child = spawn(command, args, { env: environment, cwd, uid: userId, gid: userId, stdio: ["ignore", "pipe", "pipe"], timeout: 20_000 });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.on("error", reject);
    child.on("close", (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr, durationMs: performance.now() - startedAt }));
  });
}

/** The names of all events that arrived, one entry an arrival. */
export function namesAt(intake: Intake): readonly string[] {
  return intake.events().map(({ name }) => (typeof name === "string" ? name : JSON.stringify(name)));
}

/** Sends SIGKILL; a process that has ended meanwhile is as dead as wanted. */
export function killQuietly(pid: number): boolean {
  try {
    process.kill(pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}

/** Every file and directory below `root`, with `/` at the end of directories; a missing root has none. */
export function entriesBelow(root: string): readonly string[] {
  const found: string[] = [];
  const walk = (directory: string): void => {
    if (!existsSync(directory)) return;
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      found.push(relative(root, path) + (entry.isDirectory() ? "/" : ""));
      if (entry.isDirectory()) walk(path);
    }
  };
  walk(root);
  return found.sort();
}

function eventFilesIn(data: string): readonly string[] {
  return entriesWithoutRace(join(data, "spool")).filter((path) => path.endsWith(".ndjson") || path.endsWith(".joined")).map((path) => join("spool", path));
}

/** Directories come and go while the tool works. */
function entriesWithoutRace(root: string): readonly string[] {
  for (let attempt = 0; attempt < 50; attempt++) {
    try {
      return entriesBelow(root);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  throw new Error(`${root} did not hold still`);
}

function asRecord(options: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>> {
  const value = options[name];
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
