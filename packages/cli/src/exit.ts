/**
 * The exit: ends this process as another one ended, for tools that run a program in the user's place. Whatever listens for the end
 * of the process hears of it, telemetry included.
 */

/** Tells the recorder which signal ends the process; in the global registry, as two copies of this package may meet. */
const ENDING_SIGNAL = Symbol.for("candor.ending-signal");

/** A shell reports a command that a signal ended as 128 and the signal's number (POSIX, 2.8.2). */
const SIGNAL_STATUS_BASE = 128;

/** Does not end a Node.js process but opens its debugger, to whoever can reach the port. */
const DEBUGGER_SIGNAL = "SIGUSR1";

/** How a child process ended, as its `exit` event tells it. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * Ends this process as the child ended: with its exit status, or of its signal, so that a shell sees no difference. Listeners of
 * `exit` run in both cases; handlers of the signal do not. A signal that dumps core does so here too. One that cannot end this
 * process (any on Windows, SIGPIPE and SIGUSR1, one that is ignored) becomes the status a shell reports for it. A child that never
 * started ends it with 1. Never returns.
 */
export function exitLike({ code, signal }: ChildEnd): never {
  const status = signal === null ? undefined : signalStatus(signal);
  if (signal === null || status === undefined) process.exit(code ?? 1);
  (globalThis as { [ENDING_SIGNAL]?: NodeJS.Signals })[ENDING_SIGNAL] = signal;
  // The last of the listeners, because nothing runs after it. Without handlers a signal does what it does by default.
  process.once("exit", () => {
    if (process.platform === "win32" || signal === DEBUGGER_SIGNAL) return;
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
  process.exit(status);
}

/** The signal that `exitLike` is ending this process with. */
export function endingSignal(): NodeJS.Signals | undefined {
  return (globalThis as { [ENDING_SIGNAL]?: NodeJS.Signals })[ENDING_SIGNAL];
}

/** The exit status of a command that the signal ended, as a shell reports it; undefined for a signal this system does not have. */
export function signalStatus(signal: NodeJS.Signals): number | undefined {
  const signals: Readonly<Record<string, number>> = process.getBuiltinModule("node:os").constants.signals;
  const number = signals[signal];
  return number === undefined ? undefined : SIGNAL_STATUS_BASE + number;
}
