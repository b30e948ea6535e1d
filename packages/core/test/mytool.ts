/** The tool `mytool` of GTB's vectors: its id, its destination, and those who are asked to have its data deleted. */
import { mkdirSync, writeFileSync } from "node:fs";
import type { DeletionOutcome, DeletionRequestor } from "@candor/backend";
import { machineFingerprint, realMachineSystem } from "../src/identity/machine-id.ts";
import { directoriesFor } from "../src/platform/paths.ts";
import type { FakeProcess } from "./fake-ports.ts";

export const MACHINE_ID = "4a3f8c1d9e2b6f70";
export const HTTP = { use: "http", endpoint: "https://h/e" } as const;
export const SENT: DeletionOutcome = { status: "sent", destination: "spy" };

/** The id of the installation as an earlier run stored it. */
export function storeIdentity(machine: FakeProcess, earlier: readonly string[] = []): void {
  const { data, identityFile } = directoriesFor("mytool", machine.host);
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const record = { machineId: MACHINE_ID, earlier, provider: "candor", fingerprint: machineFingerprint(realMachineSystem()), random: false };
  writeFileSync(identityFile, JSON.stringify(record), { mode: 0o600 });
}

/** A requestor with this outcome; it notes the ids it was asked for. */
export function requestorOf(outcome: DeletionOutcome | Error): DeletionRequestor & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    name: "spy",
    asked,
    requestDeletion({ machineId }) {
      asked.push(machineId);
      return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
    },
  };
}
