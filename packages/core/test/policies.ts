/**
 * Policies on a fake machine. The policy's place belongs to the administrator by decree, so that tests need not run as root;
 * what another user was given with `chown` stays theirs.
 */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { FileSystem } from "../src/platform/ports.ts";
import type { FakeProcess } from "./fake-ports.ts";

/** Writes the machine's policy: an object as JSON, a text as it is. */
export function writePolicy({ host }: FakeProcess, policy: object | string): void {
  const directory = dirname(host.policyFile);
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o755);
  writeFileSync(host.policyFile, typeof policy === "string" ? policy : JSON.stringify(policy));
  chmodSync(host.policyFile, 0o644);
}

/** The process as it sees a policy's place that the administrator has made. */
export function administered<Machine extends FakeProcess>(machine: Machine): Machine {
  const { fileSystem } = machine.ports;
  const place = dirname(machine.host.policyFile);
  const own = process.getuid?.();
  const asAdministrators = (look: (path: never, options: never) => unknown) => (path: string, options: unknown): unknown => {
    const found = look(path as never, options as never) as { uid: number } | undefined;
    if (found && path.startsWith(place) && found.uid === own) found.uid = 0;
    return found;
  };
  const calls: FileSystem = {
    ...fileSystem,
    lstatSync: asAdministrators(fileSystem.lstatSync) as FileSystem["lstatSync"],
    statSync: asAdministrators(fileSystem.statSync) as FileSystem["statSync"],
  };
  return { ...machine, ports: { ...machine.ports, fileSystem: calls } };
}
