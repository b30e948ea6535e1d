/**
 * The compiled room: V8's compiled form of the room of collection, kept in the data directory, so that not every command compiles it
 * anew. Only the built package has rooms; a bundle has none, and the source runs without.
 *
 * V8 believes what it is given, and damage in a compiled form ends the process. So the file holds the text that was compiled, and its
 * compiled form twice. It counts only if the text is the package's own, both forms agree, and nobody but this user can have written it.
 */
import type { Script } from "node:vm";
import { isForeign, mayBeWrittenByOthers } from "./file-ownership.ts";
import type { Directories } from "./paths.ts";
import type { Ports } from "./ports.ts";

/** The path of this very module, put in its place by the build; a bundle may have anything for it. */
declare const __ENTRY__: string | undefined;

/** The first words of the room that was built with this entry. */
declare const __ROOM_SIGNATURE__: string;

/** What has been evaluated in this process and is to be kept, and what it was compiled from. */
export interface CompiledRoom {
  readonly script: Script;
  readonly text: Buffer;
}

interface Kept {
  readonly code: Buffer;
  /** Whether it is so old that it is to be kept anew, with what has been needed since. */
  readonly isOld: boolean;
}

type Define = (exports: object, require: (name: string) => unknown, room: { exports: object }) => void;

/** What ran before it was written, and nothing else, is in it. */
const RENEWED_MS = 7 * 24 * 60 * 60_000;

/** Where it may be kept: one place for each tool in this process. */
const places = new Map<string, Ports>();
let opened: { readonly exports: object } | undefined;
let unkept: CompiledRoom | undefined;

/** From now on the room may come from what is kept in these directories. Touches no disk. */
export function useCompiledRoom({ compiledFile }: Directories, ports: Ports): void {
  places.set(compiledFile, ports);
}

/** What nothing is kept of that counts, or only what is old. */
export function unkeptRoom(): CompiledRoom | undefined {
  return unkept;
}

/**
 * What the room exports; undefined where it has to be loaded like any other file. Never throws.
 *
 * @public The build calls it where a function of the room is needed.
 */
export function openCompiledRoom(file: string): object | undefined {
  if (opened || places.size === 0) return opened?.exports;
  try {
    const location = locate(file);
    opened = location === undefined ? undefined : evaluate(location);
  } catch {
    // Loaded like any other file it says itself what is wrong with it.
    unkept = undefined;
  }
  return opened?.exports;
}

function evaluate(location: string): { readonly exports: object } | undefined {
  const text = readWrapped(location);
  // In a bundle of that name another file of the tool's may lie there.
  if (text.toString("latin1", BEFORE.length, BEFORE.length + __ROOM_SIGNATURE__.length) !== __ROOM_SIGNATURE__) return undefined;
  const kept = findKept(text);
  const { Script } = process.getBuiltinModule("node:vm");
  const script = new Script(text.toString(), { filename: location, ...(kept ? { cachedData: kept.code } : {}) });
  const define = script.runInThisContext() as Define;
  // In a realm of its own, as under a test runner, values of this realm would be strangers to the room.
  if (Object.getPrototypeOf(define) !== Function.prototype) return undefined;
  if (!kept || kept.isOld || script.cachedDataRejected) unkept = { script, text };
  const room = { exports: {} };
  define.call(room.exports, room.exports, (name) => process.getBuiltinModule("node:module").createRequire(location)(name), room);
  return room;
}

/** As CommonJS has it. */
const BEFORE = "(function (exports, require, module) {";
const AFTER = "\n})";

/** The file's text as a function, without a second copy of it. */
function readWrapped(location: string): Buffer {
  const fs = process.getBuiltinModule("node:fs");
  const descriptor = fs.openSync(location, "r");
  try {
    const { size } = fs.fstatSync(descriptor);
    const text = Buffer.alloc(BEFORE.length + size + AFTER.length);
    text.write(BEFORE);
    const end = BEFORE.length + fs.readSync(descriptor, text, BEFORE.length, size, 0);
    return text.subarray(0, end + text.write(AFTER, end));
  } finally {
    fs.closeSync(descriptor);
  }
}

function findKept(text: Buffer): Kept | undefined {
  for (const [path, ports] of places) {
    const kept = readKept(path, text, ports);
    if (kept) return kept;
  }
  return undefined;
}

/** What is kept for this text and this Node.js, if it is undamaged. What is looked at is what is read, whoever exchanges files meanwhile. */
function readKept(path: string, text: Buffer, { fileSystem, host, clock }: Ports): Kept | undefined {
  // Windows knows only the first, and what is undefined adds nothing.
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = process.getBuiltinModule("node:fs").constants;
  let descriptor: number | undefined;
  try {
    descriptor = fileSystem.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const found = fileSystem.fstatSync(descriptor);
    const isOwn = found.isFile() && !isForeign(found, host) && !mayBeWrittenByOthers(found, host);
    const code = isOwn ? codeFor(text, fileSystem.readFileSync(descriptor)) : undefined;
    return code && { code, isOld: Math.abs(clock.now() - found.mtimeMs) > RENEWED_MS };
  } catch {
    // There is none, or it cannot be read: it is written anew in time.
    return undefined;
  } finally {
    if (descriptor !== undefined) fileSystem.closeSync(descriptor);
  }
}

function codeFor(text: Buffer, kept: Buffer): Buffer | undefined {
  const head = compiledBy();
  const start = head.length + text.length;
  const middle = (start + kept.length) / 2;
  if (!Number.isInteger(middle) || middle <= start) return undefined;
  const [itsHead, itsText, code, again] = [kept.subarray(0, head.length), kept.subarray(head.length, start), kept.subarray(start, middle), kept.subarray(middle)];
  return itsHead.equals(head) && itsText.equals(text) && code.equals(again) ? code : undefined;
}

/** The first line: which Node.js compiled it. V8 itself looks at its own version and flags, and refuses what another one made. */
export function compiledBy(): Buffer {
  return Buffer.from(`candor ${JSON.stringify([process.version, process.arch, process.execPath])}\n`);
}

/** Where the build puts this module. */
const ENTRIES = ["/core/dist/cjs/index.js", "/core/dist/esm/index.js"];

/** Where the room lies beside this module; undefined in a bundle and in the source. */
function locate(file: string): string | undefined {
  const entry = typeof __ENTRY__ === "string" ? __ENTRY__ : "";
  const isBuilt = ENTRIES.some((place) => entry.slice(-place.length).replaceAll("\\", "/") === place);
  if (!isBuilt) return undefined;
  const separator = entry.slice(-"/index.js".length)[0];
  const path = `${entry.slice(0, -"esm/index.js".length)}cjs${separator}${file}`;
  // A bundler may put a path of the author's in its place, which in the user's working directory is somebody else's.
  return process.getBuiltinModule("node:path").isAbsolute(path) ? path : undefined;
}
