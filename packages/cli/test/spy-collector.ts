/**
 * A collector that remembers what adapters track, with a clock the test moves and a process the test ends. It collects,
 * reads and writes nothing.
 */
import { type Collector, createCollector, type ExtendedOutcome, type ProcessEnd, type Properties } from "@candor/core";

export interface TrackedCommand extends ExtendedOutcome {
  readonly name: string;
  readonly args: readonly string[];
  readonly properties?: Properties;
}

export interface TrackedOther {
  readonly type: string;
  readonly name: string;
  readonly properties: Properties | undefined;
}

export interface SpyCollector extends Collector {
  readonly tracked: readonly TrackedCommand[];
  /** What is not a finished command. */
  readonly others: readonly TrackedOther[];
  /** Lines for debugging, with their fields. */
  readonly debugLines: readonly string[];
  /** As after `drop()`: collects nothing more. */
  stop(): void;
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
  const others: TrackedOther[] = [];
  const debugLines: string[] = [];
  let stopped = false;
  const listeners: ((end: ProcessEnd) => void)[] = [];
  let nowMs = 1_000;
  const clock = { ...installation.ports.clock, monotonicMs: () => nowMs };
  return {
    ...real,
    get enabled() {
      return enabled && !stopped;
    },
    installation: {
      ...installation,
      ports: { ...installation.ports, clock },
      logger: { ...installation.logger, debug: (message, fields) => void debugLines.push(`${message} ${JSON.stringify(fields ?? {})}`) },
    },
    track: (type, name, properties) => void others.push({ type, name, properties }),
    trackCommandExtended: (name, args, outcome, properties) => void tracked.push({ name, args, ...outcome, ...(properties ? { properties } : {}) }),
    beforeEnd: (listener) => void listeners.push(listener),
    tracked,
    others,
    debugLines,
    stop: () => void (stopped = true),
    listening: () => listeners.length,
    advance: (ms) => void (nowMs += ms),
    end: (end) => {
      for (const listener of listeners) listener(end);
    },
  };
}
