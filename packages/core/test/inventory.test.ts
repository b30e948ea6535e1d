import { mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { formatLine } from "../src/spool/batch.ts";
import { createClaims } from "../src/spool/claim.ts";
import { type InventoryFaults, storedLines, type StoredLine } from "../src/spool/inventory.ts";
import { createSegment } from "../src/spool/segment.ts";
import type { Spool } from "../src/spool/spool.ts";
import { workstation } from "./fake-ports.ts";
import { addBatch, append, namedEvents, runUpload, spoolOn, spyDestination } from "./fixtures.ts";
import { spoolPerTest } from "./spool-per-test.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
const spool = spoolPerTest(machine);
let faults: InventoryFaults & { readonly unreadable: string[] };
beforeEach(() => {
  faults = { missing: 0, unreadable: [] };
});

const read = (from: Spool = spool): StoredLine[] => [...storedLines(from, faults)];
const namesIn = (lines: readonly StoredLine[]): string[] => lines.flatMap((line) => (line.status === "event" ? [line.event.name] : []));
const claimAll = (from: Spool): ReturnType<ReturnType<typeof createClaims>["take"]> =>
  createClaims(from).take({ destinations: ["a"], ready: new Set(["a"]), maxEvents: 1_000, maxBytes: 1e9 });

describe("an inventory of a spool in trouble", () => {
  it("shows a torn line as what it is, and every whole one", () => {
    const name = addBatch(spool, namedEvents(3));
    const text = readFileSync(join(spool.pending, name), "utf8");
    writeFileSync(join(spool.pending, name), text.slice(0, -10));
    const lines = read();
    expect(namesIn(lines)).toEqual(["e1", "e2"]);
    expect(lines.at(-1)).toMatchObject({ status: "damaged", path: join(spool.pending, name), text: expect.stringContaining("e3") });
    expect(faults).toEqual({ missing: 0, unreadable: [] });
  });

  it("says how many events are missing from a file that was cut short", () => {
    const name = addBatch(spool, namedEvents(3));
    truncateSync(join(spool.pending, name), 0);
    expect(read()).toEqual([]);
    expect(faults.missing).toBe(3);
  });

  it.each([
    ["a link", (path: string) => symlinkSync("/etc/hostname", path)],
    ["a directory", (path: string) => mkdirSync(path)],
  ])("names %s under a batch's name, and follows nothing", (_, make) => {
    const name = addBatch(spool, namedEvents(1));
    unlinkSync(join(spool.pending, name));
    make(join(spool.pending, name));
    addBatch(spool, namedEvents(1, 2));
    expect(namesIn(read())).toEqual(["e2"]);
    expect(faults.unreadable).toEqual([`${join(spool.pending, name)} (not a regular file)`]);
  });

  it("names a file that cannot be read, and shows the others", () => {
    const name = addBatch(spool, namedEvents(1));
    addBatch(spool, namedEvents(1, 2));
    machine.disk.fail({ call: "readFileSync", path: name, code: "EACCES", forever: true });
    expect(namesIn(read())).toEqual(["e2"]);
    expect(faults.unreadable).toEqual([`${join(spool.pending, name)} (EACCES)`]);
  });

  it("names a directory that cannot be listed, and shows what was found", () => {
    addBatch(spool, namedEvents(1));
    machine.disk.fail({ call: "readdirSync", path: "claimed", code: "EACCES", forever: true });
    expect(namesIn(read())).toEqual(["e1"]);
    expect(faults.unreadable).toEqual([expect.stringContaining("EACCES")]);
  });

  it("leaves foreign names alone", () => {
    for (const name of ["notes.txt", "x.ndjson", "batch.ndjson.tmp"]) writeFileSync(join(spool.pending, name), formatLine(namedEvents(1)[0] ?? never()));
    expect(read()).toEqual([]);
  });

  it("is empty without a spool", () => {
    const other = workstation();
    expect(read({ ...spool, ports: other.ports, open: `${other.home.path}/o`, pending: `${other.home.path}/p`, claimed: `${other.home.path}/c` })).toEqual([]);
    other.dispose();
  });
});

describe("an inventory while others work", () => {
  it("counts what is claimed until it is acknowledged", async () => {
    addBatch(spool, namedEvents(2));
    const other = machine.startProcess();
    const [batch] = claimAll(spoolOn(other));
    expect(readdirSync(spool.pending)).toEqual([]);
    expect(namesIn(read())).toEqual(["e1", "e2"]);
    createClaims(spoolOn(other)).release(batch ?? never());
    await runUpload(spool, [spyDestination("a")]);
    expect(read()).toEqual([]);
  });

  it("says which destinations have an event", async () => {
    addBatch(spool, namedEvents(1));
    await runUpload(spool, [spyDestination("a"), spyDestination("b", { results: [{ status: "blocked", reason: "401" }] })]);
    expect(read()).toEqual([expect.objectContaining({ status: "event", acknowledged: ["a"] })]);
  });

  it("shows complete batches by age, claimed or not, and then what is being written", () => {
    addBatch(spool, namedEvents(1));
    claimAll(spoolOn(machine.startProcess()));
    addBatch(spool, namedEvents(1, 2));
    append(createSegment(spoolOn(machine.startProcess())), 1, 4);
    addBatch(spool, namedEvents(1, 3));
    expect(namesIn(read())).toEqual(["e1", "e2", "e3", "e4"]);
  });

  it("shows what is being joined once, whether the originals are still there or not", () => {
    const home = join(spool.claimed, "12345678-5000001-0.x.joining");
    mkdirSync(home, { recursive: true });
    const originals = [addBatch(spool, namedEvents(1)), addBatch(spool, namedEvents(1, 2))];
    const texts = originals.map((name) => readFileSync(join(spool.pending, name), "utf8"));
    for (const name of originals) renameSync(join(spool.pending, name), join(home, name));
    expect(namesIn(read())).toEqual(["e1", "e2"]);
    const joined = originals[0]?.replace(/\.1\.\d+\.ndjson$/, `.2.${texts.join("").length}.ndjson.joined`) ?? never();
    writeFileSync(join(home, joined), texts.join(""));
    expect(namesIn(read())).toEqual(["e1", "e2"]);
    for (const name of originals) unlinkSync(join(home, name));
    expect(namesIn(read())).toEqual(["e1", "e2"]);
  });

  /** A reader of the spool in whose `at`-th read of a file something happens first. */
  const readingWhile = (at: number, happens: () => void): Spool => {
    const { fileSystem } = machine.ports;
    let reads = 0;
    const moving = {
      ...fileSystem,
      lstatSync: ((path: string, options: { throwIfNoEntry: false }) => {
        if (path.includes(".ndjson") && ++reads === at) happens();
        return fileSystem.lstatSync(path, options);
      }) as typeof fileSystem.lstatSync,
    };
    return { ...spool, ports: { ...machine.ports, fileSystem: moving } };
  };

  it.each([1, 2, 3])("misses nothing and shows nothing twice when everything is claimed before the %i. file is read", (at) => {
    for (const first of [1, 2, 3]) addBatch(spool, namedEvents(1, first));
    const theirs = spoolOn(machine.startProcess());
    expect(namesIn(read(readingWhile(at, () => void claimAll(theirs)))).sort()).toEqual(["e1", "e2", "e3"]);
    expect(faults).toEqual({ missing: 0, unreadable: [] });
  });

  it.each([1, 2, 3])("misses nothing and shows nothing twice when all are joined into one before the %i. file is read", (at) => {
    const batches = [1, 2, 3].map((first) => addBatch(spool, namedEvents(1, first)));
    const join3 = (): void => {
      const texts = batches.map((name) => readFileSync(join(spool.pending, name), "utf8"));
      for (const name of batches) unlinkSync(join(spool.pending, name));
      writeFileSync(join(spool.pending, batches[0]?.replace(/\.1\.\d+\.ndjson$/, `.3.${texts.join("").length}.ndjson`) ?? never()), texts.join(""));
    };
    expect(namesIn(read(readingWhile(at, join3))).sort()).toEqual(["e1", "e2", "e3"]);
  });

  it("ends although files keep moving", () => {
    addBatch(spool, namedEvents(1));
    const { fileSystem } = machine.ports;
    let moves = 0;
    const restless = {
      ...fileSystem,
      lstatSync: ((path: string, options: { throwIfNoEntry: false }) => {
        for (const name of readdirSync(spool.pending)) renameSync(join(spool.pending, name), join(spool.pending, name.replace(/(\.\d+\.\d+).*$/, `$1.k${++moves}.ndjson`)));
        return fileSystem.lstatSync(path, options);
      }) as typeof fileSystem.lstatSync,
    };
    expect(read({ ...spool, ports: { ...machine.ports, fileSystem: restless } })).toEqual([]);
    expect(moves).toBeLessThan(100);
  });
});

it("changes nothing and holds no file open", () => {
  addBatch(spool, namedEvents(2));
  claimAll(spoolOn(machine.startProcess()));
  addBatch(spool, namedEvents(2));
  const before = machine.disk.mutations.length;
  read();
  expect(machine.disk.mutations).toHaveLength(before);
  expect(machine.disk.openDescriptors).toBe(0);
});

function never(): never {
  throw new Error("there is none");
}
