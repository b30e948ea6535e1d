/** The tool `mytool` of GTB's vectors: its places, its id, and those who are asked to have its data deleted. */
import { mkdirSync, writeFileSync } from "node:fs";
import type { DeletionOutcome, DeletionRequestor, DeletionSubject } from "@candor/backend";
import type { Collector } from "../src/collector/collector.ts";
import type { CollectorOptions } from "../src/config/config.ts";
import { machineFingerprint, realMachineSystem } from "../src/identity/machine-id.ts";
import { type Directories, directoriesFor } from "../src/platform/paths.ts";
import type { Spool } from "../src/spool/spool.ts";
import type { FakeProcess } from "./fake-ports.ts";
import { answer, collectorOn, HTTP, spoolAsFound } from "./options.ts";

export const MACHINE_ID = "4a3f8c1d9e2b6f70";
export const SENT: DeletionOutcome = { status: "sent", destination: "spy" };

export interface MyTool {
  /** A run of it. */
  readonly tool: (options?: Partial<CollectorOptions>) => Collector;
  readonly directories: () => Directories;
  /** Its spool, as it is found. */
  readonly spool: (consentId?: string) => Spool;
  /** Records a yes, or what `record` makes of it. */
  readonly consented: (record?: Readonly<Record<string, unknown>>) => void;
}

/** The tool and its places on this machine. */
export function myToolOn(machine: FakeProcess): MyTool {
  return {
    tool: (options) => collectorOn(machine, { tool: "mytool", backend: HTTP, ...options }),
    directories: () => directoriesFor("mytool", machine.host),
    spool: (consentId) => spoolAsFound(machine, consentId, "mytool"),
    consented: (record) => answer(machine, record, "mytool"),
  };
}

/** The id of the installation as an earlier run stored it. */
export function storeIdentity(machine: FakeProcess, earlier: readonly string[] = [], changes: Readonly<Record<string, unknown>> = {}): void {
  const { data, identityFile } = directoriesFor("mytool", machine.host);
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const record = { machineId: MACHINE_ID, earlier, provider: "candor", fingerprint: machineFingerprint(realMachineSystem()), random: false, ...changes };
  writeFileSync(identityFile, JSON.stringify(record), { mode: 0o600 });
}

export interface SpyRequestor extends DeletionRequestor {
  /** The ids it was asked for. */
  readonly asked: readonly string[];
  readonly subjects: readonly DeletionSubject[];
}

/** A requestor with these outcomes, one a question; the last one stays. */
export function requestorOf(...outcomes: readonly (DeletionOutcome | Error)[]): SpyRequestor {
  const subjects: DeletionSubject[] = [];
  return {
    name: "spy",
    subjects,
    get asked() {
      return subjects.map(({ machineId }) => machineId);
    },
    requestDeletion(subject) {
      const outcome = outcomes[Math.min(subjects.length, outcomes.length - 1)];
      subjects.push(subject);
      return outcome === undefined || outcome instanceof Error ? Promise.reject(outcome ?? new Error("no outcome is left")) : Promise.resolve(outcome);
    },
  };
}
