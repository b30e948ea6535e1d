/**
 * Invocations: turns "a command begins" and "the process ends" into one `command.invocation` event, whatever the
 * framework. How a command ended is known only when the process ends, so that is when it is recorded. It ends
 * nothing, handles no signal and no error, and records each invocation at most once.
 */
import type { Collector, CommandOutcome, Properties } from "@candor/core";
import { endingSignal, signalStatus } from "./exit.ts";
import { type Failure, failureOf } from "./failure.ts";

/** How an invocation ended. */
export interface InvocationEnd extends CommandOutcome {
  readonly signal?: NodeJS.Signals;
  /** The kind of error that failed it, never its message; absent for a success, and where only a status is known. */
  readonly errorType?: string;
}

/** What an adapter wants recorded of an invocation that is over. */
export interface InvocationDescription {
  /** The event's name: the command's full path, unless the adapter has another. */
  readonly name: string;
  readonly args: readonly string[];
  readonly properties?: Properties;
}

/** What an adapter knows about an invocation. */
interface InvocationSubject {
  /** Asked once, when the outcome is known. Undefined when it is not to be recorded (help, a version). */
  describe(ended: InvocationEnd): InvocationDescription | undefined;
}

export interface InvocationRecorder {
  /** Starts the clock for a command. One that is still open is recorded first, with the exit status set so far. */
  begin(subject: InvocationSubject): void;
  /** Remembers why the command fails; kept only if it does. The latest reason counts. */
  noteFailure(failure: Failure): void;
}

interface Open {
  readonly subject: InvocationSubject;
  readonly startedAtMs: number;
  signal?: NodeJS.Signals;
  failure?: Failure;
}

/** Starts recording for a collector that is enabled. Listens for the end of the process and for uncaught errors. */
export function createInvocationRecorder(collector: Collector): InvocationRecorder {
  const { clock } = collector.installation.ports;
  let open: Open | undefined;

  const settle = (status: number | string): void => {
    if (!open) return;
    const { subject, startedAtMs, failure } = open;
    const signal = endingSignal() ?? open.signal;
    open = undefined;
    process.removeListener("uncaughtExceptionMonitor", noteUncaught);
    // Collection may have been stopped since: nothing is worked out for an event that nobody takes.
    if (!collector.enabled) return;
    const exitCode = asShellStatus(status);
    const outcome = {
      durationMs: Math.round(clock.monotonicMs() - startedAtMs),
      exitCode,
      ...(signal ? { signal } : undefined),
    };
    const reason = exitCode === 0 ? undefined : failure;
    const described = subject.describe({ ...outcome, ...(reason?.type === undefined ? undefined : { errorType: reason.type }) });
    if (!described) return;
    const { name, args, properties } = described;
    collector.trackCommandExtended(name, args, { ...outcome, ...(reason ? { error: reason.message } : undefined) }, properties);
  };

  const noteFailure = (failure: Failure): void => {
    if (open) open.failure = failure;
  };
  const noteUncaught = (error: unknown): void => noteFailure(failureOf(error));

  collector.beforeEnd((end) => {
    if (end.kind === "exit") return settle(end.exitCode);
    if (open) open.signal = end.signal;
    if (end.final) settle(signalStatus(end.signal) ?? 1);
  });

  return {
    begin(subject) {
      settle(process.exitCode ?? 0);
      open = { subject, startedAtMs: clock.monotonicMs() };
      // The monitor only looks on: with any other listener an uncaught error would no longer end the process.
      process.on("uncaughtExceptionMonitor", noteUncaught);
    },
    noteFailure,
  };
}

/** POSIX keeps eight bits of an exit status: after `process.exit(-1)` the shell sees 255. */
function asShellStatus(status: number | string): number {
  // Node.js lets a tool set the status as a text of digits.
  const exitCode = Number(status);
  return process.platform === "win32" ? exitCode : exitCode & 0xff;
}
