/**
 * The ports: everything volatile candor touches (files, clock, processes, the environment), with its
 * real default. The other rooms receive these as arguments, so that a test can inject a full disk or a
 * jumping clock. Builtins are fetched at the first use: importing them through ESM would cost a
 * command several milliseconds before it has done anything.
 */
import type * as fs from "node:fs";
import { isLeavable } from "@candor/backend";

/** The part of `node:fs` that candor uses; synchronous, because it must work while a process ends. */
export type FileSystem = Pick<
  typeof fs,
  | "accessSync"
  | "closeSync"
  | "fstatSync"
  | "ftruncateSync"
  | "linkSync"
  | "lstatSync"
  | "mkdirSync"
  | "openSync"
  | "readFileSync"
  | "readdirSync"
  | "readlinkSync"
  | "realpathSync"
  | "renameSync"
  | "rmSync"
  | "rmdirSync"
  | "statfsSync"
  | "statSync"
  | "unlinkSync"
  | "writeSync"
  | "writeFileSync"
>;

export interface Clock {
  /** Milliseconds since the epoch; may jump. */
  readonly now: () => number;
  /** Milliseconds from an arbitrary start; never goes back. */
  readonly monotonicMs: () => number;
  /** Resolves after `ms`, or as soon as `signal` aborts. Never rejects. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}

/** What a detached child needs to start. */
export interface ChildProcess {
  readonly executable: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The process candor runs in. */
export interface HostProcess {
  readonly id: number;
  readonly platform: NodeJS.Platform;
  readonly executable: string;
  /** The command line after the script's name. */
  readonly args: readonly string[];
  /** The script the process was started with, as given. */
  readonly script: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
  /** Another place for the policy file; for tests. */
  readonly policyFile?: string;
  /** Numeric user id; undefined where the platform has none. */
  userId(): number | undefined;
  hostname(): string;
  /** As the environment says; may be anything. */
  homeDirectory(): string;
  /** As the user database says. @throws when it does not know the user. */
  accountHome(): string;
  workingDirectory(): string;
  /** Tells whether a process with this id exists. */
  exists(processId: number): boolean;
  kill(processId: number): void;
  /** Starts a detached process with no ties to this one; answers its id. @throws when it cannot be started. */
  spawnDetached(child: ChildProcess): number | undefined;
  /** Runs a process and waits for its end, at most `limitMs`; then it is killed. @throws when it cannot be started. */
  runToEnd(child: ChildProcess, limitMs: number): void;
}

export interface Ports {
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly host: HostProcess;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

const systemClock: Clock = {
  now: () => Date.now(),
  // `performance` is made when it is first asked for, which costs a short command most of a millisecond.
  monotonicMs: () => {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1_000 + nanoseconds / 1_000_000;
  },
  wait: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const finish = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", finish);
        resolve();
      };
      const timer = setTimeout(finish, ms);
      if (isLeavable(signal)) timer.unref();
      signal?.addEventListener("abort", finish, { once: true });
      return undefined;
    }),
};

const thisProcess: HostProcess = {
  id: process.pid,
  platform: process.platform,
  executable: process.execPath,
  args: process.argv.slice(2),
  script: process.argv[1],
  environment: process.env,
  userId: () => process.getuid?.(),
  hostname: () => process.getBuiltinModule("node:os").hostname(),
  // As `os.homedir` does first, without loading it.
  homeDirectory: () => process.env[process.platform === "win32" ? "USERPROFILE" : "HOME"] || process.getBuiltinModule("node:os").homedir(),
  accountHome: () => process.getBuiltinModule("node:os").userInfo().homedir,
  workingDirectory: () => process.cwd(),
  exists(processId) {
    try {
      process.kill(processId, 0);
      return true;
    } catch (error) {
      // EPERM: it exists and belongs to somebody else.
      return (error as NodeJS.ErrnoException).code === "EPERM";
    }
  },
  kill(processId) {
    process.kill(processId, "SIGKILL");
  },
  spawnDetached({ executable, args, cwd, env }) {
    const child = process
      .getBuiltinModule("node:child_process")
      .spawn(executable, [...args], { cwd, env, detached: true, stdio: "ignore", windowsHide: true });
    // Without a listener a child that cannot be started would end the tool.
    child.on("error", () => undefined);
    child.unref();
    return child.pid;
  },
  runToEnd({ executable, args, cwd, env }, limitMs) {
    const { error } = process
      .getBuiltinModule("node:child_process")
      .spawnSync(executable, [...args], { cwd, env, stdio: "ignore", windowsHide: true, timeout: limitMs, killSignal: "SIGKILL" });
    // Out of time is an outcome like another: what was not acknowledged is still on disk.
    if (error && systemErrorCode(error) !== "ETIMEDOUT") throw error;
  },
};

/** The real machine. */
export function realPorts(): Ports {
  return { fileSystem: process.getBuiltinModule("node:fs"), clock: systemClock, host: thisProcess, random: Math.random };
}

/** The code of a failed system call, such as `ENOSPC`; undefined for any other error. */
export function systemErrorCode(error: unknown): string | undefined {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === "string" ? code : undefined;
}
