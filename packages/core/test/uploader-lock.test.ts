import { readdirSync } from "node:fs";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { thisOwner } from "../src/platform/owner.ts";
import { type Directories, directoriesFor } from "../src/platform/paths.ts";
import { isHeld, readLock } from "../src/uploader/lock-record.ts";
import { acquireLock, adoptLock, type LockOutcome, type LockRequest, preemptLock } from "../src/uploader/uploader-lock.ts";
import type { FakeProcess } from "./fake-ports.ts";
import { locksOn, RUNNING } from "./locks.ts";
import { vectorsOf } from "./vectors.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
const { take, hold, die, plant } = locksOn(machine);
let other: FakeProcess;
let directories: Directories;
beforeEach(() => {
  other = machine.startProcess();
  directories = directoriesFor("notes", machine.host);
});

const STARTING: LockRequest = { ...RUNNING, state: "starting", kind: "detached" };

const generations = (): string[] => readdirSync(directories.uploader).filter((name) => /^\d+\.json$/.test(name)).sort();

describe("the uploader's lock", () => {
  it("is refused while its holder lives and can still be at work", () => {
    hold();
    machine.clock.advance(59_999);
    expect(take(other).status).toBe("busy");
  });

  it("is taken from a holder that lives far beyond its lifetime, and the holder can see it", () => {
    const mine = hold();
    machine.clock.advance(60_000);
    expect(take(other).status).toBe("held");
    expect(mine.isHighest()).toBe(false);
  });

  it("is free when its holder has died without releasing", () => {
    hold();
    die(machine);
    expect(hold(other).generation).toBe(2);
  });

  it("is free after release, and its start limits the rate", () => {
    hold().release();
    expect(take(other, { ...RUNNING, minimumIntervalMs: 10_000 }).status).toBe("too-soon");
    machine.clock.advance(9_999);
    expect(take(other, { ...RUNNING, minimumIntervalMs: 10_000 }).status).toBe("too-soon");
    machine.clock.advance(1);
    expect(take(other, { ...RUNNING, minimumIntervalMs: 10_000 }).status).toBe("held");
  });

  it.each(vectorsOf<{ interval: number; last: number | string | null; now: number }, boolean>("pace.upload_due").filter(({ input }) => input.interval >= 0))(
    "lets an upload begin when PACE does, and also where the last one lies in the future: $id",
    ({ input: { interval, last, now }, expected }) => {
      machine.clock.advance(Number(last) * 1_000 - machine.clock.now() || 0);
      if (last === "garbage") plant(1, last);
      else if (last !== null) hold().release();
      machine.clock.advance(now * 1_000 - machine.clock.now());
      const isFuture = Number(last) > now;
      expect(take(other, { ...RUNNING, minimumIntervalMs: interval * 1_000 }).status).toBe(expected || isFuture ? "held" : "too-soon");
    },
  );

  it("is believed to be starting for ten seconds, dead owner or not", () => {
    hold(machine, STARTING);
    die(machine);
    expect(take(other).status).toBe("busy");
    machine.clock.advance(9_999);
    expect(take(other).status).toBe("busy");
    machine.clock.advance(1);
    expect(take(other).status).toBe("held");
  });

  it("has one winner when two create the same generation", () => {
    // The other process comes between our look and our creation.
    let theirs: LockOutcome | undefined;
    const interrupted: typeof machine.ports.fileSystem.writeFileSync = (...args) => {
      theirs ??= take(other);
      machine.ports.fileSystem.writeFileSync(...args);
    };
    const ours = acquireLock(RUNNING, directories, { ...machine.ports, fileSystem: { ...machine.ports.fileSystem, writeFileSync: interrupted } });
    expect([ours.status, theirs?.status]).toEqual(["busy", "held"]);
  });

  it("is given back by a slow contender that finds a higher generation", () => {
    hold(other).release();
    // We looked at 1; meanwhile the others went on to 3 and tidied up 2, so that our creation of 2 succeeds.
    const interrupted: typeof machine.ports.fileSystem.writeFileSync = (...args) => {
      hold(other).release();
      hold(other);
      machine.ports.fileSystem.writeFileSync(...args);
    };
    const ours = acquireLock(RUNNING, directories, { ...machine.ports, fileSystem: { ...machine.ports.fileSystem, writeFileSync: interrupted } });
    expect(ours.status).toBe("busy");
    expect(generations()).toEqual(["3.json"]);
    expect(take(other).status).toBe("busy");
  });

  it("is superseded by whoever preempts it, alive or not", () => {
    const mine = hold();
    expect(mine.isHighest()).toBe(true);
    const taken = preemptLock(directories, other.ports);
    expect(taken).toMatchObject({ holderGeneration: 1, holder: { state: "running", owner: thisOwner(machine.ports) } });
    expect(mine.isHighest()).toBe(false);
    expect(take(machine).status).toBe("busy");
    taken?.lock.release();
    expect(take(machine).status).toBe("held");
  });

  it("tells the preemptor of a child that recorded itself in the last moment", () => {
    const { generation } = hold(machine, STARTING);
    const adopted = adoptLock(generation, directories, other.ports);
    expect(adopted?.isHighest()).toBe(true);
    const taken = preemptLock(directories, machine.ports);
    expect(taken?.holder).toMatchObject({ state: "running", owner: thisOwner(other.ports), kind: "detached" });
  });

  it("is not adopted by a child that was preempted before it started", () => {
    const { generation } = hold(machine, STARTING);
    preemptLock(directories, machine.ports);
    expect(adoptLock(generation, directories, other.ports)).toBeUndefined();
    expect(readLock(generation, directories, machine.ports)?.state).not.toBe("running");
  });

  it("is not adopted by a child that came after its start had expired", () => {
    const { generation } = hold(machine, STARTING);
    machine.clock.advance(10_001);
    const later = hold(other);
    expect(adoptLock(generation, directories, machine.ports)).toBeUndefined();
    expect(later.isHighest()).toBe(true);
    expect(generations()).toEqual(["2.json"]);
  });

  it("is not written again when it was superseded and tidied up", () => {
    const mine = hold();
    die(machine);
    hold(other);
    mine.release();
    mine.markRunning();
    expect(generations()).toEqual(["2.json"]);
  });

  it("keeps the rate limit's start over a preemption", () => {
    hold().release();
    preemptLock(directories, other.ports)?.lock.release();
    expect(take(other, { ...RUNNING, minimumIntervalMs: 10_000 }).status).toBe("too-soon");
  });
});

describe("the lock when the clock jumps", () => {
  it.each([-86_400_000, -1, 86_400_000])("by %i ms is not kept by one that was only starting", (ms) => {
    hold(machine, STARTING);
    die(machine);
    machine.clock.jump(ms);
    expect(take(other).status).toBe("held");
  });

  it.each([-86_400_000, 86_400_000])("by %i ms is not too soon", (ms) => {
    hold().release();
    machine.clock.jump(ms);
    expect(take(other, { ...RUNNING, minimumIntervalMs: 10_000 }).status).toBe("held");
  });

  it.each([-86_400_000, 86_400_000])("by %i ms is never with two that both believe to hold it", (ms) => {
    const mine = hold();
    machine.clock.jump(ms);
    const outcome = take(other);
    expect(mine.isHighest()).toBe(outcome.status !== "held");
  });

  it.each([-10_000, 10_000])("by %i ms stays with a holder that lives", (ms) => {
    hold();
    machine.clock.jump(ms);
    expect(take(other).status).toBe("busy");
  });
});

describe("a holder on another machine", () => {
  const owner = "00000000-7-0";
  const record = (startedAt: number): string => JSON.stringify({ state: "running", owner, kind: "detached", startedAt, lifetimeMs: 30_000 });

  it("is believed for its lifetime and some grace", () => {
    plant(5, record(machine.clock.now()));
    expect(take().status).toBe("busy");
    machine.clock.advance(59_999);
    expect(take().status).toBe("busy");
    machine.clock.advance(1);
    expect(take().status).toBe("held");
  });

  it("is not believed when it claims to begin far in the future", () => {
    plant(5, record(machine.clock.now() + 3_600_000));
    expect(take().status).toBe("held");
  });
});

it("is held by nobody once it is released", () => {
  const record = { state: "released", owner: thisOwner(machine.ports), kind: "in-process", startedAt: machine.clock.now(), heldSince: machine.clock.now(), lifetimeMs: 1 } as const;
  expect(isHeld(record, machine.ports)).toBe(false);
});
