import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import type { TelemetryEvent } from "@candor/backend";
import { sampleEvent } from "@candor/testing";
import { readReceipts, type Receipt, type ReceiptBook, receiptFiles, writeReceipts } from "../src/delivery/receipts.ts";
import { readJournal } from "../src/destination/destination-journal.ts";
import { addBatch, namedEvents, runUpload, spoolOn, spyDestination, stored } from "./fixtures.ts";
import { spoolPerTest } from "./spool-per-test.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
const spool = spoolPerTest(machine);

const book = (): ReceiptBook => readReceipts(spool.directories, machine.ports);
const file = (): string => spool.directories.receiptsFile;
const receiptOf = (event: TelemetryEvent): Receipt => ({ at: "2026-01-02T03:04:05.000Z", destination: "http (https://h/e)", outcome: "accepted", event });
const write = (count: number, first = 1): number => writeReceipts(namedEvents(count, first).map(receiptOf), spool);

describe("a receipts file in trouble", () => {
  it.each(["", "{", '{"at":1}', "[]", '{"at":"x","destination":"y","outcome":"accepted","event":{}}', '{"at":"x","destination":"y","outcome":"praised","event":null}'])("costs the line that holds %j and no other", (line) => {
    write(1);
    writeFileSync(file(), `${readFileSync(file(), "utf8")}${line}\n`);
    write(1, 2);
    expect(book().receipts.map(({ event }) => event.name)).toEqual(["e1", "e2"]);
    expect(book().damaged).toBe(line === "" ? 0 : 1);
  });

  it("loses one receipt at most when it was torn at any byte", () => {
    write(2);
    const whole = readFileSync(file(), "utf8");
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(file(), whole.slice(0, length));
      write(1, 3);
      const { receipts, damaged } = book();
      expect(receipts.at(-1)?.event.name).toBe("e3");
      expect(damaged).toBeLessThanOrEqual(1);
    }
  });

  it.each(["receipts.ndjson", "receipts.ndjson.1"])("is not read through a link at %s, and says so", (name) => {
    writeFileSync(`${machine.home.path}/elsewhere`, `${JSON.stringify(receiptOf(sampleEvent()))}\n`);
    symlinkSync(`${machine.home.path}/elsewhere`, `${spool.directories.data}/${name}`);
    expect(book().receipts).toEqual([]);
    expect(book().problems).toEqual([expect.stringContaining(`${name} cannot be read (not a regular file)`)]);
  });

  it("is not written through a link", async () => {
    writeFileSync(`${machine.home.path}/elsewhere`, "mine");
    symlinkSync(`${machine.home.path}/elsewhere`, file());
    addBatch(spool, namedEvents(2));
    await runUpload(spool, [spyDestination("a")]);
    expect(readFileSync(`${machine.home.path}/elsewhere`, "utf8")).toBe("mine");
    expect(readJournal(spool.directories, machine.ports)["a"]).toMatchObject({ accepted: 2, receiptsLost: 2 });
  });

  it("costs the delivery nothing when the disk is full, and counts what is missing", async () => {
    addBatch(spool, namedEvents(3));
    machine.disk.fail({ code: "ENOSPC", path: "receipts", forever: true });
    const a = spyDestination("a");
    await runUpload(spool, [a]);
    expect(a.backend.acknowledged).toHaveLength(3);
    expect(stored(spool)).toEqual([]);
    expect(book()).toEqual({ receipts: [], damaged: 0, problems: [] });
    expect(readJournal(spool.directories, machine.ports)["a"]).toMatchObject({ accepted: 3, receiptsLost: 3 });
  });

  it("leaves no part of what did not fit on the disk, and keeps what was there", () => {
    write(2);
    machine.disk.limitSpace(file(), statSync(file()).size + 700);
    expect(write(5, 3)).toBe(5);
    expect(book()).toMatchObject({ damaged: 0, receipts: [{ event: { name: "e1" } }, { event: { name: "e2" } }] });
    machine.disk.heal();
    expect(write(1, 8)).toBe(0);
    expect(book().receipts).toHaveLength(3);
  });

  it("is delivered past a directory that stands in its place", async () => {
    mkdirSync(file());
    addBatch(spool, namedEvents(1));
    const a = spyDestination("a");
    await runUpload(spool, [a]);
    expect(a.backend.acknowledged).toHaveLength(1);
    expect(stored(spool)).toEqual([]);
  });

  it("hides no event when the uploader is killed at any step: it is on record, or it still waits", async () => {
    for (let steps = 0; steps < 15; steps++) {
      machine.renew();
      spool.renew();
      addBatch(spool, namedEvents(2));
      const doomed = machine.startProcess();
      const theirs = spoolOn(doomed);
      doomed.disk.crashAfter(steps);
      await runUpload(theirs, [spyDestination("a")]).catch(() => undefined);
      const known = new Set([...stored(spool), ...book().receipts.map(({ event }) => event.name)]);
      expect({ steps, known: [...known].sort() }).toEqual({ steps, known: ["e1", "e2"] });
    }
  });
});

describe("the bound", () => {
  const bounded = (receiptBytes: number): void => {
    spool.renew({ receiptBytes });
  };
  const total = (): number => receiptFiles(spool.directories).reduce((sum, path) => sum + (existsSync(path) ? statSync(path).size : 0), 0);

  it("holds whatever is written, and keeps the newest", () => {
    bounded(8_192);
    for (let index = 1; index <= 100; index++) {
      write(1, index);
      expect(total()).toBeLessThanOrEqual(8_192);
      expect(book().receipts.at(-1)?.event.name).toBe(`e${index}`);
    }
    expect(book().receipts.length).toBeGreaterThan(5);
  });

  it("keeps the newest of one request that is larger than half of it", () => {
    bounded(8_192);
    expect(write(100)).toBe(0);
    expect(total()).toBeLessThanOrEqual(8_192);
    expect(book().receipts.at(-1)?.event.name).toBe("e100");
    expect(book().receipts.length).toBeGreaterThan(5);
  });

  it("has room for none when an event is larger than half of it", () => {
    bounded(1_024);
    write(1);
    expect(writeReceipts([receiptOf(sampleEvent({ metadata: { filler: "x".repeat(2_000) } }))], spool)).toBe(0);
    expect(total()).toBeLessThanOrEqual(1_024);
  });

  it("of 0 keeps none, and writes no file", async () => {
    bounded(0);
    addBatch(spool, namedEvents(2));
    await runUpload(spool, [spyDestination("a")]);
    expect(existsSync(file())).toBe(false);
    expect(readJournal(spool.directories, machine.ports)["a"]).toMatchObject({ accepted: 2, receiptsLost: 0 });
  });

  it("does not hide receipts from a reader between whose looks the file becomes the older part", () => {
    bounded(4_096);
    const [firstHalf, secondHalf] = [6, 6];
    write(firstHalf);
    const { fileSystem } = machine.ports;
    let looks = 0;
    const moving = {
      ...machine.ports,
      fileSystem: {
        ...fileSystem,
        readFileSync: ((path: string, encoding: "utf8") => {
          const text = fileSystem.readFileSync(path, encoding);
          // The file just read becomes the older part before the older part is read.
          if (looks++ === 0) write(secondHalf, firstHalf + 1);
          return text;
        }) as typeof fileSystem.readFileSync,
      },
    };
    const seen = readReceipts(spool.directories, moving).receipts.map(({ event }) => event.name);
    expect(existsSync(receiptFiles(spool.directories)[0] ?? "")).toBe(true);
    expect(seen).toEqual([...new Set(seen)]);
    expect(seen).toEqual(book().receipts.map(({ event }) => event.name));
  });
});
