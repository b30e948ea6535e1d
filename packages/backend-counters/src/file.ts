/**
 * The counters' file: read with a bound and written whole or not at all (temporary name, then rename; mode 0600, directory 0700). It
 * refuses links and what belongs to another user, and sets aside what it does not understand instead of counting on from nothing in silence.
 */
import { closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Counters } from "./counters.ts";
import { fromYaml, toYaml } from "./yaml.ts";

/** What the file holds. `damaged`: text that is none of ours. `foreign`: something that is not ours to read or to replace. */
export type CountersFile =
  | { readonly status: "read"; readonly counters: Counters }
  | { readonly status: "missing" | "damaged" }
  | { readonly status: "foreign"; readonly reason: string };

/** 2,000 series with paths of 256 characters, each of them an escape, are smaller. */
const MAX_BYTES = 4_194_304;

/** Reads the file. Never throws. */
export function readCounters(path: string): CountersFile {
  let descriptor: number | undefined;
  try {
    if (lstatSync(path).isSymbolicLink()) return { status: "foreign", reason: "the file of the counts is a symbolic link" };
    // Windows has neither flag; there the kind of the file alone decides.
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    const found = fstatSync(descriptor);
    if (!found.isFile()) return { status: "foreign", reason: "the file of the counts is no regular file" };
    if (!isOwn(found.uid)) return { status: "foreign", reason: "the file of the counts belongs to another user" };
    const counters = found.size > MAX_BYTES ? undefined : fromYaml(readFileSync(descriptor, "utf8"));
    return counters === undefined ? { status: "damaged" } : { status: "read", counters };
  } catch (error) {
    const code = errorCode(error);
    // A parent that is a file, or that is missing, holds nothing.
    return code === "ENOENT" || code === "ENOTDIR" ? { status: "missing" } : { status: "foreign", reason: `the file of the counts cannot be read (${code})` };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Replaces the file in one step. @throws when the disk refuses, or the directory belongs to another user. */
export function writeCounters(path: string, counters: Counters): void {
  requireOwnDirectory(dirname(path));
  const temporary = `${path}.tmp`;
  try {
    // What a killed process has left; the uploader's lock keeps others from writing now.
    rmSync(temporary, { force: true });
    // Flushed, so that a power cut after the rename cannot leave an empty file.
    writeFileSync(temporary, toYaml(counters), { flag: "wx", mode: 0o600, flush: true });
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Keeps a text that is not understood beside the file, as `<path>.damaged`. @throws when the disk refuses. */
export function setAside(path: string): void {
  renameSync(path, `${path}.damaged`);
}

/** The system's code of an error; for any other error its message, which is this room's own. */
export function errorCode(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (typeof code === "string") return code;
  return error instanceof Error ? error.message : "unknown error";
}

/** Under sudo, a directory made here would stay root's in the user's home. */
function requireOwnDirectory(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found) {
    if (!isOwn(found.uid)) throw new Error("the directory belongs to another user");
    return;
  }
  const parent = dirname(path);
  if (parent === path) throw new Error("there is no such directory");
  const above = statSync(parent, { throwIfNoEntry: false });
  if (!above) requireOwnDirectory(parent);
  else if (!isOwn(above.uid) && above.uid !== 0) throw new Error("the directory belongs to another user");
  mkdirSync(path, { recursive: true, mode: 0o700 });
}

/** Windows has no numeric users; there the profile's own permissions decide. */
function isOwn(uid: number): boolean {
  const userId = process.geteuid?.();
  return userId === undefined || uid === userId;
}
