/** The entries of a directory that processes share: whoever is second finds out, and it is no error. */
import { type Ports, systemErrorCode } from "./ports.ts";

/** Names in a directory; none when it is not there. */
export function namesIn(directory: string, { fileSystem }: Ports): string[] {
  try {
    return fileSystem.readdirSync(directory);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw error;
  }
}

/** Whether the path itself is a file, and not a link to one. */
export function isRegularFile(path: string, { fileSystem }: Ports): boolean {
  return fileSystem.lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** Deletes a file; false when another process was first. */
export function removeFile(path: string, { fileSystem }: Ports): boolean {
  try {
    fileSystem.unlinkSync(path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return false;
    throw error;
  }
}

/** Renames a file; false when another process was first. */
export function moveFile(from: string, to: string, { fileSystem }: Ports): boolean {
  try {
    fileSystem.renameSync(from, to);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return false;
    throw error;
  }
}

/** Deletes a directory if nothing is in it. */
export function removeEmptyDirectory(path: string, { fileSystem }: Ports): void {
  try {
    fileSystem.rmdirSync(path);
  } catch {
    // Something is in it, or another process was first.
    return;
  }
}
