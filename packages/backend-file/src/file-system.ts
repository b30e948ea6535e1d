/**
 * The part of the file system this package touches, as a port: tests pass a failing one instead of
 * patching modules. It lists operations and decides nothing.
 */
import * as nodeFileSystem from "node:fs/promises";

/** What is known about a path or an open file; `ino` and `nlink` as the platform reports them. */
export interface FileStatus {
  readonly size: number;
  readonly ino: number;
  readonly uid: number;
  readonly nlink: number;
  readonly mtimeMs: number;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

/** An open file; the caller closes it. */
export interface OpenFile {
  stat(): Promise<FileStatus>;
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
  write(buffer: Uint8Array, offset: number, length: number, position: null): Promise<{ readonly bytesWritten: number }>;
  truncate(sizeBytes: number): Promise<void>;
  close(): Promise<void>;
}

/** Every operation fails by rejecting with an error that carries the system's `code`. */
export interface FileSystem {
  open(path: string, flags: number, mode: number): Promise<OpenFile>;
  stat(path: string): Promise<FileStatus>;
  lstat(path: string): Promise<FileStatus>;
  readdir(path: string): Promise<string[]>;
  mkdir(path: string, options: { readonly recursive: true; readonly mode: number }): Promise<unknown>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
}

/** The real file system. */
export const realFileSystem: FileSystem = nodeFileSystem;

/**
 * The system's code of an error (`ENOENT`), or "" where there is none. Read by shape: in a sandbox, such
 * as a test runner's, the system's errors are not instances of the sandbox's own Error.
 */
export function errorCode(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** The status of the path itself, links not followed; `undefined` when nothing is there. */
export async function statusIfPresent(fileSystem: FileSystem, path: string): Promise<FileStatus | undefined> {
  try {
    return await fileSystem.lstat(path);
  } catch (error) {
    // Absence is an answer; every other fault belongs to the caller.
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
