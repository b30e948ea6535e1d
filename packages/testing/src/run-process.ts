/**
 * Real child processes for tests of exit, crash and signal behaviour. A child runs in a process group
 * of its own, so that its time limit ends whatever it started too, except what detached itself. Nothing
 * of the parent's environment is passed on unless the test says so.
 */
import { type ChildProcess, spawn } from "node:child_process";

/** Long enough for a cold Node.js on a loaded machine. */
const DEFAULT_TIMEOUT_MS = 30_000;

export interface ProcessOptions {
  /** The child's whole environment; see `temporaryHome`. */
  readonly environment: Readonly<Record<string, string>>;
  /** Default: the parent's working directory. */
  readonly cwd?: string;
  /** Written to the child's standard input, which is then closed. Default: nothing. */
  readonly input?: string;
  /** The child and its group are killed after this many milliseconds, and `exited` rejects. Default: 30,000. */
  readonly timeoutMs?: number;
}

export interface RunOptions extends ProcessOptions {
  /** Sends `signal` once the child has printed `output` to either stream. */
  readonly signalAfter?: { readonly output: string; readonly signal: NodeJS.Signals };
}

/** How a child ended. Exactly one of `exitCode` and `signal` is not null. */
export interface ProcessResult {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** From the start to the exit of the child, not to the end of its output. */
  readonly durationMs: number;
}

export interface RunningProcess {
  readonly child: ChildProcess;
  /** Resolves once `text` has appeared in stdout or stderr; rejects when the output ends without it. */
  waitForOutput(text: string): Promise<void>;
  /** Resolves when the child has exited and its output has ended; rejects at the time limit. */
  readonly exited: Promise<ProcessResult>;
}

/** Runs a command to its end. Rejects when it cannot be started or exceeds its time limit. */
export async function runProcess(command: string, args: readonly string[], options: RunOptions): Promise<ProcessResult> {
  const running = startProcess(command, args, options);
  const { signalAfter } = options;
  if (signalAfter === undefined) return running.exited;
  const signalled = running.waitForOutput(signalAfter.output).then(() => running.child.kill(signalAfter.signal));
  const [result] = await Promise.all([running.exited, signalled]);
  return result;
}

/** Starts a command and gives the test its handle, to end it at a chosen point. */
export function startProcess(command: string, args: readonly string[], options: ProcessOptions): RunningProcess {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const startedAt = performance.now();
  const child = spawn(command, args, {
    env: options.environment,
    cwd: options.cwd,
    // A group of its own on POSIX; on Windows it would open a console window.
    detached: process.platform !== "win32",
    windowsHide: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  const waiting = new Set<() => void>();
  let ended = false;

  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8");
    child[stream].on("data", (text: string) => {
      output[stream] += text;
      for (const check of waiting) check();
    });
  }
  // A child may exit without reading its input; the broken pipe is its choice, not a fault.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");

  const exited = new Promise<ProcessResult>((resolve, reject) => {
    let durationMs: number | undefined;
    const describe = (): string => `${[command, ...args].join(" ")}\nstdout: ${output.stdout}\nstderr: ${output.stderr}`;
    const limit = setTimeout(() => {
      killGroup(child);
      child.stdout.destroy();
      child.stderr.destroy();
      const state = durationMs === undefined ? "did not exit" : "exited, but a process it started kept its output open";
      reject(new Error(`the process ${state} within ${timeoutMs} ms and was killed: ${describe()}`));
    }, timeoutMs);
    child.on("exit", () => {
      durationMs = performance.now() - startedAt;
    });
    child.on("error", (error) => {
      clearTimeout(limit);
      reject(new Error(`the process could not be started: ${describe()}`, { cause: error }));
    });
    child.on("close", (exitCode, signal) => {
      clearTimeout(limit);
      resolve({ exitCode, signal, ...output, durationMs: durationMs ?? performance.now() - startedAt });
    });
  });
  const settle = (): void => {
    ended = true;
    for (const check of waiting) check();
  };
  // Also keeps a rejection from being reported as unhandled while the test waits for output.
  exited.then(settle, settle);

  return {
    child,
    exited,
    waitForOutput: (text) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          const found = output.stdout.includes(text) || output.stderr.includes(text);
          if (!found && !ended) return;
          waiting.delete(check);
          if (found) resolve();
          else reject(new Error(`the process ended without printing ${JSON.stringify(text)}\nstdout: ${output.stdout}\nstderr: ${output.stderr}`));
        };
        waiting.add(check);
        check();
      }),
  };
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill("SIGKILL");
    else process.kill(-child.pid, "SIGKILL");
  } catch {
    // The whole group has ended on its own, which is what was wanted.
    return;
  }
}
