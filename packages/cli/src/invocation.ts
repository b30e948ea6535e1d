/**
 * Invocations: turns "a command begins" and "the process ends" into one `command.invocation` event, whatever the
 * framework. How a command ended is known only when the process ends, so that is when it is recorded. It ends
 * nothing, handles no signal and no error, and records each invocation at most once.
 */
import type { Collector } from "@candor/core";

/** What an adapter knows about an invocation when it is over. */
export interface InvocationSubject {
  /** The command's full path and its arguments, or undefined when it is not to be recorded (help, a version). */
  describe(exitCode: number): { readonly path: string; readonly args: readonly string[] } | undefined;
}

export interface InvocationRecorder {
  /** Starts the clock for a command. One that is still open is recorded first, with the exit status set so far. */
  begin(subject: InvocationSubject): void;
  /** Remembers why the command fails; kept only if it does. The latest reason counts. */
  noteError(message: string): void;
}

interface Open {
  readonly subject: InvocationSubject;
  readonly startedAtMs: number;
  signal?: NodeJS.Signals;
  error?: string;
}

/** A shell reports a command that a signal ended as 128 and the signal's number (POSIX, 2.8.2). */
const SIGNAL_STATUS_BASE = 128;

/** Starts recording for a collector that is enabled. Listens for the end of the process and for uncaught errors. */
export function createInvocationRecorder(collector: Collector): InvocationRecorder {
  const { clock } = collector.installation.ports;
  let open: Open | undefined;

  const settle = (status: number | string): void => {
    if (!open) return;
    const { subject, startedAtMs, signal, error } = open;
    open = undefined;
    process.removeListener("uncaughtExceptionMonitor", noteUncaught);
    const exitCode = asShellStatus(status);
    const described = subject.describe(exitCode);
    if (!described) return;
    collector.trackCommandExtended(described.path, described.args, {
      durationMs: Math.round(clock.monotonicMs() - startedAtMs),
      exitCode,
      ...(signal ? { signal } : undefined),
      ...(error !== undefined && exitCode !== 0 ? { error } : undefined),
    });
  };

  const noteError = (message: string): void => {
    if (open) open.error = message;
  };
  const noteUncaught = (error: unknown): void => noteError(messageOf(error));

  collector.beforeEnd((end) => {
    if (end.kind === "exit") return settle(end.exitCode);
    if (open) open.signal = end.signal;
    if (end.final) settle(signalStatus(end.signal));
  });

  return {
    begin(subject) {
      settle(process.exitCode ?? 0);
      open = { subject, startedAtMs: clock.monotonicMs() };
      // The monitor only looks on: with any other listener an uncaught error would no longer end the process.
      process.on("uncaughtExceptionMonitor", noteUncaught);
    },
    noteError,
  };
}

/** POSIX keeps eight bits of an exit status: after `process.exit(-1)` the shell sees 255. */
function asShellStatus(status: number | string): number {
  // Node.js lets a tool set the status as a text of digits.
  const exitCode = Number(status);
  return process.platform === "win32" ? exitCode : exitCode & 0xff;
}

function signalStatus(signal: NodeJS.Signals): number {
  return SIGNAL_STATUS_BASE + process.getBuiltinModule("node:os").constants.signals[signal];
}

function messageOf(error: unknown): string {
  try {
    return String(typeof error === "object" && error !== null && "message" in error ? error.message : error);
  } catch {
    // What was thrown refuses to be read; an error in here would replace the tool's own.
    return "";
  }
}
