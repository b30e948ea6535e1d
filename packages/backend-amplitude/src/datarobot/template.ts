/**
 * The template: which DataRobot template the project was made from. Data from a project's file, so only for authors who
 * declare it. It reads one file of a project found above the working directory, follows no link, and parses no YAML: a file
 * that is more than `key: value` lines tells nothing.
 */
import { attempt, type Machine, realMachine } from "./machine.ts";
import { joinPath, parentOf } from "./paths.ts";
import { type FileSystem, readPrivateFile, realFileSystem } from "./private-file.ts";

/** The template as far as the project's file tells it. */
export interface Template {
  readonly template_name?: string;
  readonly template_id?: string;
}

/** The file holds seven short values. */
const MAX_BYTES = 16_384;
const MAX_VALUE_LENGTH = 128;
/** No file system nests deeper; a bound in case it does. */
const MAX_ANCESTORS = 256;

/**
 * Name and id of the template, from `.datarobot/cli/state.yaml` of the nearest ancestor of the working directory that is a
 * DataRobot project. The search ends at the home directory and at the root of the file system. Never throws.
 */
export function template(machine: Machine = realMachine(), fileSystem: FileSystem = realFileSystem()): Template {
  const root = projectRoot(attempt(() => machine.workingDirectory()), attempt(() => machine.homeDirectory()), fileSystem);
  if (root === undefined) return {};
  // Each step must be a real directory: a link could lead to any file that the user can read.
  const isPlain = [joinPath(root, ".datarobot"), joinPath(root, ".datarobot", "cli")].every((path) => isDirectory(path, fileSystem));
  const content = isPlain ? readPrivateFile(joinPath(root, ".datarobot", "cli", "state.yaml"), { maxBytes: MAX_BYTES, fileSystem }) : undefined;
  return content?.status === "read" ? templateIn(content.text) : {};
}

/** The two keys of a state file, if every line of it is a comment or one plain or quoted value. */
export function templateIn(text: string): Template {
  const values = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const [, key, raw] = /^([a-z_]+): +(\S.*?)\s*$/.exec(line) ?? [];
    const value = scalarOf(raw);
    if (key === undefined || value === undefined || values.has(key)) return {};
    values.set(key, value);
  }
  const [name, id] = [values.get("template_name"), values.get("template_id")];
  return { ...(name ? { template_name: name } : {}), ...(id ? { template_id: id } : {}) };
}

/** A scalar that means what is written; undefined for everything that takes a YAML parser to understand. */
function scalarOf(raw: string | undefined): string | undefined {
  if (raw === undefined || raw.length > MAX_VALUE_LENGTH || /\p{Cc}/u.test(raw)) return undefined;
  const quoted = /^"([^"\\]*)"$/.exec(raw) ?? /^'([^']*)'$/.exec(raw);
  if (quoted) return quoted[1];
  return /^[\p{L}\p{N}_./(]/u.test(raw) && !/: | #|:$/.test(raw) ? raw : undefined;
}

function projectRoot(start: string, home: string, fileSystem: FileSystem): string | undefined {
  let directory = start;
  for (let steps = 0; directory !== "" && steps < MAX_ANCESTORS; steps += 1) {
    if (isProject(directory, fileSystem)) return directory;
    const parent = parentOf(directory);
    if (directory === home || parent === directory) return undefined;
    directory = parent;
  }
  return undefined;
}

/** Old versions of the CLI left a state file outside of projects, so that file alone marks none (internal/repo/detect.go). */
function isProject(directory: string, fileSystem: FileSystem): boolean {
  if (isDirectory(joinPath(directory, ".datarobot", "answers"), fileSystem)) return true;
  const own = joinPath(directory, ".datarobot", "cli");
  try {
    return isDirectory(own, fileSystem) && fileSystem.readdirSync(own).some((name) => name !== "state.yaml");
  } catch {
    // Not ours to list, so not ours to read.
    return false;
  }
}

function isDirectory(path: string, fileSystem: FileSystem): boolean {
  try {
    return fileSystem.lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    // A directory that may not be searched is as good as none.
    return false;
  }
}
