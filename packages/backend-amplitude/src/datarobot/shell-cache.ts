/**
 * The shell cache: what a subprocess said about a parent process, so that one terminal costs one subprocess an hour and not
 * one a command. A wrong entry costs a wrong word in a statistic, so every fault of it is "not known".
 *
 * An entry is valid for the same parent process id, for an hour from when it was written, and not when it was written in the
 * future. A process id that another shell got within that hour is answered wrongly; nothing else tells the two apart cheaply.
 */
import { isRecord, parseJson } from "./json.ts";
import { joinPath } from "./paths.ts";
import { readPrivateFile, replacePrivateFile } from "./private-file.ts";

const VALID_MS = 3_600_000;
/** Terminals that are open at once. */
const MAX_ENTRIES = 16;
const MAX_BYTES = 4_096;

interface Entry {
  readonly parent: number;
  readonly shell: string;
  readonly checkedAtMs: number;
}

/** The parent's name as it was found within the last hour, "" if it was no shell; undefined when nothing is known. */
export function readParentName(configDirectory: string | undefined, parent: number, nowMs: number): string | undefined {
  return validEntries(configDirectory, nowMs).find((entry) => entry.parent === parent)?.shell;
}

/** Keeps a name for the commands that follow. A disk that refuses only means that they ask again. */
export function rememberParentName(configDirectory: string | undefined, parent: number, shell: string, nowMs: number): void {
  if (!configDirectory) return;
  const others = validEntries(configDirectory, nowMs).filter((entry) => entry.parent !== parent);
  const entries = [...others.slice(1 - MAX_ENTRIES), { parent, shell, checkedAtMs: nowMs }];
  try {
    replacePrivateFile(fileIn(configDirectory), `${JSON.stringify(entries)}\n`);
  } catch {
    // A full or read-only disk; the property is right all the same.
    return;
  }
}

function validEntries(configDirectory: string | undefined, nowMs: number): Entry[] {
  if (!configDirectory) return [];
  const content = readPrivateFile(fileIn(configDirectory), { maxBytes: MAX_BYTES });
  const list: unknown = content.status === "read" ? parseJson(content.text) : undefined;
  const items: readonly unknown[] = Array.isArray(list) ? list : [];
  return items.filter((item) => isEntry(item)).filter(({ checkedAtMs }) => checkedAtMs <= nowMs && nowMs - checkedAtMs < VALID_MS);
}

function isEntry(item: unknown): item is Entry {
  return isRecord(item) && typeof item["parent"] === "number" && typeof item["shell"] === "string" && typeof item["checkedAtMs"] === "number";
}

function fileIn(configDirectory: string): string {
  return joinPath(configDirectory, "parent_shell");
}
