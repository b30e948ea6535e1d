/** Waiting for a condition, never for a time. */
import { setTimeout as pause } from "node:timers/promises";

const LOOK_MS = 5;

/**
 * Resolves with the first value of `condition` that counts as true. Rejects after `limitMs` (default 10,000), saying `what` did not
 * come about.
 */
export async function waitUntil<Value>(what: string, condition: () => Value, limitMs = 10_000): Promise<Value> {
  const endsAtMs = performance.now() + limitMs;
  for (;;) {
    const value = condition();
    if (value) return value;
    if (performance.now() > endsAtMs) throw new Error(`within ${limitMs} ms it did not come to this: ${what}`);
    await pause(LOOK_MS);
  }
}
