/**
 * The machine as DataRobot's properties see it: every question with its real answer, so that a test can answer instead.
 * It derives nothing and keeps nothing. Each question may throw; `attempt` turns that into "".
 */

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface Machine {
  /** As Node names it: `linux`, `darwin`, `win32`. */
  readonly platform: string;
  readonly environment: Environment;
  readonly parentProcessId: number;
  /** Milliseconds since the epoch. */
  now(): number;
  homeDirectory(): string;
  workingDirectory(): string;
  /** The kernel's release; on Windows `major.minor.build`. */
  kernelRelease(): string;
  /** The locale that Node's own texts follow. */
  locale(): string;
  /** A small file of the system, at most its first 64 KiB. */
  readSystemFile(path: string): string;
  /** Runs a program by its absolute path, at most a second, and answers what it printed. */
  run(file: string, args: readonly string[]): string;
}

const MAX_SYSTEM_FILE_BYTES = 65_536;
/** `ps` answers in milliseconds and `tasklist` in some hundred; the DataRobot CLI waits three seconds. */
const RUN_TIMEOUT_MS = 1_000;
const MAX_OUTPUT_BYTES = 65_536;

/** The running machine. Builtins are loaded by the first question that needs them. */
export function realMachine(): Machine {
  return {
    platform: process.platform,
    environment: process.env,
    parentProcessId: process.ppid,
    now: () => Date.now(),
    homeDirectory: () => process.getBuiltinModule("node:os").homedir(),
    workingDirectory: () => process.cwd(),
    kernelRelease: () => process.getBuiltinModule("node:os").release(),
    // Of Intl's services the one that starts fastest; a number format takes fifty times as long.
    locale: () => new Intl.Collator().resolvedOptions().locale,
    readSystemFile,
    run: (file, args) =>
      process.getBuiltinModule("node:child_process").execFileSync(file, [...args], {
        encoding: "utf8",
        timeout: RUN_TIMEOUT_MS,
        maxBuffer: MAX_OUTPUT_BYTES,
        killSignal: "SIGKILL",
        windowsHide: true,
        stdio: ["ignore", "pipe", "ignore"],
      }),
  };
}

/** Answers what `read` answers, or "" when it throws: no property is worth failing a command for. */
export function attempt(read: () => string): string {
  try {
    const text: unknown = read();
    return typeof text === "string" ? text : "";
  } catch {
    // A missing file, a denied subprocess: each only means that the property is absent.
    return "";
  }
}

function readSystemFile(path: string): string {
  const fs = process.getBuiltinModule("node:fs");
  const descriptor = fs.openSync(path, "r");
  try {
    // Files of /proc have no size, so the bound is the buffer's.
    const buffer = Buffer.alloc(MAX_SYSTEM_FILE_BYTES);
    return buffer.toString("utf8", 0, fs.readSync(descriptor, buffer, 0, buffer.length, 0));
  } finally {
    fs.closeSync(descriptor);
  }
}
