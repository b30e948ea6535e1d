/**
 * A collector that remembers what adapters track, with a clock the test moves and a process the test ends. It collects,
 * reads and writes nothing.
 */
import { type Collector, createCollector, type ExtendedOutcome, type ProcessEnd } from "@candor/core";

export interface TrackedCommand extends ExtendedOutcome {
  readonly name: string;
  readonly args: readonly string[];
}

export interface SpyCollector extends Collector {
  readonly tracked: readonly TrackedCommand[];
  /** Listeners for the end of the process. */
  readonly listening: () => number;
  advance(ms: number): void;
  end(end: ProcessEnd): void;
}

/** Makes a spy for the tool `notes`. */
export function spyCollector({ enabled = true }: { readonly enabled?: boolean } = {}): SpyCollector {
  const real = createCollector({ tool: "notes", version: "1.4.0", enabled: false, directories: { data: "/nonexistent", config: "/nonexistent" } });
  const { installation } = real;
  const tracked: TrackedCommand[] = [];
  const listeners: ((end: ProcessEnd) => void)[] = [];
  let nowMs = 1_000;
  const clock = { ...installation.ports.clock, monotonicMs: () => nowMs };
  return {
    ...real,
    enabled,
    installation: { ...installation, ports: { ...installation.ports, clock } },
    trackCommandExtended: (name, args, outcome) => void tracked.push({ name, args, ...outcome }),
    beforeEnd: (listener) => void listeners.push(listener),
    tracked,
    listening: () => listeners.length,
    advance: (ms) => void (nowMs += ms),
    end: (end) => {
      for (const listener of listeners) listener(end);
    },
  };
}
