/**
 * The private file: small files in the user's configuration directory, read with a bound and written whole or not at all
 * (temporary name, then rename; mode 0600, directory 0700). It refuses what belongs to somebody else, because a tool run with
 * sudo must not leave root's files in a user's home, and waits for nothing, as reading a pipe would.
 */
import type * as fs from "node:fs";
import { parentOf } from "./paths.ts";

/** The part of `node:fs` that is used, so that a test can make it fail. */
export type FileSystem = Pick<
  typeof fs,
  | "closeSync"
  | "constants"
  | "fstatSync"
  | "linkSync"
  | "lstatSync"
  | "mkdirSync"
  | "openSync"
  | "readdirSync"
  | "readFileSync"
  | "realpathSync"
  | "renameSync"
  | "rmSync"
  | "statSync"
  | "writeFileSync"
>;

/** What a file holds. `unreadable` is never the same as `missing`. */
export type FileContent =
  | { readonly status: "read"; readonly text: string }
  | { readonly status: "missing" }
  | { readonly status: "unreadable"; readonly reason: string };

export interface ReadOptions {
  readonly maxBytes: number;
  /** Whether `path` may be a symbolic link. Default `refused`. */
  readonly links?: "followed" | "refused";
  readonly fileSystem?: FileSystem;
}

/** The real disk, loaded when it is first needed. */
export function realFileSystem(): FileSystem {
  return process.getBuiltinModule("node:fs");
}

/** Reads a file of this user or of the system, as UTF-8. Never throws. */
export function readPrivateFile(path: string, { maxBytes, links = "refused", fileSystem = realFileSystem() }: ReadOptions): FileContent {
  const unreadable = (reason: string): FileContent => ({ status: "unreadable", reason });
  let descriptor: number | undefined;
  try {
    // Windows has neither flag, which then counts as 0; there the kind of the file alone decides.
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fileSystem.constants;
    if (links === "refused" && fileSystem.lstatSync(path).isSymbolicLink()) return unreadable("it is a symbolic link");
    descriptor = fileSystem.openSync(path, O_RDONLY | O_NONBLOCK | (links === "refused" ? O_NOFOLLOW : 0));
    const found = fileSystem.fstatSync(descriptor);
    if (!found.isFile()) return unreadable("it is not a regular file");
    if (!isOwn(found.uid) && found.uid !== 0) return unreadable("it belongs to another user");
    if (found.size > maxBytes) return unreadable(`it is larger than ${maxBytes} bytes`);
    const bytes = fileSystem.readFileSync(descriptor);
    if (!process.getBuiltinModule("node:buffer").isUtf8(bytes)) return unreadable("it is not UTF-8 text");
    return { status: "read", text: bytes.toString("utf8") };
  } catch (error) {
    const code = errorCode(error);
    // A parent that is a file, or that is missing, holds nothing.
    return code === "ENOENT" || code === "ENOTDIR" ? { status: "missing" } : unreadable(code);
  } finally {
    if (descriptor !== undefined) fileSystem.closeSync(descriptor);
  }
}

/**
 * Replaces a file in one step. `stillWanted` is asked when the new content lies beside the old; its no leaves the old. Answers
 * whether the file was replaced. @throws when the disk refuses, or when the place belongs to somebody else or is a link.
 */
export function replacePrivateFile(path: string, text: string, fileSystem: FileSystem = realFileSystem(), stillWanted?: () => boolean): boolean {
  const temporary = writeBeside(path, text, fileSystem);
  try {
    if (fileSystem.lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) throw new Error("it is a symbolic link");
    if (stillWanted && !stillWanted()) return false;
    fileSystem.renameSync(temporary, path);
    return true;
  } finally {
    fileSystem.rmSync(temporary, { force: true });
  }
}

/**
 * Writes the content under a name of its own in the same directory, which is made when it is missing; answers that name.
 * @throws when the disk refuses, or the directory belongs to somebody else.
 */
export function writeBeside(path: string, text: string, fileSystem: FileSystem): string {
  requireOwnDirectory(parentOf(path), fileSystem);
  const temporary = `${path}.${process.pid.toString(36)}-${Math.floor(Math.random() * 2 ** 40).toString(36)}.tmp`;
  try {
    // Flushed, so that a power cut after the rename cannot leave an empty file.
    fileSystem.writeFileSync(temporary, text, { flag: "wx", mode: 0o600, flush: true });
    return temporary;
  } catch (error) {
    fileSystem.rmSync(temporary, { force: true });
    throw error;
  }
}

/** A system error's code, such as `EACCES`; for any other error its message, which is this room's own. */
export function errorCode(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (typeof code === "string") return code;
  return error instanceof Error ? error.message : "unknown error";
}

/** The configuration directory may be a link and may be open to a group: people keep it under version control. */
function requireOwnDirectory(path: string, fileSystem: FileSystem): void {
  const found = fileSystem.statSync(path, { throwIfNoEntry: false });
  if (found) {
    if (!found.isDirectory()) throw new Error(`${path} is not a directory`);
    if (!isOwn(found.uid)) throw new Error(`${path} belongs to another user`);
    return;
  }
  const parent = parentOf(path);
  if (parent === path) throw new Error(`${path} does not exist`);
  const above = fileSystem.statSync(parent, { throwIfNoEntry: false });
  if (!above) requireOwnDirectory(parent, fileSystem);
  else if (!isOwn(above.uid) && above.uid !== 0) throw new Error(`${parent} belongs to another user`);
  fileSystem.mkdirSync(path, { recursive: true, mode: 0o700 });
}

/** Windows has no numeric users; there the profile's own permissions decide. */
function isOwn(uid: number): boolean {
  const userId = process.getuid?.();
  return userId === undefined || uid === userId;
}
