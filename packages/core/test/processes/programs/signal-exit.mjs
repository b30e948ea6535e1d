/**
 * Behaves towards other signal handlers as the signal-exit package, version 4: it publishes how many handlers it has,
 * acts only when nobody else handles the signal, and then raises it again.
 */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

export function imitateSignalExit() {
  const symbol = Symbol.for("signal-exit emitter");
  const emitter = (globalThis[symbol] ??= { count: 0 });
  emitter.count += 1;
  const handlers = new Map();
  for (const signal of SIGNALS) {
    const handler = () => {
      if (process.listeners(signal).length !== emitter.count) return;
      emitter.count -= 1;
      for (const [name, other] of handlers) process.off(name, other);
      process.stdout.write("cleaned up\n");
      process.kill(process.pid, signal);
    };
    handlers.set(signal, handler);
    process.on(signal, handler);
  }
}
