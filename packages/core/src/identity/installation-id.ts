/**
 * The installation id: the pseudonymous id under which this installation's events travel. Derived from the
 * machine, kept in a private file so that a command does not derive it anew, and remembered when it changes, so
 * that a deletion request covers every id this installation ever used.
 */
import { deriveMachineId, type IdentityChoice } from "./identity.ts";
import { attempt, machineFingerprint, type MachineSystem } from "./machine-id.ts";
import type { Directories } from "../platform/paths.ts";
import { makePrivateDirectory } from "../platform/private-directory.ts";
import { parseObject, readPrivateFile, writePrivateFile } from "../platform/private-file.ts";
import type { Ports } from "../platform/ports.ts";

export interface InstallationId {
  readonly machineId: string;
  /** Ids used before, oldest first. */
  readonly earlier: readonly string[];
}

interface StoredId extends InstallationId {
  readonly provider: string;
  /** Tells whether the file moved to another machine with the home directory. */
  readonly fingerprint: string;
  /** A random id belongs to the file, not to the machine. */
  readonly random: boolean;
}

/** Ids of the past that are kept; nobody changes machines more often. */
const MAX_EARLIER = 50;

/** The id for events. Derives and stores it when there is none; a disk that refuses makes a session-only id. */
export function installationId(
  choice: IdentityChoice,
  toolName: string,
  directories: Directories,
  ports: Ports,
  system: MachineSystem,
): InstallationId {
  const stored = readStored(directories, ports);
  const fingerprint = machineFingerprint(system);
  const provider = providerOf(choice);
  if (stored && stored.provider === provider && stored.fingerprint === fingerprint) return stored;
  const derived = derive(choice, toolName, system);
  // It is as short-lived as the process it was made for, so nothing of it is kept.
  if (derived?.startsWith(SESSION_PREFIX)) return { machineId: derived, earlier: stored?.earlier ?? [] };
  // A random id that was stored stays the installation's own while the machine still has none.
  if (!derived && stored?.random) return stored;
  const machineId = derived ?? process.getBuiltinModule("node:crypto").randomUUID();
  const earlier = [...(stored?.earlier ?? []), ...(stored && stored.machineId !== machineId ? [stored.machineId] : [])];
  const record: StoredId = { machineId, earlier: earlier.slice(-MAX_EARLIER), provider, fingerprint, random: !derived };
  const kept = store(record, directories, ports);
  return kept || derived ? record : { machineId: `${SESSION_PREFIX}${machineId}`, earlier: [] };
}

/** Marks an id that no later run will have. */
const SESSION_PREFIX = "fallback-";

function providerOf(choice: IdentityChoice): string {
  return typeof choice === "string" ? choice : choice.use;
}

function derive(choice: IdentityChoice, toolName: string, system: MachineSystem): string | undefined {
  if (typeof choice === "string") return deriveMachineId(choice, toolName, system);
  return deriveMachineId(choice.use, toolName, system) ?? (attempt(choice.otherwise).trim() || undefined);
}

/** The id as it is or would be, without writing anything: for `telemetry status`. */
export function peekInstallationId(
  choice: IdentityChoice,
  toolName: string,
  directories: Directories,
  ports: Ports,
  system: MachineSystem,
): InstallationId | undefined {
  const stored = readStored(directories, ports);
  if (stored && stored.provider === providerOf(choice) && stored.fingerprint === machineFingerprint(system)) return stored;
  // Whom the choice would ask may write what it answers.
  const machineId = deriveMachineId(typeof choice === "string" ? choice : choice.use, toolName, system);
  return machineId ? { machineId, earlier: stored?.earlier ?? [] } : stored;
}

function readStored({ identityFile }: Directories, { fileSystem }: Ports): StoredId | undefined {
  const content = readPrivateFile(identityFile, fileSystem);
  const record = content.status === "read" ? parseObject(content.text) : undefined;
  if (typeof record?.["machineId"] !== "string" || record["machineId"] === "") return undefined;
  const earlier: readonly unknown[] = Array.isArray(record["earlier"]) ? record["earlier"] : [];
  return {
    machineId: record["machineId"],
    earlier: earlier.filter((id) => typeof id === "string"),
    provider: String(record["provider"]),
    fingerprint: String(record["fingerprint"]),
    random: record["random"] === true,
  };
}

function store(record: StoredId, directories: Directories, ports: Ports): boolean {
  if (makePrivateDirectory(directories.data, ports).status === "unusable") return false;
  try {
    writePrivateFile(directories.identityFile, `${JSON.stringify(record)}\n`, ports.fileSystem);
    return true;
  } catch {
    // A full or read-only disk: the id is derived again next time, or lives for this process only.
    return false;
  }
}
