import * as fs from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { temporaryHome, type TemporaryHome } from "@candor/testing";
import { createMemoryFileSystem } from "../src/platform/memory-file-system.ts";
import { type FileSystem, systemErrorCode } from "../src/platform/ports.ts";

let home: TemporaryHome;
beforeEach(() => {
  home = temporaryHome();
});
afterEach(() => home.dispose());

const inMemory = (): FileSystem => {
  const files = createMemoryFileSystem(() => 1_000, process.getuid?.());
  files.mkdirSync(home.path, { recursive: true, mode: 0o700 });
  return files;
};

/** What can be told of the outcome of a call: its value, or the code of its error. */
function outcomeOf(call: () => unknown): unknown {
  try {
    return call() ?? "done";
  } catch (error) {
    return systemErrorCode(error) ?? String(error);
  }
}

/** One call, in a form in which candor makes it. */
type Operation = readonly [name: string, call: (files: FileSystem, at: (...parts: string[]) => string) => unknown];

const kindOf = (files: FileSystem, path: string): unknown => {
  const found = files.lstatSync(path, { throwIfNoEntry: false });
  return found ? { file: found.isFile(), directory: found.isDirectory(), link: found.isSymbolicLink(), size: found.isFile() ? found.size : 0, uid: found.uid } : "nothing";
};

function append(files: FileSystem, path: string, text: string): unknown {
  const descriptor = files.openSync(path, "a", 0o600);
  try {
    const data = Buffer.from(text);
    for (let written = 0; written < data.length; ) written += files.writeSync(descriptor, data, written);
    return files.fstatSync(descriptor).size;
  } finally {
    files.closeSync(descriptor);
  }
}

const DIRECTORY: Operation = ["make a directory", (files, at) => void files.mkdirSync(at("a", "b"), { recursive: true, mode: 0o700 })];
const write = (name: string, text: string): Operation => [`write ${name}`, (files, at) => files.writeFileSync(at("a", "b", name), text, { flag: "w", mode: 0o600 })];
const create = (name: string, text: string): Operation => [`create ${name}`, (files, at) => files.writeFileSync(at("a", "b", name), text, { flag: "wx", mode: 0o600 })];
const appendTo = (name: string, text: string): Operation => [`append to ${name}`, (files, at) => append(files, at("a", "b", name), text)];
const rename = (from: string, to: string): Operation => [`rename ${from} to ${to}`, (files, at) => files.renameSync(at("a", "b", from), at("a", "b", to))];
const unlink = (name: string): Operation => [`unlink ${name}`, (files, at) => files.unlinkSync(at("a", "b", name))];
const remove = (name: string): Operation => [`remove ${name}`, (files, at) => files.rmSync(at("a", "b", name), { force: true })];
const read = (name: string): Operation => [`read ${name}`, (files, at) => files.readFileSync(at("a", "b", name), "utf8")];
const look = (name: string): Operation => [`look at ${name}`, (files, at) => kindOf(files, at("a", "b", name))];
const LIST: Operation = ["list", (files, at) => files.readdirSync(at("a", "b")).sort((a, b) => (a < b ? -1 : 1))];
const REMOVE_EMPTY: Operation = ["remove the empty directory", (files, at) => files.rmdirSync(at("a", "b"))];
const REMOVE_ALL: Operation = ["remove everything", (files, at) => files.rmSync(at("a"), { recursive: true, force: true, maxRetries: 3 })];

function play(files: FileSystem, operations: readonly Operation[]): readonly (readonly [string, unknown])[] {
  const at = (...parts: string[]): string => join(home.path, ...parts);
  return operations.map(([name, call]) => [name, outcomeOf(() => call(files, at))] as const);
}

describe("the file system in memory", () => {
  const scripts: readonly [string, readonly Operation[]][] = [
    ["a file's life", [DIRECTORY, look("x"), create("x", "é\n"), look("x"), read("x"), create("x", "again"), write("x", "other"), read("x"), unlink("x"), look("x"), unlink("x"), read("x")]],
    ["appending", [DIRECTORY, appendTo("x", "one\n"), appendTo("x", "zwei é\n"), read("x"), look("x")]],
    ["renaming", [DIRECTORY, create("x", "1"), create("y", "2"), rename("x", "y"), read("y"), look("x"), LIST, rename("gone", "y"), read("y")]],
    ["directories", [LIST, DIRECTORY, DIRECTORY, LIST, create("x", ""), create("y", ""), LIST, REMOVE_EMPTY, unlink("x"), unlink("y"), REMOVE_EMPTY, LIST, REMOVE_EMPTY]],
    ["removing", [remove("x"), DIRECTORY, remove("x"), create("x", "1"), remove("x"), look("x"), create("y", "2"), REMOVE_ALL, LIST, look("y"), REMOVE_ALL]],
  ];

  it.each(scripts)("does the same as a disk: %s", (_, operations) => {
    expect(play(inMemory(), operations)).toEqual(play(fs, operations));
  });

  it("does the same as a disk for any order of calls", () => {
    const name = fc.constantFrom("x", "y");
    const operation = fc.oneof(
      fc.constantFrom(DIRECTORY, LIST, REMOVE_EMPTY),
      fc.tuple(fc.constantFrom(create, write, appendTo), name, fc.constantFrom("", "1\n", "zwei\n")).map(([make, of, text]) => make(of, text)),
      fc.tuple(fc.constantFrom(unlink, remove, read, look), name).map(([make, of]) => make(of)),
      fc.constantFrom(rename("x", "y"), rename("y", "x")),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 25 }), (operations) => {
        // Its directory is always there first, as everywhere in candor.
        const script = [DIRECTORY, ...operations.flatMap((each) => (each === REMOVE_EMPTY ? [each, DIRECTORY] : [each])), LIST, read("x"), read("y")];
        fs.rmSync(join(home.path, "a"), { recursive: true, force: true });
        expect(play(inMemory(), script)).toEqual(play(fs, script));
      }),
      { numRuns: 150 },
    );
  });

  it("writes an open file at its end, cuts it, and forgets it when it is closed", () => {
    const story = (files: FileSystem): unknown => {
      const path = join(home.path, "segment");
      const descriptor = files.openSync(path, "wx", 0o600);
      const [one, two] = [Buffer.from("one\n"), Buffer.from("two\n")];
      const sizes = [files.writeSync(descriptor, one, 0, one.length, 0), files.writeSync(descriptor, two, 0, two.length, one.length), files.fstatSync(descriptor).size];
      files.ftruncateSync(descriptor, 4);
      files.closeSync(descriptor);
      return [sizes, files.readFileSync(path, "utf8"), outcomeOf(() => files.openSync(path, "wx", 0o600))];
    };
    expect(story(inMemory())).toEqual(story(fs));
  });

  it("is empty again for each one who makes it", () => {
    play(inMemory(), [DIRECTORY, create("x", "1")]);
    expect(play(inMemory(), [look("x")])).toEqual([["look at x", "nothing"]]);
    expect(fs.readdirSync(home.path)).toEqual([]);
  });
});
