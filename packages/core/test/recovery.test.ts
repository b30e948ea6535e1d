import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { formatLine } from "../src/spool/batch.ts";
import { createClaims } from "../src/spool/claim.ts";
import { readLosses } from "../src/spool/losses.ts";
import { thisOwner } from "../src/platform/owner.ts";
import { recoverOrphans } from "../src/spool/recovery.ts";
import { createSegment } from "../src/spool/segment.ts";
import type { FakeProcess } from "./fake-ports.ts";
import { addBatch, filesIn, namedEvents, pending, runUpload, spoolOn, spyDestination, stored } from "./fixtures.ts";
import { spoolPerTest } from "./spool-per-test.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
const spool = spoolPerTest(machine);
let dead: FakeProcess;
beforeEach(() => {
  dead = machine.startProcess();
});

const die = (): boolean => machine.host.living.delete(dead.host.id);

/** A segment of the other process with these events, not sealed. */
function leaveSegment(count: number, first = 1): void {
  const segment = createSegment(spoolOn(dead));
  for (const event of namedEvents(count, first)) expect(segment.append(formatLine(event)).status).toBe("stored");
}

function leaveClaim(count: number, first = 1): void {
  addBatch(spool, namedEvents(count, first));
  createClaims(spoolOn(dead)).take({ destinations: ["a"], ready: new Set(["a"]), maxEvents: 1, maxBytes: 1 });
}

const tree = (): string[] => filesIn(join(spool.pending, "..")).map((path) => `${path} ${readFileSync(path, "utf8")}`).sort();

describe("recovery", () => {
  it("leaves the living alone", () => {
    leaveSegment(1);
    leaveClaim(1, 2);
    const before = tree();
    recoverOrphans(spool);
    expect(tree()).toEqual(before);
  });

  it("takes back claims and segments of the dead, and doing it again changes nothing", () => {
    leaveSegment(2);
    leaveClaim(2, 3);
    die();
    recoverOrphans(spool);
    expect(pending(spool)).toEqual(["e1", "e2", "e3", "e4"]);
    expect([...readdirSync(spool.claimed), ...readdirSync(spool.open)]).toEqual([]);
    const once = tree();
    recoverOrphans(spool);
    expect(tree()).toEqual(once);
  });

  it("is harmless in two processes at once", () => {
    leaveSegment(2);
    leaveClaim(2, 3);
    die();
    // The other one does it all in the middle of ours, at each of our steps.
    const other = spoolOn(machine.startProcess());
    let done = false;
    const renameSyncMeanwhile: typeof machine.ports.fileSystem.renameSync = (from, to) => {
      if (!done) {
        done = true;
        recoverOrphans(other);
      }
      machine.ports.fileSystem.renameSync(from, to);
    };
    recoverOrphans({ ...spool, ports: { ...spool.ports, fileSystem: { ...spool.ports.fileSystem, renameSync: renameSyncMeanwhile } } });
    expect(pending(spool)).toEqual(["e1", "e2", "e3", "e4"]);
  });

  it.each([0, 1, 2, 3, 4, 5, 6])("loses and doubles nothing when it crashes after step %i itself", (steps) => {
    leaveSegment(2);
    leaveClaim(2, 3);
    die();
    const doomed = machine.startProcess();
    const theirs = spoolOn(doomed);
    doomed.disk.crashAfter(steps);
    try {
      recoverOrphans(theirs);
    } catch {
      // The process is gone; what is on disk counts.
    }
    recoverOrphans(spool);
    expect(pending(spool)).toEqual(["e1", "e2", "e3", "e4"]);
  });

  it("deletes empty segments and counts a torn line as corrupt when it is delivered", async () => {
    leaveSegment(1);
    const [path] = filesIn(spool.open);
    if (!path) throw new Error("no segment");
    writeFileSync(path, `${readFileSync(path, "utf8")}{"id":"torn`);
    writeFileSync(path.replace(/\.[0-9a-f]{8}\./, ".00000000."), "");
    die();
    const destination = spyDestination("a");
    await runUpload(spool, [destination]);
    expect(destination.backend.events.map(({ name }) => name)).toEqual(["e1"]);
    expect(readLosses(spool.directories, machine.ports)).toEqual({ corrupt: 1 });
    expect(stored(spool)).toEqual([]);
  });

  it("waits for the owners of another machine, by the time of their last sign", () => {
    leaveSegment(1);
    leaveClaim(1, 2);
    die();
    const host = machine.startProcess();
    host.host.name = "another";
    const theirs = { ...spool, ports: host.ports };
    const age = (path: string, ms: number): void => utimesSync(path, (machine.clock.now() - ms) / 1_000, (machine.clock.now() - ms) / 1_000);
    const [segment] = filesIn(spool.open);
    const home = join(spool.claimed, thisOwner(dead.ports));
    if (!segment) throw new Error("no segment");
    age(segment, 23 * 3_600_000);
    age(home, 14 * 60_000);
    recoverOrphans(theirs);
    expect(pending(spool)).toEqual([]);
    age(home, 16 * 60_000);
    recoverOrphans(theirs);
    expect(pending(spool)).toEqual(["e2"]);
    age(segment, 25 * 3_600_000);
    recoverOrphans(theirs);
    expect(pending(spool)).toEqual(["e1", "e2"]);
  });

  describe("leaves foreign files untouched:", () => {
    it.each([
      ["a file in open", () => join(spool.open, "notes.ndjson")],
      ["a text beside the segments", () => join(spool.open, "readme.txt")],
      ["a file in somebody's directory in claimed", () => join(spool.claimed, "somebody", "notes.txt")],
      ["a batch in somebody's directory in claimed", () => join(spool.claimed, "somebody", "019b0000-0000-7000-8000-000000000000.1.10.ndjson")],
      ["a file in a dead owner's claim", () => join(spool.claimed, thisOwner(dead.ports), "notes.txt")],
      ["a file in claimed itself", () => join(spool.claimed, "notes.txt")],
    ])("%s", (_, place) => {
      mkdirSync(join(place(), ".."), { recursive: true });
      writeFileSync(place(), "theirs\n");
      die();
      recoverOrphans(spool);
      expect(readFileSync(place(), "utf8")).toBe("theirs\n");
      expect(readdirSync(spool.pending)).toEqual([]);
    });
  });

  it.each([
    ["segment", "open"],
    ["claim", "claimed"],
  ])("is not stopped for all others by one %s that cannot be read", (_, place) => {
    leaveSegment(1);
    leaveClaim(1, 2);
    const next = machine.startProcess();
    const first = dead;
    dead = next;
    leaveSegment(1, 3);
    leaveClaim(1, 4);
    die();
    machine.host.living.delete(first.host.id);
    machine.disk.fail({ call: ["readFileSync", "readdirSync"], path: new RegExp(`/${place}/.*${first.host.id}`), code: "EIO", forever: true });
    try {
      recoverOrphans(spool);
    } catch {
      // It may say so, but then nothing is ever sent again.
    }
    expect(pending(spool)).toEqual(place === "open" ? ["e2", "e3", "e4"] : ["e1", "e3", "e4"]);
  });
});
