/**
 * A file system that fails on demand: the real one, behind rules that make chosen calls fail, stop the "process" at a
 * chosen step, write short, or run out of space. Without rules it changes nothing and only keeps the record of calls.
 */
import * as fs from "node:fs";
import { join } from "node:path";
import type { FileSystem } from "../src/platform/ports.ts";

export type CallName = keyof FileSystem;

export interface Call {
  readonly name: CallName;
  /** The path of the call, or of the file behind its descriptor. */
  readonly path: string;
}

export interface Fault {
  /** The system error's code: `ENOSPC`. */
  readonly code: string;
  /** Only this call; default: every mutating one. */
  readonly call?: CallName | readonly CallName[];
  /** Only calls with this in their path (or, for a rename, in its target). */
  readonly path?: string | RegExp;
  /** Which of the matching calls from now on fails; default the first. */
  readonly at?: number;
  /** Every matching call from that one on; default only that one. */
  readonly forever?: boolean;
  /** The call takes effect and then reports the failure, as a `close` may. */
  readonly afterwards?: boolean;
}

export interface FaultyFileSystem {
  readonly fileSystem: FileSystem;
  /** Every mutating call so far, those that failed included. */
  readonly mutations: readonly Call[];
  /** Every other call so far. */
  readonly reads: readonly Call[];
  /** Descriptors that are open now. */
  readonly openDescriptors: number;
  readonly crashed: boolean;
  fail(fault: Fault): void;
  /** Lets `steps` more mutating calls through; the next one, and every call after it, throws. */
  crashAfter(steps: number): void;
  /** As a process that ended at this moment: from now on every call throws. */
  crash(): void;
  /** Each `writeSync` takes at most this many bytes. */
  shortWrites(maxBytes: number): void;
  /** Everything below `root` may hold this many bytes together; what fits of a write is written. */
  limitSpace(root: string, maxBytes: number): void;
  /** Every mutating call fails with EROFS. */
  makeReadOnly(): void;
  /** No rule is left. */
  heal(): void;
}

/** Not a system error: code that survives it by looking at `code` would hide a crash. */
export class Crash extends Error {}

const MUTATING: ReadonlySet<CallName> = new Set<CallName>([
  "ftruncateSync", "linkSync", "mkdirSync", "renameSync", "rmSync", "rmdirSync", "unlinkSync", "writeSync", "writeFileSync",
]);

const NAMES: readonly CallName[] = [
  "accessSync", "closeSync", "fstatSync", "ftruncateSync", "linkSync", "lstatSync", "mkdirSync", "openSync", "readFileSync", "readdirSync", "readlinkSync",
  "realpathSync", "renameSync", "rmSync", "rmdirSync", "statSync", "unlinkSync", "writeSync", "writeFileSync",
];

interface Rule extends Fault {
  seen: number;
}

export function faultyFileSystem(): FaultyFileSystem {
  const mutations: Call[] = [];
  const reads: Call[] = [];
  const descriptors = new Map<number, string>();
  let rules: Rule[] = [];
  let stepsLeft = Number.POSITIVE_INFINITY;
  let crashed = false;
  let mostPerWrite = Number.POSITIVE_INFINITY;
  let space: { readonly root: string; readonly maxBytes: number } | undefined;

  const room = (): number => (space ? Math.max(0, space.maxBytes - bytesBelow(space.root)) : Number.POSITIVE_INFINITY);

  const failing = (name: CallName, path: string, mutating: boolean): Rule | undefined => {
    for (const rule of rules) {
      const named = rule.call === undefined ? mutating : [rule.call].flat().includes(name);
      const placed = rule.path === undefined || (typeof rule.path === "string" ? path.includes(rule.path) : rule.path.test(path));
      if (!named || !placed) continue;
      rule.seen++;
      const at = rule.at ?? 1;
      if (rule.seen === at || (rule.forever && rule.seen > at)) return rule;
    }
    return undefined;
  };

  const run = (name: CallName, args: readonly unknown[]): unknown => {
    const target = name === "renameSync" || name === "linkSync" ? ` -> ${String(args[1])}` : "";
    const path = (typeof args[0] === "number" ? (descriptors.get(args[0]) ?? "") : String(args[0])) + target;
    const mutating = MUTATING.has(name) || (name === "openSync" && args[1] !== undefined && args[1] !== "r");
    if (crashed) throw new Crash(`${name} after the crash`);
    (mutating ? mutations : reads).push({ name, path });
    if (mutating && stepsLeft-- <= 0) {
      crashed = true;
      throw new Crash(`crash before ${name} ${path}`);
    }
    const rule = failing(name, path, mutating);
    if (rule && !rule.afterwards) throw systemError(rule.code, name, path);
    const result = perform(name, args, path);
    if (rule) throw systemError(rule.code, name, path);
    return result;
  };

  const perform = (name: CallName, args: readonly unknown[], path: string): unknown => {
    const real = fs[name] as (...input: readonly unknown[]) => unknown;
    if (name === "openSync") {
      const descriptor = real(...args) as number;
      descriptors.set(descriptor, path);
      return descriptor;
    }
    if (name === "closeSync") descriptors.delete(args[0] as number);
    if (name === "writeSync") return write(args, path);
    if (name === "writeFileSync") return writeFile(args, path);
    return real(...args);
  };

  const write = ([descriptor, data, ...rest]: readonly unknown[], path: string): number => {
    const whole = typeof data === "string" ? Buffer.from(data) : (data as Buffer);
    const offset = typeof data === "string" ? 0 : Number(rest[0] ?? 0);
    const length = typeof data === "string" ? whole.length : Number(rest[1] ?? whole.length - offset);
    const position = typeof rest[2] === "number" ? rest[2] : null;
    const taken = Math.min(length, mostPerWrite, room());
    if (taken === 0 && length > 0) throw systemError("ENOSPC", "writeSync", path);
    return fs.writeSync(Number(descriptor), whole, offset, taken, position);
  };

  const writeFile = ([path, data, options]: readonly unknown[], described: string): void => {
    const whole = Buffer.from(String(data));
    const fits = room();
    fs.writeFileSync(String(path), whole.subarray(0, Math.min(fits, whole.length)), options as fs.WriteFileOptions);
    if (fits < whole.length) throw systemError("ENOSPC", "writeFileSync", described);
  };

  const calls = Object.fromEntries(NAMES.map((name) => [name, (...args: readonly unknown[]): unknown => run(name, args)]));
  return {
    fileSystem: calls as unknown as FileSystem,
    mutations,
    reads,
    get openDescriptors() {
      return descriptors.size;
    },
    get crashed() {
      return crashed;
    },
    fail: (fault) => void rules.push({ ...fault, seen: 0 }),
    crashAfter(steps) {
      stepsLeft = steps;
    },
    crash() {
      crashed = true;
    },
    shortWrites(maxBytes) {
      mostPerWrite = maxBytes;
    },
    limitSpace(root, maxBytes) {
      space = { root, maxBytes };
    },
    makeReadOnly: () => void rules.push({ code: "EROFS", forever: true, seen: 0 }),
    heal() {
      rules = [];
      stepsLeft = Number.POSITIVE_INFINITY;
      crashed = false;
      mostPerWrite = Number.POSITIVE_INFINITY;
      space = undefined;
    },
  };
}

function systemError(code: string, name: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: made up, ${name} '${path}'`), { code });
}

function bytesBelow(path: string): number {
  const found = fs.lstatSync(path, { throwIfNoEntry: false });
  if (!found) return 0;
  if (!found.isDirectory()) return found.size;
  return fs.readdirSync(path).reduce((sum, name) => sum + bytesBelow(join(path, name)), 0);
}
