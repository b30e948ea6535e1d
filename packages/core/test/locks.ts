/** Locks of the uploader on a machine: taken by one process or another, and planted as another hand left them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { directoriesFor } from "../src/platform/paths.ts";
import { acquireLock, type LockOutcome, type LockRequest, type UploaderLock } from "../src/uploader/uploader-lock.ts";
import type { FakeProcess } from "./fake-ports.ts";

export const RUNNING: LockRequest = { state: "running", kind: "in-process", lifetimeMs: 30_000, minimumIntervalMs: 0 };

export interface Locks {
  /** Asks for the lock, as the machine's own process unless another is named. */
  readonly take: (process?: FakeProcess, request?: LockRequest) => LockOutcome;
  /** Takes it. @throws when it is not to be had. */
  readonly hold: (process?: FakeProcess, request?: LockRequest) => UploaderLock;
  /** Ends a process, which releases nothing. */
  readonly die: (process: FakeProcess) => void;
  /** Writes a lock file as another hand left it. */
  readonly plant: (generation: number, text: string) => void;
}

export function locksOn(machine: FakeProcess): Locks {
  const take: Locks["take"] = (process = machine, request = RUNNING) => acquireLock(request, directoriesFor("notes", machine.host), process.ports);
  return {
    take,
    hold(process, request) {
      const outcome = take(process, request);
      if (outcome.status !== "held") throw new Error(`the lock is ${outcome.status}`);
      return outcome.lock;
    },
    die: ({ host }) => void machine.host.living.delete(host.id),
    plant(generation, text) {
      const { uploader } = directoriesFor("notes", machine.host);
      mkdirSync(uploader, { recursive: true, mode: 0o700 });
      writeFileSync(join(uploader, `${generation}.json`), text);
    },
  };
}
