import { readFileSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { defineEvents } from "../src/catalog/catalog.ts";
import { createCollector } from "../src/collector/create-collector.ts";
import { parseLines } from "../src/spool/batch.ts";
import type { Spool } from "../src/spool/spool.ts";
import { filesIn, pending, stored } from "./fixtures.ts";
import { answer, collectorOn, HTTP, spoolAsFound, trackNamed } from "./options.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();

const spool = (): Spool => spoolAsFound(machine);

describe("a collector whose author prefers cheap calls", () => {
  beforeEach(() => answer(machine));

  const options = { backend: HTTP, delivery: { durability: "spill" as const }, bounds: { bufferEvents: 3 } };

  it("has events in memory until the tool pauses", async () => {
    const collector = collectorOn(machine, options);
    trackNamed(collector, 2);
    expect(stored(spool())).toEqual([]);
    expect(collector.counts()).toEqual({ tracked: 2, lost: {}, inMemory: 2 });
    await turn();
    expect(stored(spool())).toEqual(["e1", "e2"]);
    expect(collector.counts()).toEqual({ tracked: 2, lost: {}, inMemory: 0 });
  });

  it("holds no more of them than the bound", async () => {
    const collector = collectorOn(machine, options);
    trackNamed(collector, 3);
    expect(stored(spool())).toEqual([]);
    trackNamed(collector, 1, 4);
    expect(stored(spool())).toEqual(["e1", "e2", "e3"]);
    await collector.close();
    expect(pending(spool())).toEqual(["e1", "e2", "e3", "e4"]);
  });

  it("records properties as they were, and when they were", async () => {
    const collector = collectorOn(machine, options);
    const properties: Record<string, unknown> = { format: "pdf", nested: { pages: 1 } };
    const { nested: _, ...flat } = properties;
    const startedAt = machine.clock.now();
    collector.track("feature.used", "flat", flat);
    machine.clock.advance(5_000);
    collector.track("feature.used", "nested", properties);
    flat["format"] = properties["format"] = "changed";
    (properties["nested"] as { pages: number }).pages = 2;
    await collector.close();
    const events = filesIn(spool().pending).flatMap((path) => parseLines(readFileSync(path, "utf8")).events);
    expect(events.map(({ name, metadata, timestamp }) => [name, metadata, Date.parse(timestamp) - startedAt])).toEqual([
      ["flat", { format: "pdf" }, 0],
      ["nested", { format: "pdf", nested: { pages: 1 } }, 5_000],
    ]);
  });

  it.each([
    ["a getter that throws", Object.defineProperty({ kept: 1 }, "bad", { enumerable: true, get: () => { throw new Error("no"); } })],
    ["a prototype of its own", Object.assign(Object.create({ inherited: true }) as object, { kept: 1 })],
    ["no prototype", Object.assign(Object.create(null) as object, { kept: 1 })],
    ["a long text", { kept: 1, long: "word ".repeat(500) }],
    ["more properties than an event holds", Object.fromEntries([["kept", 1], ...Array.from({ length: 5_000 }, (_, index) => [`p${index}`, index])])],
    ["a long name", { kept: 1, ["n".repeat(5_000)]: 1 }],
  ])("keeps the order of events with properties that cannot wait: %s", async (_what, properties) => {
    const collector = collectorOn(machine, { ...options, bounds: {} });
    collector.track("feature.used", "e1", { plain: true });
    collector.track("feature.used", "e2", properties);
    collector.track("feature.used", "e3");
    expect(stored(spool())).toEqual([]);
    expect(collector.counts()).toEqual({ tracked: 3, lost: {}, inMemory: 3 });
    await collector.close();
    expect(pending(spool())).toEqual(["e1", "e2", "e3"]);
    expect(readFileSync(filesIn(spool().pending)[0] ?? "", "utf8")).toContain('"kept":1');
  });

  it("records an event whose properties cannot be looked at at all", async () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const collector = collectorOn(machine, options);
    collector.track("feature.used", "e1", proxy);
    await collector.close();
    expect(pending(spool())).toEqual(["e1"]);
  });

  it("asks for the author's own properties of every event when the first one happens", async () => {
    let step = "parsing";
    const collector = collectorOn(machine, { ...options, metadata: () => ({ step }) });
    collector.track("feature.used", "e1", { plain: true });
    step = "done";
    await collector.close();
    expect(readFileSync(filesIn(spool().pending)[0] ?? "", "utf8")).toContain('"metadata":{"step":"parsing","plain":true}');
  });

  it("asks properties that make themselves when the event happens", async () => {
    let step = "parsing";
    const collector = collectorOn(machine, options);
    collector.track("feature.used", "e1", { toJSON: () => ({ step }) });
    step = "done";
    await collector.close();
    expect(readFileSync(filesIn(spool().pending)[0] ?? "", "utf8")).toContain('"metadata":{"step":"parsing"}');
  });

  it("reads each declared property once, and no other", async () => {
    const reads: string[] = [];
    const catalog = defineEvents({ events: { export: { purpose: "How notes leave.", properties: { draft: { type: "boolean", purpose: "Whether it is one." } } } } });
    const collector = createCollector({ tool: "notes", version: "1.2.3", ...options, catalog }, machine.ports);
    const getter = (name: string): PropertyDescriptor => ({ enumerable: true, get: () => reads.push(name) > 0 });
    collector.track("export", Object.defineProperties({}, { draft: getter("draft"), other: getter("other") }));
    await collector.close();
    expect(pending(spool())).toEqual(["export"]);
    expect(reads).toEqual(["draft"]);
  });

  it("has lost nothing where the event loop takes no work", async () => {
    const { setImmediate: original } = globalThis;
    const collector = collectorOn(machine, options);
    try {
      globalThis.setImmediate = (() => {
        throw new Error("there is none");
      }) as unknown as typeof setImmediate;
      trackNamed(collector, 2);
    } finally {
      globalThis.setImmediate = original;
    }
    await collector.close();
    expect(pending(spool())).toEqual(["e1", "e2"]);
  });

  it("forgets what it only noted when the user says no", async () => {
    const collector = collectorOn(machine, options);
    trackNamed(collector, 2);
    expect(collector.drop()).toEqual({ status: "empty" });
    await turn();
    await collector.close();
    expect(stored(spool())).toEqual([]);
  });
});
