/**
 * The compiled room: V8's compiled form of the room of collection, kept in the data directory, so that not every command compiles it
 * anew. Only the built package has rooms; a bundle has none, and the source runs without.
 *
 * V8 believes what it is given, and damage in a compiled form ends the process. So the file holds the text that was compiled, and its
 * compiled form twice. It counts only if the text is the package's own, both forms agree, and the directory is this user's alone.
 */
import type { Script } from "node:vm";
import type { Directories } from "./paths.ts";
import type { Ports } from "./ports.ts";
import { inspect } from "./private-directory.ts";

/** Where this very module lies, put in its place by the build: a path, or an address where it is an ES module. */
declare const __ENTRY__: string;

/** The first words of the room that was built with this entry. */
declare const __ROOM_SIGNATURE__: string;

/** What has been compiled in this process, and what it was compiled from. */
export interface CompiledRoom {
  readonly script: Script;
  readonly text: Buffer;
}

interface Place {
  readonly directories: Directories;
  readonly ports: Ports;
}

type Define = (exports: object, require: (name: string) => unknown, room: { exports: object }) => void;

let place: Place | undefined;
let opened: { readonly exports: object } | undefined;
let compiledHere: CompiledRoom | undefined;

/** From now on the room may come from what is kept in these directories. Touches no disk. */
export function useCompiledRoom(directories: Directories, ports: Ports): void {
  place ??= { directories, ports };
}

/** What had to be compiled in this process, because nothing was kept that counts. */
export function newlyCompiled(): CompiledRoom | undefined {
  return compiledHere;
}

/**
 * What the room exports; undefined where it has to be loaded like any other file. Never throws.
 *
 * @public The build calls it where a function of the room is needed.
 */
export function openCompiledRoom(file: string): object | undefined {
  if (opened || !place) return opened?.exports;
  try {
    const location = placeOf(file);
    opened = location === undefined ? undefined : evaluate(location, place);
  } catch {
    // Loaded like any other file it says itself what is wrong with it.
    compiledHere = undefined;
  }
  return opened?.exports;
}

function evaluate(location: string | URL, { directories, ports }: Place): { readonly exports: object } | undefined {
  const file = process.getBuiltinModule("node:fs").readFileSync(location);
  // In a bundle of that name another file of the tool's may lie there.
  if (file.toString("latin1", 0, __ROOM_SIGNATURE__.length) !== __ROOM_SIGNATURE__) return undefined;
  const text = Buffer.concat([BEFORE, file, AFTER]);
  const cachedData = readCompiled(text, directories, ports);
  const { Script } = process.getBuiltinModule("node:vm");
  // The build writes nothing but ASCII, and no `import()`.
  const script = new Script(text.toString("latin1"), { filename: String(location), ...(cachedData ? { cachedData } : {}) });
  if (!cachedData || script.cachedDataRejected) compiledHere = { script, text };
  const room = { exports: {} };
  const define = script.runInThisContext() as Define;
  define.call(room.exports, room.exports, (name) => process.getBuiltinModule("node:module").createRequire(location)(name), room);
  return room;
}

/** As CommonJS has it. */
const [BEFORE, AFTER] = ["(function (exports, require, module) {", "\n})"].map((text) => Buffer.from(text)) as [Buffer, Buffer];

/** What is kept for this text and this Node.js, if it is undamaged. */
function readCompiled(text: Buffer, { data, compiledFile }: Directories, ports: Ports): Buffer | undefined {
  if (inspect(data, ports)?.status !== "private") return undefined;
  if (!ports.fileSystem.lstatSync(compiledFile, { throwIfNoEntry: false })?.isFile()) return undefined;
  const kept = ports.fileSystem.readFileSync(compiledFile);
  const expected = Buffer.concat([compiledBy(), text]);
  const length = (kept.length - expected.length) / 2;
  if (!Number.isInteger(length) || length <= 0) return undefined;
  const [head, code, again] = [kept.subarray(0, expected.length), kept.subarray(expected.length, expected.length + length), kept.subarray(expected.length + length)];
  return head.equals(expected) && code.equals(again) ? code : undefined;
}

/** The first line: which Node.js compiled it. V8 itself looks at its own version and flags, and refuses what another one made. */
export function compiledBy(): Buffer {
  return Buffer.from(`candor ${JSON.stringify([process.version, process.arch, process.execPath])}\n`);
}

/** Where the room lies beside this module; undefined in a bundle and in the source. */
function placeOf(file: string): string | URL | undefined {
  const entry = typeof __ENTRY__ === "string" ? __ENTRY__ : "";
  const found = /^(.*[\\/]core[\\/]dist[\\/])(?:cjs|esm)([\\/])index\.js$/.exec(entry);
  if (!found) return undefined;
  const path = `${found[1]}cjs${found[2]}${file}`;
  return path.startsWith("file:") ? new URL(path) : path;
}
