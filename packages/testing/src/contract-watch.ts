/**
 * What a piece of work does beside its result: lines it prints, timers it leaves. Only what the work itself
 * caused is seen, followed through its asynchronous context, because the test runner prints and sets timers
 * in the same process meanwhile.
 */
import { AsyncLocalStorage, createHook } from "node:async_hooks";

/** What `work` wrote to stdout, stderr or the console. */
export async function outputDuring(work: () => Promise<unknown>): Promise<readonly string[]> {
  const written: string[] = [];
  const cause = new AsyncLocalStorage<true>();
  const restore: (() => void)[] = [];

  function watch<Key extends string>(owner: Record<Key, (...values: never[]) => unknown>, method: Key): void {
    const original = owner[method];
    owner[method] = (...values: never[]): unknown => {
      if (cause.getStore() === undefined) return original.apply(owner, values);
      written.push(values.map(String).join(" "));
      return true;
    };
    restore.push(() => {
      owner[method] = original;
    });
  }

  for (const stream of [process.stdout, process.stderr]) watch(stream, "write");
  for (const method of ["debug", "error", "info", "log", "trace", "warn"] as const) watch(console, method);
  try {
    await cause.run(true, work);
  } finally {
    for (const undo of restore) undo();
    cause.disable();
  }
  return written;
}

export interface TimerWatch {
  /** Runs `work` and follows the timers it sets. */
  readonly run: <Result>(work: () => Result) => Result;
  /** How many of those timers still keep the process alive. */
  readonly alive: () => number;
  readonly stop: () => void;
}

/** Begins to follow timers; `stop` it when the work is over. */
export function watchTimers(): TimerWatch {
  const cause = new AsyncLocalStorage<true>();
  const timers: object[] = [];
  const hook = createHook({
    init(_asyncId, type, _triggerAsyncId, resource) {
      if (type === "Timeout" && cause.getStore() !== undefined) timers.push(resource);
    },
  }).enable();
  return {
    run: (work) => cause.run(true, work),
    alive: () => timers.filter(isAlive).length,
    stop() {
      hook.disable();
      // An enabled storage costs every later asynchronous call of the process a little.
      cause.disable();
    },
  };
}

/** Whether a timer still keeps the process alive. Node.js 20 says so of a cleared timer too, unless one asks what it keeps to itself. */
function isAlive(timer: object): boolean {
  if ("_destroyed" in timer && timer._destroyed === true) return false;
  return "hasRef" in timer && typeof timer.hasRef === "function" && Boolean(timer.hasRef());
}
