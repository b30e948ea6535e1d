/** A machine for tests: answers what it is told, throws for everything else, and notes what was run. */
import type { MachineSystem, NetworkInterfaces } from "../src/identity/machine-id.ts";

export interface FakeMachine extends MachineSystem {
  readonly reads: string[];
  readonly runs: string[];
}

export interface MachineScript {
  readonly platform?: string;
  readonly systemRoot?: string;
  readonly files?: Readonly<Record<string, string>>;
  /** What any subprocess prints; without it every subprocess fails. */
  readonly output?: string;
  readonly interfaces?: NetworkInterfaces;
  readonly hostname?: string;
  readonly username?: string;
  /** Every question throws. */
  readonly broken?: boolean;
}

export function fakeMachine(script: MachineScript): FakeMachine {
  const reads: string[] = [];
  const runs: string[] = [];
  const answer = <Value>(value: Value | undefined, question: string): Value => {
    if (script.broken || value === undefined) throw new Error(`no answer to ${question}`);
    return value;
  };
  return {
    platform: script.platform ?? "linux",
    ...(script.systemRoot === undefined ? {} : { systemRoot: script.systemRoot }),
    reads,
    runs,
    readFile(path) {
      reads.push(path);
      return answer(script.files?.[path], path);
    },
    run(file, args) {
      runs.push([file, ...args].join(" "));
      return answer(script.output, file);
    },
    networkInterfaces: () => answer(script.interfaces ?? {}, "interfaces"),
    hostname: () => answer(script.hostname ?? "host", "hostname"),
    username: () => answer(script.username, "username"),
  };
}
