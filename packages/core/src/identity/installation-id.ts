/**
 * The installation id: the pseudonymous id under which this installation's events travel. Derived from the
 * machine, kept in a private file so that a command does not derive it anew, and remembered when it changes, so
 * that a deletion request covers every id this installation ever used.
 */
import { deriveMachineId, type IdentityChoice, type IdentityProvider } from "./identity.ts";
import { attempt, machineFingerprint, type MachineSystem } from "./machine-id.ts";
import type { Directories } from "../platform/paths.ts";
import type { Ports } from "../platform/ports.ts";
import { createIdentity, pastIds, readIdentity, type StoredId, writeIdentity } from "./stored-id.ts";

export interface InstallationId {
  readonly machineId: string;
  /** Ids used before, oldest first. */
  readonly earlier: readonly string[];
}

/**
 * The id for events. Derives and stores it when there is none; a disk that refuses makes a session-only id.
 *
 * @param localOnly Whether the events go nowhere but into the local log; their id is then never named to anybody.
 */
export function installationId(
  choice: IdentityChoice,
  toolName: string,
  directories: Directories,
  ports: Ports,
  system: MachineSystem,
  localOnly = false,
): InstallationId {
  const reading = readIdentity(directories, ports);
  const stored = reading.status === "stored" ? reading.stored : undefined;
  const fingerprint = machineFingerprint(system);
  const provider = providerOf(choice);
  if (stored?.machineId !== undefined && stored.provider === provider && stored.fingerprint === fingerprint) {
    return used({ ...stored, machineId: stored.machineId }, localOnly, directories, ports);
  }
  const generation = stored?.generation ?? 0;
  const derived = derive(choice, toolName, system, generation);
  // It is as short-lived as the process it was made for, so nothing of it is kept.
  if (derived?.startsWith(SESSION_PREFIX)) return { machineId: derived, earlier: stored?.earlier ?? [] };
  // A random id that was stored stays the installation's own while the machine still has none.
  if (!derived && stored?.random && stored.machineId !== undefined) {
    return used({ ...stored, machineId: stored.machineId }, localOnly, directories, ports);
  }
  const machineId = derived ?? process.getBuiltinModule("node:crypto").randomUUID();
  const record = { machineId, earlier: pastIds(stored, machineId), provider, fingerprint, random: !derived, generation, keptHere: localOnly };
  if (record.random && reading.status === "missing") {
    const outcome = createIdentity(record, directories, ports);
    // The other process's id is the installation's: this one would be on no record, and no deletion request would name it.
    if (outcome === "taken") return installationId(choice, toolName, directories, ports, system, localOnly);
    return outcome === "created" ? record : session(machineId);
  }
  const kept = writeIdentity(record, directories, ports);
  return kept || derived ? record : session(machineId);
}

/** An id that was the local log's alone is about to be seen by others, which must be on record before they see it. */
function used(stored: StoredId & InstallationId, localOnly: boolean, directories: Directories, ports: Ports): InstallationId {
  if (!stored.keptHere || localOnly) return stored;
  const isOnRecord = writeIdentity({ ...stored, keptHere: false }, directories, ports);
  return isOnRecord ? stored : session(process.getBuiltinModule("node:crypto").randomUUID());
}

/** Marks an id that no later run will have. */
const SESSION_PREFIX = "fallback-";

function session(id: string): InstallationId {
  return { machineId: `${SESSION_PREFIX}${id}`, earlier: [] };
}

/** Whose derivation a choice names. */
export function providerOf(choice: IdentityChoice): IdentityProvider {
  return typeof choice === "string" ? choice : choice.use;
}

function derive(choice: IdentityChoice, toolName: string, system: MachineSystem, generation: number): string | undefined {
  const derived = deriveMachineId(providerOf(choice), toolName, system, generation);
  return typeof choice === "string" ? derived : (derived ?? (attempt(choice.otherwise).trim() || undefined));
}

/** The id as it is or would be, without writing anything: for `telemetry status`. */
export function peekInstallationId(
  choice: IdentityChoice,
  toolName: string,
  directories: Directories,
  ports: Ports,
  system: MachineSystem,
): InstallationId | undefined {
  const reading = readIdentity(directories, ports);
  const stored = reading.status === "stored" ? reading.stored : undefined;
  const kept = stored?.machineId === undefined ? undefined : { machineId: stored.machineId, earlier: stored.earlier };
  if (kept && stored?.provider === providerOf(choice) && stored.fingerprint === machineFingerprint(system)) return kept;
  // Whom the choice would ask may write what it answers.
  const machineId = deriveMachineId(providerOf(choice), toolName, system, stored?.generation);
  return machineId ? { machineId, earlier: stored?.earlier ?? [] } : kept;
}
