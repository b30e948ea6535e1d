/**
 * A private directory, a backend on it, and a file system that fails where a test says so. Faults are made
 * in front of the real file system, so that what a fault leaves behind is real.
 */
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Backend, type DeliveryResult, silentLogger, type TelemetryEvent } from "@candor/backend";
import { createFileBackend, type FileBackendOptions } from "../src/backend.ts";
import { type FileStatus, type FileSystem, type OpenFile, realFileSystem } from "../src/file-system.ts";

export interface Fixture {
  readonly directory: string;
  /** The default path of the live file. */
  readonly path: string;
  build(options?: FileBackendOptions, fileSystem?: FileSystem): Backend;
  names(): readonly string[];
  text(name?: string): string;
  dispose(): void;
}

export function fixture(): Fixture {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "candor-file-")));
  return {
    directory,
    path: join(directory, "telemetry.log"),
    build: (options = {}, fileSystem = realFileSystem) => createFileBackend(options, { dataDirectory: directory, logger: silentLogger }, fileSystem),
    names: () => readdirSync(directory).sort(),
    text: (name = "telemetry.log") => readFileSync(join(directory, name), "utf8"),
    dispose: () => rmSync(directory, { recursive: true, force: true }),
  };
}

export function send(backend: Backend, events: readonly TelemetryEvent[], signal = new AbortController().signal): Promise<DeliveryResult> {
  return backend.send(events, { signal });
}

/** The ids of the lines that are whole JSON objects, in order. */
export function idsIn(text: string): readonly string[] {
  return text.split("\n").flatMap((line) => {
    try {
      const parsed: unknown = JSON.parse(line);
      return typeof parsed === "object" && parsed !== null && "id" in parsed && typeof parsed.id === "string" ? [parsed.id] : [];
    } catch {
      // A torn line costs that line; the rest of the file is read on.
      return [];
    }
  });
}

export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made up`), { code });
}

/** The real file system with some operations replaced. */
export function faulty(replaced: Partial<FileSystem>): FileSystem {
  return { ...realFileSystem, ...replaced };
}

/** The real file system with some operations of open event files replaced; lock files are left alone. */
export function faultyFiles(replace: (file: OpenFile) => Partial<OpenFile>): FileSystem {
  return faulty({
    async open(path, flags, mode) {
      const file = await realFileSystem.open(path, flags, mode);
      return path.endsWith(".lock") ? file : { ...delegate(file), ...replace(file) };
    },
  });
}

/** A status that differs from the real one in the given numbers. */
export function altered(status: FileStatus, change: { readonly uid?: number; readonly mtimeMs?: number }): FileStatus {
  return {
    size: status.size,
    ino: status.ino,
    uid: status.uid,
    nlink: status.nlink,
    mtimeMs: status.mtimeMs,
    isFile: () => status.isFile(),
    isDirectory: () => status.isDirectory(),
    isSymbolicLink: () => status.isSymbolicLink(),
    ...change,
  };
}

function delegate(file: OpenFile): OpenFile {
  return {
    stat: () => file.stat(),
    read: (...args) => file.read(...args),
    write: (...args) => file.write(...args),
    truncate: (sizeBytes) => file.truncate(sizeBytes),
    close: () => file.close(),
  };
}
