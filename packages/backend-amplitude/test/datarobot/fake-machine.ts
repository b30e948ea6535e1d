/** A machine for tests: answers what it is told, throws for everything else, and notes what was asked. */
import type { Environment, Machine } from "../../src/datarobot/machine.ts";

export interface FakeMachine extends Machine {
  readonly reads: string[];
  readonly runs: string[];
  /** Lets time pass. */
  advance(ms: number): void;
}

export interface MachineScript {
  readonly platform?: string;
  readonly environment?: Environment;
  readonly files?: Readonly<Record<string, string>>;
  /** What any subprocess prints; without it every subprocess fails. */
  readonly output?: string;
  readonly release?: string;
  readonly locale?: string;
  readonly home?: string;
  readonly cwd?: string;
  readonly parent?: number;
}

/** 2026-01-02T03:04:05Z. */
const START_MS = 1_767_323_045_000;

export function fakeMachine(script: MachineScript = {}): FakeMachine {
  const reads: string[] = [];
  const runs: string[] = [];
  let nowMs = START_MS;
  const answer = (value: string | undefined, question: string): string => {
    if (value === undefined) throw new Error(`no answer to ${question}`);
    return value;
  };
  return {
    platform: script.platform ?? "linux",
    environment: script.environment ?? {},
    parentProcessId: script.parent ?? 4711,
    reads,
    runs,
    now: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
    homeDirectory: () => answer(script.home, "home"),
    workingDirectory: () => answer(script.cwd, "working directory"),
    kernelRelease: () => answer(script.release, "release"),
    locale: () => answer(script.locale, "locale"),
    readSystemFile(path) {
      reads.push(path);
      return answer(script.files?.[path], path);
    },
    run(file, args) {
      runs.push([file, ...args].join(" "));
      return answer(script.output, file);
    },
  };
}
