import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { parseBatchName, parseLines } from "../src/spool/batch.ts";
import { coalesce } from "../src/spool/coalescence.ts";
import { recoverOrphans } from "../src/spool/recovery.ts";
import { listPending, measureSpool, type Spool } from "../src/spool/spool.ts";
import { addBatch, namedEvents, names, pending, runUpload, spoolOn, spyDestination, stored } from "./fixtures.ts";
import { answer, collectorOn, HTTP, spoolAsFound, trackNamed } from "./options.ts";
import { spoolPerTest } from "./spool-per-test.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
const spool = spoolPerTest(machine);

const MANY = 65;
/** How many of them are joined. */
const JOINED = 5;

function addMany(count = MANY, first = 1, acknowledged: readonly string[] = []): void {
  for (let index = 0; index < count; index++) addBatch(spool, namedEvents(1, first + index), acknowledged);
}

/** The names of the events that wait, in order, by the destinations that have them. */
function byKey(from: Spool): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const { name, acknowledged } of listPending(from)) {
    (found[acknowledged.join("+")] ??= []).push(...names(parseLines(readFileSync(join(from.pending, name), "utf8")).events));
  }
  return found;
}

const all = (count = MANY, first = 1): string[] => names(namedEvents(count, first));

function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // A crash or a full disk; what is on disk counts.
  }
}

describe("coalescing", () => {
  it("joins a sixteenth of many into one, in order, with the truth in its name", () => {
    addMany();
    const before = measureSpool(spool);
    coalesce(spool);
    expect(listPending(spool)).toHaveLength(MANY - JOINED + 1);
    expect(pending(spool)).toEqual(all());
    expect(measureSpool(spool)).toEqual({ ...before, batches: MANY - JOINED + 1 });
    expect(readdirSync(spool.claimed)).toEqual([]);
  });

  it("keeps batches within their bound and those of different destinations apart", () => {
    const small = spoolOn(machine, { batchBytes: 2_000, spoolBytes: 1024 * 1024 });
    addMany(40);
    addMany(40, 41, ["a"]);
    coalesce(small);
    const batches = listPending(small);
    expect(batches.length).toBeLessThan(80);
    expect(Math.max(...batches.map(({ bytes }) => bytes))).toBeLessThanOrEqual(2_000);
    expect(new Set(batches.map(({ acknowledged }) => acknowledged.join("+")))).toEqual(new Set(["", "a"]));
    expect(pending(small)).toEqual(all(80));
  });

  it("keeps every event, the order within each destination and the bound, whatever the sizes", () => {
    const batches = fc.array(fc.record({ events: fc.integer({ min: 1, max: 4 }), acknowledged: fc.constantFrom([], ["a"], ["a", "b"]) }), { minLength: MANY, maxLength: 100 });
    fc.assert(
      fc.property(batches, fc.integer({ min: 300, max: 6_000 }), (made, batchBytes) => {
        machine.renew();
        const bounded = spoolOn(machine, { batchBytes, spoolBytes: 1024 * 1024 });
        let first = 1;
        for (const { events, acknowledged } of made) {
          addBatch(bounded, namedEvents(events, first), acknowledged);
          first += events;
        }
        const before = byKey(bounded);
        const largest = Math.max(batchBytes, ...listPending(bounded).map(({ bytes }) => bytes));
        coalesce(bounded);
        expect(byKey(bounded)).toEqual(before);
        expect(Math.max(...listPending(bounded).map(({ bytes }) => bytes))).toBeLessThanOrEqual(largest);
      }),
      { numRuns: 25 },
    );
  });

  it("goes on without what another process took meanwhile", () => {
    addMany();
    const [first] = listPending(spool);
    const fileSystem = { ...spool.ports.fileSystem };
    let stolen = false;
    fileSystem.renameSync = (from, to) => {
      if (!stolen && first) spool.ports.fileSystem.renameSync(join(spool.pending, first.name), join(spool.open, "stolen"));
      stolen = true;
      spool.ports.fileSystem.renameSync(from, to);
    };
    coalesce({ ...spool, ports: { ...spool.ports, fileSystem } });
    expect(pending(spool)).toEqual(all(MANY - 1, 2));
    expect(parseBatchName(listPending(spool)[0]?.name ?? "")?.events).toBe(JOINED - 1);
  });

  it("loses and doubles nothing when it crashes after any step", () => {
    addMany();
    coalesce(spool);
    const steps = machine.disk.mutations.length + 2;
    for (let crashAt = 0; crashAt <= steps; crashAt++) {
      machine.renew();
      spool.renew();
      addMany();
      const doomed = machine.startProcess();
      const theirs = spoolOn(doomed);
      doomed.disk.crashAfter(crashAt);
      attempt(() => coalesce(theirs));
      machine.host.living.delete(doomed.host.id);
      recoverOrphans(spool);
      expect({ crashAt, left: pending(spool) }).toEqual({ crashAt, left: all() });
      expect(readdirSync(spool.claimed)).toEqual([]);
    }
  });

  it("loses, doubles and strands nothing when any one step fails, for the process that goes on either", async () => {
    for (let failing = 1; failing <= 2 * JOINED + 6; failing++) {
      machine.renew();
      spool.renew();
      addMany();
      const doomed = machine.startProcess();
      const theirs = spoolOn(doomed);
      doomed.disk.fail({ code: "EIO", at: failing });
      attempt(() => coalesce(theirs));
      expect({ failing, waiting: measureSpool(theirs).events }).toEqual({ failing, waiting: MANY });
      doomed.disk.heal();
      const a = spyDestination("a");
      await runUpload(theirs, [a]);
      expect({ failing, sent: names(a.backend.acknowledged).sort() }).toEqual({ failing, sent: all().sort() });
    }
  });

  it("takes back later what it could not give back at once, and counts it until then", async () => {
    addMany();
    machine.disk.fail({ call: "renameSync", path: ".joined ->", code: "EPERM", forever: true });
    attempt(() => coalesce(spool));
    machine.disk.heal();
    expect(measureSpool(spool).events).toBe(MANY);
    expect(pending(spool)).toHaveLength(MANY - JOINED);
    machine.clock.advance(5 * 60_000);
    const a = spyDestination("a");
    await runUpload(spool, [a]);
    expect(names(a.backend.acknowledged).sort()).toEqual(all().sort());
  });

  it("loses nothing when one join failed at its end and the next one of the same process crashes", () => {
    addMany();
    const doomed = machine.startProcess();
    const theirs = spoolOn(doomed);
    doomed.disk.fail({ call: "renameSync", path: ".joined ->", code: "EIO" });
    attempt(() => coalesce(theirs));
    addMany(MANY, MANY + 1);
    doomed.disk.fail({ call: "writeFileSync", path: ".joined", code: "EIO" });
    doomed.disk.crashAfter(2 * JOINED);
    attempt(() => coalesce(theirs));
    machine.host.living.delete(doomed.host.id);
    recoverOrphans(spool);
    expect([...new Set(stored(spool))]).toEqual(all(2 * MANY));
  });

  it("leaves the batches as they are on a full disk", () => {
    addMany();
    machine.disk.fail({ call: "writeFileSync", code: "ENOSPC", forever: true });
    attempt(() => coalesce(spool));
    machine.disk.heal();
    expect(pending(spool)).toEqual(all());
    expect(listPending(spool)).toHaveLength(MANY);
    expect(readdirSync(spool.claimed)).toEqual([]);
  });
});

describe("a backlog of many files", () => {
  it.each([
    [255, 256],
    [256, 241],
  ])("is joined by the command that makes more than 256 of them (%i wait, %i are left)", async (waiting, left) => {
    answer(machine);
    const theirs = spoolAsFound(machine);
    for (let index = 1; index <= waiting; index++) addBatch(theirs, namedEvents(1, index));
    const collector = collectorOn(machine, { backend: HTTP });
    trackNamed(collector, 1, waiting + 1);
    await collector.close();
    expect(listPending(theirs)).toHaveLength(left);
    expect(pending(theirs)).toEqual(all(waiting + 1));
  });

  it("is joined by one command after the other, none of which pays for all of it", () => {
    addMany(300);
    let before = 300;
    for (let command = 0; before > 64; command++) {
      expect(command).toBeLessThan(40);
      coalesce(spool);
      const after = listPending(spool).length;
      expect(after).toBeLessThan(before);
      expect(after).toBeGreaterThanOrEqual(before - Math.ceil(before / 16) + 1);
      before = after;
    }
    expect(pending(spool)).toEqual(all(300));
  });

  it("costs the least that it can: what was joined before is left until there is as much of it", () => {
    addMany();
    coalesce(spool);
    const [joined] = listPending(spool);
    for (let command = 1; command <= 8; command++) {
      addBatch(spool, namedEvents(1, MANY + command));
      coalesce(spool);
      expect(listPending(spool)[0]).toEqual(joined);
    }
    expect(pending(spool)).toEqual(all(MANY + 8));
  });

  it("is joined past what merely has a batch's name", () => {
    addMany();
    for (const { name } of listPending(spool).slice(0, JOINED)) {
      rmSync(join(spool.pending, name));
      mkdirSync(join(spool.pending, name));
    }
    coalesce(spool);
    expect(pending(spool)).toEqual(all(MANY - JOINED, JOINED + 1));
    expect(listPending(spool)).toHaveLength(MANY - JOINED + 1);
  });
});
