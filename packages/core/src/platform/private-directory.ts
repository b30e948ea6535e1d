/**
 * The private directory: decides whether a place on disk is ours alone, and makes it so. It refuses
 * symbolic links, directories of other users, directories others may write to, and homes that belong
 * to somebody else (a tool run with sudo must not leave root's files in the user's home).
 */
import { isForeign, mayBeWrittenByOthers } from "./file-ownership.ts";
import { isNowhere, parentOf } from "./paths.ts";
import { type FileSystem, type Ports, systemErrorCode } from "./ports.ts";

/** Whether the directory can hold private files, and if not, why, in words for `status`. */
export type Privacy = { readonly status: "private" } | { readonly status: "unusable"; readonly reason: string };

/** `W_OK | X_OK`. */
const WRITE_AND_SEARCH = 3;

/** Makes sure that the data directory, and `path` in it, are private. Everything candor writes below it is written only then. */
export function makeDataDirectory(path: string, { data }: { readonly data: string }, ports: Ports): Privacy {
  const privacy = makePrivateDirectory(data, ports);
  return privacy.status === "unusable" || path === data ? privacy : makePrivateDirectory(path, ports);
}

/** Makes sure `path` is a private directory, creating it (0700) and its parents when they are missing. */
export function makePrivateDirectory(path: string, ports: Ports): Privacy {
  const { fileSystem } = ports;
  try {
    const judged = judge(path, ports);
    if (judged) return judged;
    makeMissing(path, fileSystem);
    return inspect(path, ports) ?? { status: "unusable", reason: `${path} could not be created` };
  } catch (error) {
    return unwritable(path, error);
  }
}

/** Level by level: where a parent that is there cannot take any, as in /proc, Node.js's own way never ends. */
function makeMissing(path: string, fileSystem: FileSystem): void {
  const parent = parentOf(path);
  if (parent !== path && !fileSystem.statSync(parent, { throwIfNoEntry: false })) makeMissing(parent, fileSystem);
  try {
    fileSystem.mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process was first.
    if (systemErrorCode(error) !== "EEXIST") throw error;
  }
}

/**
 * Makes sure `path` is a directory of this user's. For configuration: people keep it under version control, behind
 * links and with a group's permissions, and what candor keeps there is not secret.
 */
export function makeOwnDirectory(path: string, ports: Ports): Privacy {
  const { fileSystem, host } = ports;
  try {
    const found = fileSystem.statSync(path, { throwIfNoEntry: false });
    if (!found) return makePrivateDirectory(path, ports);
    if (!found.isDirectory()) return { status: "unusable", reason: `${path} is not a directory` };
    return isForeign(found, host) ? { status: "unusable", reason: `${path} belongs to another user` } : { status: "private" };
  } catch (error) {
    return unwritable(path, error);
  }
}

/** Judges the directory, or where it would be made, without making it. */
export function nearestPrivacy(path: string, ports: Ports): Privacy {
  try {
    const judged = judge(path, ports);
    if (judged) return judged;
    ports.fileSystem.accessSync(nearestAncestor(path, ports.fileSystem).path, WRITE_AND_SEARCH);
    return { status: "private" };
  } catch (error) {
    return unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): Privacy {
  // The code would be about a device that nobody asked for.
  if (isNowhere(path)) return { status: "unusable", reason: "there is no home directory to keep anything in" };
  return { status: "unusable", reason: `${path} cannot be written (${systemErrorCode(error) ?? String(error)})` };
}

/** Judges the directory, or refuses the place where it would be; undefined when it may be made. */
function judge(path: string, ports: Ports): Privacy | undefined {
  const existing = inspect(path, ports);
  if (existing) return existing;
  const ancestor = nearestAncestor(path, ports.fileSystem);
  if (ancestor.leadsNowhere) return { status: "unusable", reason: `${ancestor.path} is a symbolic link that leads nowhere` };
  const foreign = isForeign(ancestor, ports.host) && ancestor.uid !== 0;
  return foreign ? { status: "unusable", reason: `${ancestor.path} belongs to another user` } : undefined;
}

/** Judges an existing directory; undefined when there is none. @throws when it cannot be looked at. */
export function inspect(path: string, { fileSystem, host }: Ports): Privacy | undefined {
  const found = fileSystem.lstatSync(path, { throwIfNoEntry: false });
  if (!found) return undefined;
  if (found.isSymbolicLink()) return { status: "unusable", reason: `${path} is a symbolic link` };
  if (!found.isDirectory()) return { status: "unusable", reason: `${path} is not a directory` };
  if (isForeign(found, host)) return { status: "unusable", reason: `${path} belongs to another user` };
  if (mayBeWrittenByOthers(found, host)) return { status: "unusable", reason: `${path} may be written by other users` };
  return { status: "private" };
}

interface Ancestor {
  readonly path: string;
  readonly uid: number;
  readonly leadsNowhere: boolean;
}

function nearestAncestor(path: string, fileSystem: FileSystem): Ancestor {
  let ancestor = parentOf(path);
  for (;;) {
    const found = fileSystem.statSync(ancestor, { throwIfNoEntry: false });
    if (found) return { path: ancestor, uid: found.uid, leadsNowhere: false };
    const link = fileSystem.lstatSync(ancestor, { throwIfNoEntry: false });
    if (link) return { path: ancestor, uid: link.uid, leadsNowhere: true };
    const next = parentOf(ancestor);
    if (next === ancestor) return { path: ancestor, uid: 0, leadsNowhere: false };
    ancestor = next;
  }
}
