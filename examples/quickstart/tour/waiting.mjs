/** Waiting: for a condition, never for a time. */
import { setTimeout as pause } from "node:timers/promises";

const POLL_MS = 5;

/** Resolves with the condition's first truthy value. Rejects after `limitMs` with `what` was waited for. */
export async function waitUntil(what, condition, limitMs = 10_000) {
  const endsAtMs = performance.now() + limitMs;
  for (;;) {
    const value = condition();
    if (value) return value;
    if (performance.now() > endsAtMs) throw new Error(`waited ${limitMs} ms in vain until ${what}`);
    await pause(POLL_MS);
  }
}
