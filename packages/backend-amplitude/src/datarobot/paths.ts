/** Path names: the one room that joins and parts them. It touches no disk, and loads `node:path` when it is first needed. */

/** Joins path segments with the platform's separator. */
export function joinPath(...segments: readonly string[]): string {
  return process.getBuiltinModule("node:path").join(...segments);
}

/** The directory above; the root is above itself. */
export function parentOf(path: string): string {
  return process.getBuiltinModule("node:path").dirname(path);
}

/** Whether a path names the same place from every working directory. */
export function isAbsolutePath(path: string): boolean {
  return process.getBuiltinModule("node:path").isAbsolute(path);
}
