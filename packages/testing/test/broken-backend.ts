/**
 * What a deliberately broken backend is: one fault, and the contract cases that must fail for it, no more
 * and no fewer. Each is the reference backend with a part replaced or a method wrapped.
 */
import type { Backend } from "@candor/backend";
import { type Parts, referenceBackend, type Target } from "./reference-backend.ts";

export interface BrokenBackend {
  /** What it does wrong, in the words of a sentence. */
  readonly fault: string;
  readonly build: (target: Target) => Backend;
  readonly caughtBy: readonly string[];
}

/** Names of cases that several faults trip. */
export const credentialCase = "keeps its credential out of results, destination and logs";
export const outputCase = "writes nothing to stdout, stderr or the console";

export function withParts(parts: Partial<Parts>): (target: Target) => Backend {
  return (target) => referenceBackend(target, parts);
}

export function wrapped(change: (sound: Backend, target: Target) => Partial<Backend>): (target: Target) => Backend {
  return (target) => {
    const sound = referenceBackend(target);
    return { ...sound, ...change(sound, target) };
  };
}
