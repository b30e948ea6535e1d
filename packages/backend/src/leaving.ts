/**
 * Leaving: whether the process may end while an attempt is under way. It is a mark on the attempt's signal, because that is what every
 * attempt gets, also through a vendor's package. What is under way then keeps no process alive; the events are still in the spool.
 */

/** Of all copies of this package that a process may hold. */
const MARK = Symbol.for("candor.leaving.v1");

/** Marks the signal: whatever it ends may be left. Answers the same signal. */
export function leavable(signal: AbortSignal): AbortSignal {
  return Object.defineProperty(signal, MARK, { value: true });
}

/** Whether the process may end while what this signal ends is under way. */
export function isLeavable(signal: AbortSignal | undefined): boolean {
  return signal !== undefined && MARK in signal;
}

/** A signal that ends with the first of these, and may be left where one of them may. For backends that add a signal of their own. */
export function anySignal(...signals: readonly AbortSignal[]): AbortSignal {
  const signal = AbortSignal.any([...signals]);
  return signals.some(isLeavable) ? leavable(signal) : signal;
}
