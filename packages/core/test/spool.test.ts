import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { parseBatchName } from "../src/spool/batch.ts";
import { createSegment } from "../src/spool/segment.ts";
import { createSpool, keepBound, listPending, measureSpool } from "../src/spool/spool.ts";
import { purgeSpools } from "../src/spool/purge.ts";
import { purgeWithdrawn } from "../src/spool/standing.ts";
import { addBatch, append, filesIn, namedEvents, pending, spoolOn, stored } from "./fixtures.ts";
import { vectorsOf } from "./vectors.ts";
import { lossesOf, spoolPerTest } from "./spool-per-test.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
const spool = spoolPerTest(machine);

const losses = (): ReturnType<typeof lossesOf> => lossesOf(spool);

describe("the bound", () => {
  it("evicts the oldest first and counts each event", () => {
    for (const first of [1, 4, 7]) addBatch(spool, namedEvents(3, first));
    const bytes = measureSpool(spool).bytes;
    keepBound({ ...spool, bounds: { ...spool.bounds, spoolBytes: bytes - 1 } });
    expect(pending(spool)).toEqual(["e4", "e5", "e6", "e7", "e8", "e9"]);
    expect(losses()).toEqual({ evicted: 3 });
  });

  it("is kept past what merely has a batch's name, however large that says it is", () => {
    for (const first of [1, 4, 7]) addBatch(spool, namedEvents(3, first));
    const bytes = measureSpool(spool).bytes;
    for (const id of ["00000000-0000-7000-8000-000000000000", "ffffffff-ffff-7fff-bfff-ffffffffffff"]) mkdirSync(join(spool.pending, `${id}.9.999999999.ndjson`));
    keepBound({ ...spool, bounds: { ...spool.bounds, spoolBytes: bytes - 1 } });
    expect(losses()).toEqual({ evicted: 3 });
    expect(measureSpool(spool)).toMatchObject({ events: 6 });
  });

  it("takes back no count that the disk did not take when another process was faster", () => {
    addBatch(spool, namedEvents(3));
    machine.disk.fail({ call: "openSync", path: "losses", code: "EIO" });
    const fileSystem = { ...spool.ports.fileSystem };
    fileSystem.unlinkSync = (path) => {
      spool.ports.fileSystem.unlinkSync(path);
      spool.ports.fileSystem.unlinkSync(path);
    };
    keepBound({ ...spool, ports: { ...spool.ports, fileSystem }, bounds: { ...spool.bounds, spoolBytes: 1 } });
    expect([pending(spool), losses()]).toEqual([[], {}]);
  });

  it("leaves a spool alone that fits exactly", () => {
    addBatch(spool, namedEvents(3));
    keepBound({ ...spool, bounds: { ...spool.bounds, spoolBytes: measureSpool(spool).bytes } });
    expect(pending(spool)).toHaveLength(3);
    expect(losses()).toEqual({});
  });

  it("evicts the next when the uploader takes the oldest first", () => {
    const name = addBatch(spool, namedEvents(3));
    addBatch(spool, namedEvents(3, 4));
    const fileSystem = { ...spool.ports.fileSystem };
    let claimed = false;
    fileSystem.unlinkSync = (path) => {
      if (!claimed) {
        claimed = true;
        mkdirSync(join(spool.claimed, "owner"), { recursive: true });
        spool.ports.fileSystem.renameSync(join(spool.pending, name), join(spool.claimed, "owner", name));
      }
      spool.ports.fileSystem.unlinkSync(path);
    };
    keepBound({ ...spool, ports: { ...spool.ports, fileSystem }, bounds: { ...spool.bounds, spoolBytes: 1_500 } });
    expect(losses().evicted ?? 0).toBe(6 - stored(spool).length);
  });

  it("counts what it evicted although a later eviction fails", () => {
    for (const first of [1, 2, 3]) addBatch(spool, namedEvents(1, first));
    machine.disk.fail({ call: "unlinkSync", code: "EIO", at: 2 });
    try {
      keepBound({ ...spool, bounds: { ...spool.bounds, spoolBytes: 1 } });
    } catch {
      // It may say so.
    }
    expect(losses().evicted ?? 0).toBe(3 - pending(spool).length);
  });

  it("is never exceeded by more than one open segment, and nothing goes uncounted", () => {
    const bounds = { batchBytes: 2_000, spoolBytes: 6_000 };
    fc.assert(
      fc.property(fc.array(fc.constantFrom("append", "append", "append", "seal"), { maxLength: 60 }), (actions) => {
        purgeSpools(spool.directories, machine.ports);
        const before = losses().evicted ?? 0;
        const bounded = spoolOn(machine, bounds);
        const segment = createSegment(bounded);
        let appended = 0;
        let most = 0;
        for (const action of actions) {
          if (action === "append" && segment.bytes < 1_500) append(segment, 1, ++appended);
          if (action === "seal") {
            segment.seal();
            keepBound(bounded);
            const used = [bounded.pending, bounded.claimed, bounded.open].flatMap(filesIn).reduce((sum, path) => sum + statSync(path).size, 0);
            most = Math.max(most, used);
          }
        }
        expect(most).toBeLessThanOrEqual(bounds.spoolBytes);
        expect(stored(bounded).length + (losses().evicted ?? 0) - before).toBe(appended);
        segment.discard();
      }),
      { numRuns: 40 },
    );
  });

  it.each(vectorsOf<{ files_before_spill: number; cap: number }, { files_after_single_chunk_spill: number }>("gtb.spill_prune"))(
    "$id is not taken over: the bound is in bytes, so that many small batches all stay",
    ({ input }) => {
      for (let index = 0; index < input.files_before_spill; index++) addBatch(spool, namedEvents(1, index + 1));
      const segment = createSegment(spool);
      append(segment, 1, 99);
      segment.seal();
      keepBound(spool);
      expect(listPending(spool)).toHaveLength(input.files_before_spill + 1);
    },
  );
});

describe("purging", () => {
  it("deletes every event of every consent and nothing else", () => {
    addBatch(spool, namedEvents(1));
    addBatch(spoolOn(machine, undefined, "unrecorded"), namedEvents(1));
    append(createSegment(spool), 1);
    writeFileSync(spool.directories.rejectedFile, "x\n");
    writeFileSync(spool.directories.lossesFile, "");
    expect(purgeSpools(spool.directories, machine.ports)).toEqual({ status: "empty" });
    expect(existsSync(spool.directories.spool)).toBe(false);
    expect(existsSync(spool.directories.rejectedFile)).toBe(false);
    expect(existsSync(spool.directories.lossesFile)).toBe(true);
    expect(purgeSpools(spool.directories, machine.ports)).toEqual({ status: "empty" });
  });

  it("says so when the disk refuses", () => {
    addBatch(spool, namedEvents(1));
    machine.disk.makeReadOnly();
    expect(purgeSpools(spool.directories, machine.ports)).toEqual({ status: "failed", reason: expect.stringContaining("EROFS") });
  });

  it("deletes only what was collected under a consent that has been withdrawn", () => {
    const made = ["1a2b3c4d", "1a2b3c4d-local", "deadbeef", "deadbeef-local", "unrecorded", "unrecorded-local", "foreign", "1a2b3c4"].map((id) => spoolOn(machine, undefined, id));
    for (const each of made) addBatch(each, namedEvents(1));
    purgeWithdrawn(spool);
    expect(readdirSync(spool.directories.spool).sort()).toEqual(["1a2b3c4", "1a2b3c4d", "1a2b3c4d-local", "foreign"]);
  });
});

it("lists nothing where nothing is, and no foreign names", () => {
  const missing = createSpool("00000000", spool.directories, spool.bounds, machine.ports);
  expect(listPending(missing)).toEqual([]);
  expect(measureSpool(missing)).toEqual({ events: 0, bytes: 0, batches: 0 });
  writeFileSync(join(spool.pending, "x.ndjson"), "");
  const name = addBatch(spool, namedEvents(1));
  expect(listPending(spool).map((batch) => batch.name)).toEqual([name]);
  expect(parseBatchName(name)).toBeDefined();
});
