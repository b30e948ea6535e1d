/**
 * The private file: small files that hold candor's state, written whole or not at all (temporary name,
 * then rename), mode 0600, never through a symbolic link.
 */
import { type FileSystem, systemErrorCode } from "./ports.ts";

/** `O_CREAT | O_EXCL | O_WRONLY`: fails when anything, a symbolic link included, has the name. */
export const CREATE_EXCLUSIVELY = "wx";

/** What a state file holds. `unreadable` is never the same as `missing`: callers fail closed on it. */
export type FileContent =
  | { readonly status: "read"; readonly text: string }
  | { readonly status: "missing" }
  | { readonly status: "unreadable"; readonly reason: string };

/** Replaces the file in one step. @throws the system error when the disk refuses. */
export function writePrivateFile(path: string, content: string | Uint8Array, fileSystem: FileSystem): void {
  const temporary = temporaryBeside(path);
  try {
    fileSystem.writeFileSync(temporary, content, { flag: CREATE_EXCLUSIVELY, mode: 0o600 });
    fileSystem.renameSync(temporary, path);
  } catch (error) {
    fileSystem.rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * Makes the file in one step; false when there is one already, which stays. @throws the system error when the disk refuses, or has no
 * hard links.
 */
export function createPrivateFile(path: string, content: string, fileSystem: FileSystem): boolean {
  const temporary = temporaryBeside(path);
  try {
    fileSystem.writeFileSync(temporary, content, { flag: CREATE_EXCLUSIVELY, mode: 0o600 });
    fileSystem.linkSync(temporary, path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === "EEXIST") return false;
    throw error;
  } finally {
    fileSystem.rmSync(temporary, { force: true });
  }
}

function temporaryBeside(path: string): string {
  return `${path}.${process.pid.toString(36)}-${Math.floor(Math.random() * 2 ** 40).toString(36)}.tmp`;
}

/** Appends to the file in one write as a rule, making it where it is missing. @throws when it is no regular file, or the disk refuses. */
export function appendPrivateFile(path: string, content: string | Uint8Array, fileSystem: FileSystem): void {
  const found = fileSystem.lstatSync(path, { throwIfNoEntry: false });
  if (found && !found.isFile()) throw new Error(`${path} is not a regular file`);
  const descriptor = fileSystem.openSync(path, "a", 0o600);
  try {
    const data = typeof content === "string" ? Buffer.from(content) : content;
    for (let written = 0; written < data.length; ) written += fileSystem.writeSync(descriptor, data, written);
  } finally {
    fileSystem.closeSync(descriptor);
  }
}

/**
 * Reads a state file without following a symbolic link. One larger than `maxBytes` is unreadable, and not read. A byte order mark, with
 * which editors on Windows begin a file, is left out.
 */
export function readPrivateFile(path: string, fileSystem: FileSystem, maxBytes = Number.POSITIVE_INFINITY): FileContent {
  try {
    const found = fileSystem.lstatSync(path, { throwIfNoEntry: false });
    if (!found) return { status: "missing" };
    if (!found.isFile()) return { status: "unreadable", reason: "not a regular file" };
    if (found.size > maxBytes) return { status: "unreadable", reason: `larger than ${maxBytes} bytes` };
    const text = fileSystem.readFileSync(path, "utf8");
    return { status: "read", text: text.startsWith("\uFEFF") ? text.slice(1) : text };
  } catch (error) {
    const code = systemErrorCode(error);
    // A parent that is a file, or that is missing, holds no state.
    if (code === "ENOENT" || code === "ENOTDIR") return { status: "missing" };
    return { status: "unreadable", reason: code ?? String(error) };
  }
}

/** Parses a JSON object; undefined for anything else. */
export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    // Torn or foreign content; the caller decides what that means.
    return undefined;
  }
}
