/**
 * The project's refusal: a repository may opt its contributors out by committing `.candor.json`. It can
 * only say no; nothing in a project can switch telemetry on, name a destination or add data.
 */
import { joinPath, parentOf } from "../platform/paths.ts";
import { parseObject, readPrivateFile } from "../platform/private-file.ts";
import type { Ports } from "../platform/ports.ts";

/** Name of the file a project may hold. */
export const PROJECT_FILE = ".candor.json";

/** Deeper trees than this are not searched. */
const MAX_LEVELS = 64;

/** Nobody has that much to say here; a repository must not cost every command the reading of a huge file. */
const MAX_BYTES = 65_536;

/**
 * Looks from the working directory upwards for `{"telemetry": "off"}` or `{"telemetry": {"<tool>": "off"}}`.
 * A file that cannot be understood, or is larger than 64 KiB, is a no. Answers the reason, or undefined when no project refuses.
 */
export function projectRefusal(toolName: string, ports: Ports): string | undefined {
  let directory: string;
  try {
    directory = ports.host.workingDirectory();
  } catch {
    // The working directory has been deleted: there is no project.
    return undefined;
  }
  for (let level = 0; level < MAX_LEVELS; level++) {
    const path = joinPath(directory, PROJECT_FILE);
    const content = readPrivateFile(path, ports.fileSystem, MAX_BYTES);
    if (content.status !== "missing") {
      const refuses = content.status === "unreadable" || refusesFor(toolName, content.text);
      if (refuses) return `${path} opts out`;
    }
    const above = parentOf(directory);
    if (above === directory) return undefined;
    directory = above;
  }
  return undefined;
}

function refusesFor(toolName: string, text: string): boolean {
  const value = parseObject(text)?.["telemetry"];
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value !== "on" && value !== true;
  const entry = (value as Record<string, unknown>)[toolName];
  return entry !== undefined && entry !== "on" && entry !== true;
}
