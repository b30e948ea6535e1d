/**
 * The end of the process: tells listeners that the tool is ending, while there is still time for synchronous work,
 * and leaves its exit status as it is.
 *
 * A signal handler changes what a signal does, so ours restores it: when no other handler exists, the signal is raised
 * again after the listeners ran. One registry serves all copies of candor in a process (ESM and CommonJS may meet);
 * otherwise each copy would take the other for a handler of the tool's, and Ctrl-C would do nothing.
 */

/** How the process ends. */
export type ProcessEnd =
  | { readonly kind: "exit"; readonly exitCode: number }
  /** `final` is false when the tool handles the signal itself and may go on. */
  | { readonly kind: "signal"; readonly signal: NodeJS.Signals; readonly final: boolean };

export type EndListener = (end: ProcessEnd) => void;

/**
 * Signals whose default is to end the process and that a terminal or an operator sends. Not SIGQUIT: Ctrl-\ is the way out of a process
 * whose event loop stands still, and a handler would close it.
 */
const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

interface Registry {
  readonly listeners: EndListener[];
  /** Installs the signal handlers, once. */
  readonly handleSignals: () => void;
}

const REGISTRY = Symbol.for("candor.process-end.v2");

/**
 * Calls `listener` when the process ends, in order of registration. Answers how to stop listening.
 *
 * With `signals`, also when a signal is about to end it. Node.js runs signal handlers between its turns, so a tool with one that
 * computes without pause ends only when it pauses; signals are therefore handled only where somebody needs to know of them.
 */
export function onProcessEnd(listener: EndListener, { signals }: { readonly signals: boolean }): () => void {
  const registry = sharedRegistry();
  registry.listeners.push(listener);
  if (signals) registry.handleSignals();
  return () => {
    const index = registry.listeners.indexOf(listener);
    if (index >= 0) registry.listeners.splice(index, 1);
  };
}

function sharedRegistry(): Registry {
  const shared = globalThis as { [REGISTRY]?: Registry };
  return (shared[REGISTRY] ??= createRegistry());
}

function createRegistry(): Registry {
  const listeners: EndListener[] = [];
  const tell = (end: ProcessEnd): void => {
    for (const listener of [...listeners]) listener(end);
  };
  // A listener before this one may have changed it, and Node.js itself does where a promise never settled.
  process.on("exit", (exitCode) => tell({ kind: "exit", exitCode: Number(process.exitCode ?? exitCode) }));
  let handling = false;
  const handleSignals = (): void => {
    if (handling) return;
    handling = true;
    for (const signal of SIGNALS) handle(signal);
  };
  const handle = (signal: NodeJS.Signals): void => {
    const handler = (): void => {
      const others = process.listenerCount(signal) - 1;
      const final = others <= deferringHandlers();
      tell({ kind: "signal", signal, final });
      if (final) {
        process.removeListener(signal, handler);
        process.kill(process.pid, signal);
      }
    };
    // First, so that a one-time handler of the tool's is still counted.
    process.prependListener(signal, handler);
  };
  return { listeners, handleSignals };
}

/**
 * Handlers of the `signal-exit` package, which many tools carry without knowing. They wait for whoever else handles
 * the signal, as ours would wait for them; so ours steps aside and raises the signal again.
 */
function deferringHandlers(): number {
  const version4 = (globalThis as Record<symbol, unknown>)[Symbol.for("signal-exit emitter")];
  const version3 = (process as unknown as Record<string, unknown>)["__signal_exit_emitter__"];
  return [version4, version3].reduce<number>((sum, emitter) => {
    const count = (emitter as { count?: unknown } | undefined)?.count;
    return sum + (typeof count === "number" ? count : 0);
  }, 0);
}
