import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { formatLine, parseBatchName } from "../src/spool/batch.ts";
import { type ClaimedBatch, type ClaimRequest, createClaims } from "../src/spool/claim.ts";
import { recoverOrphans } from "../src/spool/recovery.ts";
import { addBatch, namedEvents, names, pending, spoolOn, stored } from "./fixtures.ts";
import { lossesOf, spoolPerTest } from "./spool-per-test.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
const spool = spoolPerTest(machine);

function request(destinations: readonly string[], changes: Partial<ClaimRequest> = {}): ClaimRequest {
  return { destinations, ready: new Set(destinations), maxEvents: 1_000, maxBytes: 1024 * 1024, ...changes };
}

function settle(batch: ClaimedBatch, key: string, which: (name: string) => boolean = () => true): void {
  for (const event of batch.outstanding.get(key) ?? []) if (which(event.name)) batch.outstanding.get(key)?.delete(event);
}

const losses = (): ReturnType<typeof lossesOf> => lossesOf(spool);

describe("a claim", () => {
  it("takes the oldest first, as many as fit, and at least one", () => {
    for (const first of [1, 3, 5]) addBatch(spool, namedEvents(2, first));
    const claims = createClaims(spool);
    expect(claims.take(request(["a"], { maxEvents: 4 })).map(({ outstanding }) => names([...(outstanding.get("a") ?? [])]))).toEqual([["e1", "e2"], ["e3", "e4"]]);
    expect(claims.take(request(["a"], { maxEvents: 1, maxBytes: 1 }))).toHaveLength(1);
    expect(claims.take(request(["a"]))).toEqual([]);
  });

  it("has one winner", () => {
    addBatch(spool, namedEvents(1));
    const other = machine.startProcess();
    const theirs = createClaims(spoolOn(other));
    expect([createClaims(spool).take(request(["a"])).length, theirs.take(request(["a"])).length]).toEqual([1, 0]);
  });

  it("leaves alone what only lacks a destination that is not ready", () => {
    addBatch(spool, namedEvents(1), ["a"]);
    expect(createClaims(spool).take(request(["a", "b"], { ready: new Set(["a"]) }))).toEqual([]);
    expect(pending(spool)).toEqual(["e1"]);
  });

  it("gives back whole what nobody settled, under its old name", () => {
    const name = addBatch(spool, namedEvents(3));
    const claims = createClaims(spool);
    const [batch] = claims.take(request(["a"]));
    if (batch) claims.release(batch);
    expect(readdirSync(spool.pending)).toEqual([name]);
    expect(readdirSync(spool.claimed)).toEqual([]);
  });

  it("deletes what everybody settled", () => {
    addBatch(spool, namedEvents(3));
    const claims = createClaims(spool);
    const [batch] = claims.take(request(["a"]));
    if (!batch) throw new Error("nothing claimed");
    settle(batch, "a");
    claims.acknowledge(batch, "a");
    claims.release(batch);
    expect(stored(spool)).toEqual([]);
    expect(readdirSync(spool.claimed)).toEqual([]);
  });

  it("names the destinations of a fan-out that have it already", () => {
    addBatch(spool, namedEvents(3));
    const claims = createClaims(spool);
    const [batch] = claims.take(request(["bb", "aa", "cc"]));
    if (!batch) throw new Error("nothing claimed");
    for (const key of ["bb", "aa"]) {
      settle(batch, key);
      claims.acknowledge(batch, key);
    }
    claims.release(batch);
    expect(readdirSync(spool.pending).map((name) => parseBatchName(name)?.acknowledged)).toEqual([["aa", "bb"]]);
    const [again] = claims.take(request(["bb", "aa", "cc"]));
    expect([...(again?.outstanding.keys() ?? [])]).toEqual(["cc"]);
  });

  it("gives back only what is outstanding, apart for each set of destinations that lack it", () => {
    addBatch(spool, namedEvents(4));
    const claims = createClaims(spool);
    const [batch] = claims.take(request(["a", "b"]));
    if (!batch) throw new Error("nothing claimed");
    settle(batch, "a", (name) => name !== "e1");
    settle(batch, "b", (name) => name === "e3" || name === "e4");
    claims.release(batch);
    const left = readdirSync(spool.pending).map((name) => ({
      acknowledged: parseBatchName(name)?.acknowledged,
      counted: parseBatchName(name)?.events,
      text: [...readFileSync(join(spool.pending, name), "utf8").matchAll(/"name":"(e\d)"/g)].map(([, each]) => each),
    }));
    expect(left).toEqual(expect.arrayContaining([
      { acknowledged: [], counted: 1, text: ["e1"] },
      { acknowledged: ["a"], counted: 1, text: ["e2"] },
    ]));
    expect(left).toHaveLength(2);
  });

  it("counts corrupt lines once, when the file is done with", () => {
    const name = addBatch(spool, namedEvents(2));
    const path = join(spool.pending, name);
    writeFileSync(path, `garbage\n${readFileSync(path, "utf8")}{"torn`);
    const claims = createClaims(spool);
    for (let round = 0; round < 2; round++) {
      const [batch] = claims.take(request(["a"]));
      if (batch) claims.release(batch);
    }
    const [batch] = claims.take(request(["a"]));
    if (!batch) throw new Error("nothing claimed");
    settle(batch, "a");
    claims.acknowledge(batch, "a");
    claims.release(batch);
    expect(losses()).toEqual({ corrupt: 2 });
    expect(stored(spool)).toEqual([]);
  });

  it.each([0, 1, 2])("counts events that its name promises and a cut file no longer holds (%i left)", (left) => {
    const events = namedEvents(3);
    const path = join(spool.pending, addBatch(spool, events));
    truncateSync(path, Buffer.byteLength(events.slice(0, left).map(formatLine).join("")));
    const claims = createClaims(spool);
    const [batch] = claims.take(request(["a"]));
    if (!batch) throw new Error("nothing claimed");
    settle(batch, "a");
    claims.release(batch);
    expect(losses()).toEqual({ corrupt: 3 - left });
  });

  it("does not claim, read or delete foreign files", () => {
    for (const name of ["notes.txt", "telemetry-spill-1-0.json", "x.ndjson"]) writeFileSync(join(spool.pending, name), "theirs\n");
    expect(createClaims(spool).take(request(["a"]))).toEqual([]);
    expect(readdirSync(spool.pending)).toHaveLength(3);
    expect(machine.disk.reads.filter(({ name, path }) => name === "readFileSync" && path.startsWith(spool.pending))).toEqual([]);
  });

  it.each([
    ["is a directory", (path: string) => mkdirSync(path)],
    ["cannot be read", (path: string) => {
      writeFileSync(path, "");
      machine.disk.fail({ call: "readFileSync", path: "019b0000-0000-7000", code: "EIO", forever: true });
    }],
  ])("is not stopped for all others by a batch that %s", (_, spoil) => {
    spoil(join(spool.pending, "019b0000-0000-7000-8000-000000000000.1.10.ndjson"));
    addBatch(spool, namedEvents(2));
    const claims = createClaims(spool);
    const taken: string[] = [];
    for (let round = 0; round < 3; round++) {
      try {
        for (const batch of claims.take(request(["a"]))) taken.push(...[...(batch.outstanding.get("a") ?? [])].map(({ name }) => name));
      } catch {
        // The run fails; its process ends and the next one recovers what it left.
        recoverOrphans({ ...spool, ports: { ...spool.ports, host: { ...spool.ports.host, exists: () => false } } });
      }
    }
    expect(taken).toEqual(["e1", "e2"]);
  });

  it("keeps everything when there is no destination", () => {
    addBatch(spool, namedEvents(2));
    const claims = createClaims(spool);
    for (const batch of claims.take(request([]))) claims.release(batch);
    expect(stored(spool)).toEqual(["e1", "e2"]);
  });

  it("is done with what every remaining destination has, when one was removed from the configuration", () => {
    addBatch(spool, namedEvents(2), ["a"]);
    const claims = createClaims(spool);
    for (const batch of claims.take(request(["a"]))) claims.release(batch);
    expect(stored(spool)).toEqual([]);
  });
});

describe("releasing part of a batch", () => {
  it.each([0, 1, 2, 3, 4, 5])("loses nothing when it crashes after step %i", (steps) => {
    addBatch(spool, namedEvents(3));
    const doomed = machine.startProcess();
    const claims = createClaims(spoolOn(doomed));
    const [batch] = claims.take(request(["a"]));
    if (!batch) throw new Error("nothing claimed");
    settle(batch, "a", (name) => name === "e2");
    doomed.disk.crashAfter(steps);
    try {
      claims.release(batch);
    } catch {
      // The process is gone; what is on disk counts.
    }
    machine.host.living.delete(doomed.host.id);
    recoverOrphans(spool);
    expect([...new Set(pending(spool))]).toEqual(expect.arrayContaining(["e1", "e3"]));
    expect(readdirSync(spool.claimed)).toEqual([]);
  });

  it("loses nothing on a full disk", () => {
    addBatch(spool, namedEvents(3));
    const doomed = machine.startProcess();
    const claims = createClaims(spoolOn(doomed));
    const [batch] = claims.take(request(["a"]));
    if (!batch) throw new Error("nothing claimed");
    settle(batch, "a", (name) => name === "e2");
    doomed.disk.fail({ call: "writeFileSync", code: "ENOSPC", forever: true });
    try {
      claims.release(batch);
    } catch {
      // It may say so.
    }
    machine.host.living.delete(doomed.host.id);
    recoverOrphans(spool);
    expect(pending(spool)).toEqual(expect.arrayContaining(["e1", "e3"]));
    expect(existsSync(spool.pending)).toBe(true);
  });
});
