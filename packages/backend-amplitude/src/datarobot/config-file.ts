/**
 * The file drconfig.yaml: read with a bound, changed in one step. It is the user's own, with a token in it: what it cannot
 * parse it does not overwrite, and it may be a link into a dotfiles repository, which is then written through. Never throws.
 */
import type { DrConfigChange } from "./config-change.ts";
import { type DrConfig, interpretDrConfig } from "./config-content.ts";
import { editConfig, parseConfig } from "./config-edit.ts";
import { errorCode, type FileSystem, readPrivateFile, realFileSystem, replacePrivateFile } from "./private-file.ts";

/** A configuration has a few hundred bytes; the parser's work grows with the text. */
const MAX_BYTES = 262_144;
/** How often a change is tried again because somebody else wrote at the same moment. */
const MAX_ATTEMPTS = 5;

/** What the file says. Unreadable is not missing: nobody knows what the user answered there. */
export type DrConfigContent =
  | ({ readonly status: "read" } & DrConfig)
  | { readonly status: "missing" }
  | { readonly status: "unreadable"; readonly reason: string };

/** What became of a change. */
export type DrConfigUpdate =
  | { readonly status: "written" }
  /** It says so already. */
  | { readonly status: "unchanged" }
  | { readonly status: "refused"; readonly reason: string };

/** Reads a drconfig.yaml. Key names count in any case; values of the wrong type are left out, or mean no where consent is meant. */
export function readDrConfig(file: string, fileSystem: FileSystem = realFileSystem()): DrConfigContent {
  const content = readPrivateFile(file, { maxBytes: MAX_BYTES, links: "followed", fileSystem });
  if (content.status !== "read") return content;
  const config = interpretDrConfig(parseConfig(content.text)?.value ?? "unreadable");
  return config ? { status: "read", ...config } : { status: "unreadable", reason: "it is not a YAML mapping" };
}

/**
 * Changes a drconfig.yaml and makes it (0600, its directory 0700) when it is missing. Every byte outside of the named keys
 * stays. Refuses a file that it cannot parse, that belongs to somebody else, or that is a link to nothing.
 */
export function updateDrConfig(file: string, change: DrConfigChange, fileSystem: FileSystem = realFileSystem()): DrConfigUpdate {
  try {
    const target = realFile(file, fileSystem);
    for (let attempts = 0; attempts < MAX_ATTEMPTS; attempts += 1) {
      const before = readPrivateFile(target, { maxBytes: MAX_BYTES, fileSystem });
      if (before.status === "unreadable") return { status: "refused", reason: before.reason };
      const text = before.status === "read" ? before.text : "";
      const edit = editConfig(text, change);
      if (edit.status === "refused") return edit;
      if (edit.text === text) return { status: "unchanged" };
      // The tool itself may have stored a new token since the file was read.
      const isAsRead = (): boolean => {
        const now = readPrivateFile(target, { maxBytes: MAX_BYTES, fileSystem });
        return now.status === before.status && (now.status !== "read" || now.text === text);
      };
      if (replacePrivateFile(target, edit.text, fileSystem, isAsRead)) return { status: "written" };
    }
    return { status: "refused", reason: "it changes all the time" };
  } catch (error) {
    return { status: "refused", reason: errorCode(error) };
  }
}

/** The file behind a link, or the path itself. @throws when the link leads nowhere. */
function realFile(file: string, fileSystem: FileSystem): string {
  return fileSystem.lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ? fileSystem.realpathSync(file) : file;
}
