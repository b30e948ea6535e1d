/**
 * The file store: keeps the answer in a configuration file of the tool's, under GTB's keys unless the author has others, and leaves the
 * rest of the file as it is. What stands there and cannot be understood is a no. It knows no format: how to read and how to change the text come as functions.
 */
import type * as fs from "node:fs";
import { joinPath, parentOf } from "../platform/paths.ts";
import { systemErrorCode } from "../platform/ports.ts";
import { parseGoBool } from "../platform/environment.ts";
import type { ConsentStore, StoreAnswer, StoreChange } from "./tool-store.ts";

/** A value to write, and the keys that lead to it from the top of the file. */
export interface Setting {
  readonly keys: readonly string[];
  readonly value: string | number | boolean;
}

/** Where the answer lies, as keys joined by dots. */
export interface StoreKeys {
  /** Default `telemetry.enabled`. */
  readonly enabled?: string;
  /** Only read: whether events stay on this machine. Default `telemetry.local_only`. */
  readonly localOnly?: string;
  /** Version of the consent text. Default: not kept here, so that an answer in the file counts for every version. */
  readonly consentVersion?: string;
}

/** What every store in a file takes. */
export interface StoreFileOptions {
  /** Absolute path of the user's own configuration; never of a file that a project may bring along. */
  readonly path: string;
  /** What people call it, for `telemetry status`. Default: the file's name. */
  readonly name?: string;
  readonly keys?: StoreKeys;
  /** Further values to write with an answer, by keys joined by dots. They win over candor's. */
  readonly extra?: (change: StoreChange) => Readonly<Record<string, Setting["value"]>>;
}

export interface FileStoreOptions extends StoreFileOptions {
  /** Reads the file's text; `undefined` and null stand for an empty file. A throw makes the answer a no. */
  readonly parse: (text: string) => unknown;
  /** Answers the text with these values in it and everything else, comments included, as it was. A throw leaves the file alone. */
  readonly update: (text: string, settings: readonly Setting[]) => string;
}

/**
 * Keeps the answer in a file of any format. Reads it whenever consent is resolved, so `parse` should be one the tool has loaded anyway.
 * A missing file is no answer; an answer makes it, with its directory (0700), readable by the user alone (0600). An existing file keeps
 * its permissions, and a link its target. A relative path would follow the user into any project: it is never read, and counts as a no.
 */
export function fileStore({ path, name, keys = {}, parse, update, extra }: FileStoreOptions): ConsentStore {
  const paths = process.getBuiltinModule("node:path");
  const checkPath = (): void => {
    if (!paths.isAbsolute(path)) throw new Error("its path must be absolute");
  };
  const { enabled = "telemetry.enabled", localOnly = "telemetry.local_only", consentVersion } = keys;
  const updated: typeof update = (text, settings) => {
    try {
      return update(text, settings);
    } catch {
      // A parser quotes what it stumbled over, and a configuration may hold secrets.
      throw new Error("its text cannot be understood, so it was left as it is");
    }
  };
  return {
    name: name ?? paths.basename(path),
    read() {
      checkPath();
      const text = readText(path);
      return text === undefined ? undefined : answerIn(parse(text), { enabled, localOnly, consentVersion });
    },
    async write(change) {
      checkPath();
      const values = { [enabled]: change.enabled, ...(consentVersion === undefined ? {} : { [consentVersion]: change.consentVersion }), ...extra?.(change) };
      const settings = Object.entries(values).map(([key, value]) => ({ keys: key.split("."), value }));
      replace(path, updated(readText(path) ?? "", settings));
    },
  };
}

function answerIn(content: unknown, keys: { readonly enabled: string; readonly localOnly: string; readonly consentVersion: string | undefined }): StoreAnswer | undefined {
  const enabled = switchAt(content, keys.enabled);
  const localOnly = switchAt(content, keys.localOnly);
  if (enabled === undefined && localOnly === undefined) return undefined;
  const version = keys.consentVersion === undefined ? undefined : valueAt(content, keys.consentVersion);
  return {
    ...(enabled === undefined ? {} : { enabled }),
    ...(localOnly === undefined ? {} : { localOnly }),
    // An answer without a readable version is one to no version of the text.
    ...(keys.consentVersion === undefined ? {} : { consentVersion: Number(version) || 0 }),
  };
}

/** @throws where something stands there that is neither a yes nor a no. */
function switchAt(content: unknown, key: string): boolean | undefined {
  const value = valueAt(content, key);
  if (value === undefined || value === null) return undefined;
  const answer = typeof value === "string" ? parseGoBool(value) : value;
  if (typeof answer !== "boolean") throw new Error(`${key} is neither true nor false`);
  return answer;
}

/** @throws where the keys lead through something that has none. */
function valueAt(content: unknown, key: string): unknown {
  let value = content;
  for (const part of key.split(".")) {
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "object" || Array.isArray(value)) throw new Error(`${key} does not lead to a value`);
    value = Object.hasOwn(value, part) ? (value as Readonly<Record<string, unknown>>)[part] : undefined;
  }
  return value;
}

/** The file's text; undefined when there is no file. @throws when it cannot be read. */
function readText(path: string): string | undefined {
  try {
    return files().readFileSync(path, "utf8");
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Replaces the file in one step. @throws the system error when the disk refuses. */
function replace(path: string, text: string): void {
  const { chmodSync, lstatSync, mkdirSync, realpathSync, renameSync, rmSync, statSync, writeFileSync }: typeof fs = files();
  mkdirSync(parentOf(path), { recursive: true, mode: 0o700 });
  const target = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? realpathSync(path) : path;
  const mode = statSync(target, { throwIfNoEntry: false })?.mode ?? 0o600;
  const temporary = joinPath(parentOf(target), `.${process.getBuiltinModule("node:path").basename(target)}.${process.pid.toString(36)}-${Math.floor(Math.random() * 2 ** 40).toString(36)}.tmp`);
  try {
    writeFileSync(temporary, text, { flag: "wx", mode: 0o600 });
    chmodSync(temporary, mode & 0o777);
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function files(): typeof fs {
  return process.getBuiltinModule("node:fs");
}
