/**
 * A machine for tests of core: a temporary home on the real disk behind a faulty file system, a clock that moves only
 * when it is told to or waited for, and processes that exist by decree. Several processes may share one machine.
 */
import { temporaryHome, type TemporaryHome } from "@candor/testing";
import type { ChildProcess, Clock, HostProcess, Ports } from "../src/platform/ports.ts";
import { faultyFileSystem, type FaultyFileSystem } from "./faulty-file-system.ts";

export interface ManualClock extends Clock {
  /** Every wait that was asked for, in milliseconds. */
  readonly waits: readonly number[];
  /** Lets time pass. */
  advance(ms: number): void;
  /** Sets the wall clock forward or back, as a person or NTP would; monotonic time is not moved. */
  jump(ms: number): void;
}

/** The parts of a host that tests change while it runs. */
export interface FakeHost extends HostProcess {
  id: number;
  platform: NodeJS.Platform;
  executable: string;
  args: string[];
  script: string | undefined;
  readonly environment: Record<string, string>;
  user: number | undefined;
  name: string;
  /** As the environment tells it. */
  home: string;
  /** As the user database tells it. */
  account: string;
  cwd: string;
  /** Processes that live. */
  readonly living: Set<number>;
  readonly killed: number[];
  /** Detached children. */
  readonly spawned: ChildProcess[];
  /** Children that were waited for. */
  readonly awaited: ChildProcess[];
  /** Where the machine's policy would lie: below the home, and not there unless a test writes it. */
  readonly policyFile: string;
}

export interface FakeProcess {
  readonly ports: Ports;
  readonly host: FakeHost;
  readonly disk: FaultyFileSystem;
  readonly clock: ManualClock;
}

export interface Workstation extends FakeProcess {
  readonly home: TemporaryHome;
  /** Another process of the same machine, with a file system of its own over the same files. */
  startProcess(): FakeProcess;
  dispose(): void;
}

/** Ids of processes that exist nowhere: above the kernel's largest. */
const FIRST_PROCESS_ID = 5_000_000;

/** 2026-01-02T03:04:05Z. */
const START_MS = 1_767_323_045_000;

/** Makes a machine with one process in it. `tree` is written below its home; see `temporaryHome`. */
export function workstation(tree: Readonly<Record<string, string>> = {}): Workstation {
  const home = temporaryHome({ "work/": "", ...tree });
  const clock = manualClock();
  const living = new Set<number>();
  let lastId = FIRST_PROCESS_ID;
  const startProcess = (): FakeProcess => {
    const id = ++lastId;
    living.add(id);
    const disk = faultyFileSystem();
    const host = fakeHost(id, home.path, living);
    return { ports: { fileSystem: disk.fileSystem, clock, host, random: () => 0.5 + (id % 1000) / 2_000_000 }, host, disk, clock };
  };
  return { ...startProcess(), home, startProcess, dispose: () => home.dispose() };
}

function manualClock(): ManualClock {
  let wallMs = START_MS;
  let monotonicMs = 1_000;
  const waits: number[] = [];
  return {
    waits,
    now: () => wallMs,
    monotonicMs: () => monotonicMs,
    async wait(ms, signal) {
      if (signal?.aborted) return;
      waits.push(ms);
      wallMs += ms;
      monotonicMs += ms;
      // Real timers and sockets get their turn.
      await new Promise((resolve) => setImmediate(resolve));
    },
    advance(ms) {
      wallMs += ms;
      monotonicMs += ms;
    },
    jump(ms) {
      wallMs += ms;
    },
  };
}

function fakeHost(id: number, home: string, living: Set<number>): FakeHost {
  const spawned: ChildProcess[] = [];
  const awaited: ChildProcess[] = [];
  const killed: number[] = [];
  const host: FakeHost = {
    id,
    platform: process.platform,
    executable: "/usr/bin/node",
    args: [],
    script: undefined,
    // The author is at work: a mistake in the options is an error.
    environment: { NODE_ENV: "development" },
    user: process.getuid?.(),
    name: "machine",
    home,
    account: home,
    cwd: `${home}/work`,
    policyFile: `${home}/etc/candor/policy.json`,
    living,
    killed,
    spawned,
    awaited,
    userId: () => host.user,
    accountHome: () => host.account,
    hostname: () => host.name,
    homeDirectory: () => host.home,
    workingDirectory: () => host.cwd,
    exists: (processId) => living.has(processId),
    kill(processId) {
      killed.push(processId);
      living.delete(processId);
    },
    spawnDetached(child) {
      spawned.push(child);
      return undefined;
    },
    runToEnd: (child) => void awaited.push(child),
  };
  return host;
}
