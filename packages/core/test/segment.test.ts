import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { formatLine } from "../src/spool/batch.ts";
import { createSegment } from "../src/spool/segment.ts";
import { listPending } from "../src/spool/spool.ts";
import { purgeSpools } from "../src/spool/purge.ts";
import { append, filesIn, namedEvents, pending, spoolOn, stored } from "./fixtures.ts";
import { spoolPerTest } from "./spool-per-test.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
const spool = spoolPerTest(machine);

describe("a segment", () => {
  it("creates nothing before the first event", () => {
    createSegment(spool).seal();
    expect(filesIn(spool.open)).toEqual([]);
    expect(filesIn(spool.pending)).toEqual([]);
  });

  it("holds each event as soon as it is appended, for the user alone", () => {
    const segment = createSegment(spool);
    append(segment, 1);
    expect(stored(spool)).toEqual(["e1"]);
    const [path] = filesIn(spool.open);
    expect(statSync(path ?? "").mode & 0o777).toBe(0o600);
    segment.discard();
    expect(stored(spool)).toEqual([]);
  });

  it("becomes a batch whose name tells the truth", () => {
    const segment = createSegment(spool);
    append(segment, 3);
    const { bytes } = segment;
    expect(segment.seal()).toHaveLength(1);
    const [batch] = listPending(spool);
    expect(batch).toMatchObject({ events: 3, bytes });
    expect(statSync(join(spool.pending, batch?.name ?? "")).size).toBe(bytes);
    expect(machine.disk.openDescriptors).toBe(0);
  });

  it("makes no batch of what somebody deleted meanwhile", () => {
    const segment = createSegment(spool);
    append(segment, 1);
    purgeSpools(spool.directories, machine.ports);
    expect(segment.seal()).toEqual([]);
    expect(machine.disk.openDescriptors).toBe(0);
  });

  it("takes each event in whole, however short the disk's writes are", () => {
    machine.disk.shortWrites(7);
    const segment = createSegment(spool);
    append(segment, 3);
    expect(stored(spool)).toEqual(["e1", "e2", "e3"]);
  });

  it("cuts off what a full disk left of an event", () => {
    const segment = createSegment(spool);
    append(segment, 1);
    const used = filesIn(spool.directories.data).reduce((sum, path) => sum + statSync(path).size, 0);
    machine.disk.limitSpace(spool.directories.data, used + 20);
    expect(segment.append(formatLine(namedEvents(1, 2)[0]!)).status).toBe("refused");
    machine.disk.heal();
    append(segment, 1, 3);
    segment.seal();
    expect(pending(spool)).toEqual(["e1", "e3"]);
    expect(listPending(spool)[0]).toMatchObject({ events: 2 });
  });

  it("leaves no half line when cutting it off fails too", () => {
    const segment = createSegment(spool);
    append(segment, 1);
    const used = filesIn(spool.directories.data).reduce((sum, path) => sum + statSync(path).size, 0);
    machine.disk.limitSpace(spool.directories.data, used + 20);
    machine.disk.fail({ call: "ftruncateSync", code: "EIO", forever: true });
    expect(segment.append(formatLine(namedEvents(1, 2)[0]!)).status).toBe("refused");
    machine.disk.heal();
    append(segment, 1, 3);
    segment.seal();
    expect(pending(spool)).toEqual(["e1", "e3"]);
  });

  it("leaves no descriptor open when the disk has no room for the reserve", () => {
    const segment = createSegment(spool);
    machine.disk.fail({ call: "writeFileSync", path: "reserve", code: "EDQUOT", forever: true });
    for (let attempt = 0; attempt < 5; attempt++) segment.append(formatLine(namedEvents(1)[0]!));
    expect(machine.disk.openDescriptors).toBeLessThanOrEqual(1);
    expect(filesIn(spool.open).length).toBeLessThanOrEqual(1);
  });

  it("does not write to a descriptor again whose closing failed", () => {
    const segment = createSegment(spool);
    append(segment, 1);
    machine.disk.fail({ call: "closeSync", code: "EIO", afterwards: true });
    try {
      segment.seal();
    } catch {
      // It may say so; the descriptor is gone either way, and its number belongs to the tool's next file.
    }
    const theirs = join(machine.home.path, "theirs");
    const descriptor = machine.ports.fileSystem.openSync(theirs, "w");
    segment.append(formatLine(namedEvents(1, 2)[0]!));
    machine.ports.fileSystem.closeSync(descriptor);
    expect(readFileSync(theirs, "utf8")).toBe("");
    expect(stored(spool)).toContain("e1");
  });

  it.each([0, 1, 2, 3])("keeps its events when sealing crashes after step %i", (steps) => {
    const doomed = machine.startProcess();
    const segment = createSegment(spoolOn(doomed));
    append(segment, 2);
    doomed.disk.crashAfter(steps);
    try {
      segment.seal();
    } catch {
      // The process is gone; what is on disk counts.
    }
    expect(stored(spool)).toEqual(["e1", "e2"]);
  });
});
