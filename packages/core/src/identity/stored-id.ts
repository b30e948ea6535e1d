/**
 * The stored id: what the identity file says of this installation: its id, how it came about, and the ids it had before. It reads and
 * writes; it derives nothing.
 */
import type { Directories } from "../platform/paths.ts";
import { makePrivateDirectory } from "../platform/private-directory.ts";
import { createPrivateFile, parseObject, readPrivateFile, writePrivateFile } from "../platform/private-file.ts";
import type { Ports } from "../platform/ports.ts";

export interface StoredId {
  /** Undefined after a reset, until the next event needs one. */
  readonly machineId: string | undefined;
  /** Ids used before, oldest first. */
  readonly earlier: readonly string[];
  readonly provider: string;
  /** Tells whether the file moved to another machine with the home directory. */
  readonly fingerprint: string;
  /** A random id belongs to the file, not to the machine. */
  readonly random: boolean;
  /** How many resets there were: part of what candor's own id is derived from. */
  readonly generation: number;
  /** The id stood on nothing but the local log, so nobody elsewhere has ever seen it. */
  readonly keptHere: boolean;
}

/** The identity file. A damaged one is never the same as a missing one: ids were used that it no longer tells. */
export type IdentityReading =
  | { readonly status: "stored"; readonly stored: StoredId }
  | { readonly status: "missing" }
  | { readonly status: "damaged"; readonly reason: string };

/** Ids of the past that are kept; nobody changes machines more often. */
const MAX_EARLIER = 50;

/** Reads the identity file. */
export function readIdentity({ identityFile }: Directories, { fileSystem }: Ports): IdentityReading {
  const content = readPrivateFile(identityFile, fileSystem);
  if (content.status === "missing") return { status: "missing" };
  if (content.status === "unreadable") return { status: "damaged", reason: `${identityFile} cannot be read (${content.reason})` };
  const record = parseObject(content.text);
  const machineId = record?.["machineId"];
  const hasId = typeof machineId === "string" && machineId !== "";
  const generation = record?.["generation"];
  const isGeneration = typeof generation === "number" && Number.isSafeInteger(generation) && generation > 0;
  if (!record || (!hasId && !isGeneration)) return { status: "damaged", reason: `${identityFile} is damaged` };
  const earlier: readonly unknown[] = Array.isArray(record["earlier"]) ? record["earlier"] : [];
  return {
    status: "stored",
    stored: {
      machineId: hasId ? machineId : undefined,
      earlier: earlier.filter((id) => typeof id === "string"),
      provider: String(record["provider"]),
      fingerprint: String(record["fingerprint"]),
      random: record["random"] === true,
      generation: isGeneration ? generation : 0,
      keptHere: record["keptHere"] === true,
    },
  };
}

/** Makes the identity file, unless another process was first. */
export function createIdentity(stored: StoredId, directories: Directories, ports: Ports): "created" | "taken" | "refused" {
  if (makePrivateDirectory(directories.data, ports).status === "unusable") return "refused";
  try {
    return createPrivateFile(directories.identityFile, textOf(stored), ports.fileSystem) ? "created" : "taken";
  } catch {
    // Full or read-only, or without hard links: of two processes that begin at the same moment one may then keep its id to itself.
    return writeIdentity(stored, directories, ports) ? "created" : "refused";
  }
}

/** Replaces the identity file; false when the disk refuses. */
export function writeIdentity(stored: StoredId, directories: Directories, ports: Ports): boolean {
  if (makePrivateDirectory(directories.data, ports).status === "unusable") return false;
  try {
    writePrivateFile(directories.identityFile, textOf(stored), ports.fileSystem);
    return true;
  } catch {
    // A full or read-only disk: the id is derived again next time, or lives for this process only.
    return false;
  }
}

function textOf(stored: StoredId): string {
  return `${JSON.stringify(stored)}\n`;
}

/** Every id that may have left this machine before the one named `now`: a later deletion request covers them too. */
export function pastIds(stored: StoredId | undefined, now?: string): readonly string[] {
  if (!stored) return [];
  const last = stored.machineId === undefined || stored.machineId === now || stored.keptHere ? [] : [stored.machineId];
  return [...stored.earlier, ...last].slice(-MAX_EARLIER);
}
