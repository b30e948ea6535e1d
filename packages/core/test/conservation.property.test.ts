/**
 * The conservation law: tracked = acknowledged + rejected + dropped by reason + still pending. Exactly, while no process
 * is killed; and after kills at any step of the disk nothing is missing, and what came twice came with the same id.
 */
import { existsSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import type { Backend, DeliveryResult, TelemetryEvent } from "@candor/backend";
import type { Collector } from "../src/collector/collector.ts";
import { readJournal } from "../src/destination/destination-journal.ts";
import { totalLosses } from "../src/spool/loss-counts.ts";
import { readLosses } from "../src/spool/losses.ts";
import { directoriesFor } from "../src/platform/paths.ts";
import { type FakeProcess, type Workstation, workstation } from "./fake-ports.ts";
import { addBatch, namedEvents, names, recordingLogger, runUpload, spoolOn, spyDestination, stored } from "./fixtures.ts";
import { answer, closeAll, collectorOn } from "./options.ts";

type Answer = "accepted" | "partial" | "retry" | "blocked" | "rejected" | "throw";
type Step =
  | { readonly do: "track"; readonly count: number }
  | { readonly do: "flush"; readonly answers: readonly Answer[] }
  | { readonly do: "close" }
  | { readonly do: "kill" }
  | { readonly do: "crash"; readonly afterSteps: number; readonly during: "track" | "flush" | "close"; readonly answers: readonly Answer[] };

interface World {
  readonly machine: Workstation;
  readonly logger: ReturnType<typeof recordingLogger>;
  process: FakeProcess;
  collector: Collector;
  /** Names of the events whose `track` returned in a living process. */
  readonly tracked: string[];
  /** Every event the destination confirmed, by name, with the ids it came with. */
  readonly received: Map<string, Set<string>>;
  answers: Answer[];
  sequence: number;
}

interface Settings {
  readonly mode: "at-least-once" | "at-most-once";
  readonly durability: "track" | "spill";
  readonly spoolBytes: number;
}

let machine: Workstation | undefined;
afterEach(async () => {
  await closeAll();
  machine?.dispose();
});

function destination(world: () => World): Backend {
  const settle = (events: readonly TelemetryEvent[]): void => {
    for (const { name, id } of events) world().received.set(name, (world().received.get(name) ?? new Set()).add(id));
  };
  return {
    name: "judge",
    destination: "memory",
    limits: { maxEvents: 3, maxBytes: 1e6 },
    async send(events): Promise<DeliveryResult> {
      switch (world().answers.shift() ?? "accepted") {
        case "accepted":
          settle(events);
          return { status: "accepted" };
        case "partial":
          settle(events.slice(1));
          return { status: "partial", rejected: events.slice(0, 1).map(({ id }) => ({ id, reason: "bad" })) };
        case "retry":
          return { status: "retry", reason: "busy" };
        case "blocked":
          return { status: "blocked", reason: "401" };
        case "rejected":
          return { status: "rejected", reason: "400" };
        case "throw":
          throw new Error("defect");
      }
    },
    close: () => Promise.resolve(),
  };
}

function begin({ mode, durability, spoolBytes }: Settings): { readonly world: World; readonly restart: () => void } {
  machine?.dispose();
  const here = workstation();
  machine = here;
  answer(here);
  const logger = recordingLogger();
  const make = (process: FakeProcess): Collector =>
    collectorOn(process, { backend: destination(() => world), bounds: { batchBytes: 1_024, spoolBytes }, delivery: { mode, durability, minimumIntervalMs: 0 }, logger });
  const first = here.startProcess();
  const world: World = { machine: here, logger, process: first, collector: make(first), tracked: [], received: new Map(), answers: [], sequence: 0 };
  const restart = (): void => {
    world.process.disk.crash();
    here.host.living.delete(world.process.host.id);
    // Not closed by hand: the process is gone, and whatever it tries now fails.
    world.process = here.startProcess();
    world.collector = make(world.process);
  };
  return { world, restart };
}

function track(world: World, count: number): void {
  for (let index = 0; index < count; index++) {
    const name = `e${++world.sequence}`;
    world.collector.track("feature.used", name, { padding: "word ".repeat(10) });
    if (world.process.disk.crashed) return;
    world.tracked.push(name);
  }
}

async function play(steps: readonly Step[], { world, restart }: ReturnType<typeof begin>): Promise<void> {
  for (const step of steps) {
    switch (step.do) {
      case "track":
        track(world, step.count);
        break;
      case "flush":
        world.answers = [...step.answers];
        await world.collector.flush();
        break;
      case "close":
        world.answers = ["retry"];
        await world.collector.close();
        restart();
        break;
      case "kill":
        restart();
        break;
      case "crash":
        world.answers = [...step.answers];
        world.process.disk.crashAfter(step.afterSteps);
        if (step.during === "track") track(world, 12);
        else if (step.during === "flush") await world.collector.flush();
        else await world.collector.close();
        restart();
    }
  }
}

function account(world: World): { readonly rejected: string[]; readonly left: string[]; readonly lost: number; readonly refused: number } {
  const directories = directoriesFor("notes", world.machine.host);
  const text = existsSync(directories.rejectedFile) ? readFileSync(directories.rejectedFile, "utf8").trim() : "";
  return {
    rejected: text === "" ? [] : text.split("\n").map((line) => (JSON.parse(line) as { event: TelemetryEvent }).event.name),
    left: stored(spoolOn(world.machine)),
    lost: totalLosses(readLosses(directories, world.machine.ports)),
    refused: Object.values(readJournal(directories, world.machine.ports)).reduce((sum, { rejected }) => sum + rejected, 0),
  };
}

const anyAnswer = fc.constantFrom<Answer>("accepted", "accepted", "partial", "retry", "blocked", "rejected", "throw");
const trackStep = fc.record({ do: fc.constant("track" as const), count: fc.integer({ min: 1, max: 12 }) });
const flushStep = fc.record({ do: fc.constant("flush" as const), answers: fc.array(anyAnswer, { maxLength: 6 }) });
const closeStep = fc.constant<Step>({ do: "close" });

describe("the conservation law", () => {
  it("holds exactly for any script of a destination, any bound and any way to end", async () => {
    const script = fc.array(fc.oneof(trackStep, trackStep, flushStep, closeStep), { maxLength: 14 });
    const settings = fc.record({
      mode: fc.constantFrom("at-least-once" as const, "at-most-once" as const),
      durability: fc.constantFrom("track" as const, "spill" as const),
      spoolBytes: fc.constantFrom(2_048, 6_000, 1_000_000),
    });
    await fc.assert(
      fc.asyncProperty(script, settings, async (steps, chosen) => {
        const stage = begin(chosen);
        await play(steps, stage);
        const { world } = stage;
        const { inMemory } = world.collector.counts();
        const { left, lost, refused } = account(world);
        expect({ received: world.received.size, refused, lost, left: left.length, inMemory, sum: world.received.size + refused + lost + left.length + inMemory }).toMatchObject({ sum: world.tracked.length });
        for (const ids of world.received.values()) expect(ids.size).toBe(1);
        await closeAll();
      }),
      { numRuns: 120 },
    );
  }, 30_000);

  it("lets nothing vanish when processes are killed at any step of the disk", async () => {
    const kind = fc.constantFrom<Answer>("accepted", "accepted", "retry", "blocked", "throw");
    const crashStep = fc.record({
      do: fc.constant("crash" as const),
      afterSteps: fc.nat(30),
      during: fc.constantFrom("track" as const, "flush" as const, "close" as const),
      answers: fc.array(kind, { maxLength: 4 }),
    });
    const script = fc.array(fc.oneof(trackStep, fc.record({ do: fc.constant("flush" as const), answers: fc.array(kind, { maxLength: 4 }) }), closeStep, fc.constant<Step>({ do: "kill" }), crashStep, crashStep), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(script, async (steps) => {
        const stage = begin({ mode: "at-least-once", durability: "track", spoolBytes: 1_000_000 });
        await play(steps, stage);
        const { world } = stage;
        // The last process finds a healthy disk and a healthy destination.
        world.answers = [];
        world.machine.clock.advance(25 * 3_600_000);
        world.collector.track("feature.used", "last");
        expect(await world.collector.flush()).toEqual({ status: "delivered" });
        const { rejected, left, lost } = account(world);
        const missing = world.tracked.filter((name) => !world.received.has(name) && !rejected.includes(name) && !left.includes(name));
        expect({ missing: missing.length > lost ? missing : [], lost }).toMatchObject({ missing: [] });
        for (const ids of world.received.values()) expect(ids.size).toBe(1);
        await closeAll();
      }),
      { numRuns: 150 },
    );
  }, 30_000);
});

describe("what a kill may not hide", () => {
  it("is an eviction", async () => {
    for (let steps = 0; steps < 40; steps++) {
      const stage = begin({ mode: "at-least-once", durability: "track", spoolBytes: 2_048 });
      const { world, restart } = stage;
      track(world, 5);
      world.process.disk.crashAfter(steps);
      track(world, 10);
      restart();
      const { left, lost } = account(world);
      const missing = world.tracked.filter((name) => !left.includes(name));
      expect({ steps, uncounted: Math.max(0, missing.length - lost) }).toEqual({ steps, uncounted: 0 });
      await closeAll();
    }
  });

  it("is a rejection", async () => {
    for (let steps = 0; steps < 20; steps++) {
      machine?.dispose();
      machine = workstation();
      const events = namedEvents(3);
      addBatch(spoolOn(machine), events);
      const doomed = machine.startProcess();
      const theirs = spoolOn(doomed);
      doomed.disk.crashAfter(steps);
      const a = spyDestination("a", { results: [{ status: "partial", rejected: [{ id: events[0]?.id ?? "", reason: "bad" }] }] });
      await runUpload(theirs, [a]).catch(() => undefined);
      machine.host.living.delete(doomed.host.id);
      const spool = spoolOn(machine);
      const aside = existsSync(spool.directories.rejectedFile) ? readFileSync(spool.directories.rejectedFile, "utf8") : "";
      const known = new Set([...stored(spool), ...names(a.backend.acknowledged), ...(aside.includes('"name":"e1"') ? ["e1"] : [])]);
      expect({ steps, known: names([...known].map((name) => ({ name }))) }).toEqual({ steps, known: ["e1", "e2", "e3"] });
    }
  });
});
