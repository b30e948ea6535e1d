import { mkdirSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { eventToJson, type TelemetryEvent } from "@candor/backend";
import { spyBackend, type SpyBackend } from "@candor/testing";
import { defineEvents } from "../src/catalog/catalog.ts";
import type { Collector } from "../src/collector/collector.ts";
import { disable, flush, inspect, type InspectOptions } from "../src/commands.ts";
import type { CollectorOptions } from "../src/config/config.ts";
import { directoriesFor } from "../src/platform/paths.ts";
import { recordLosses } from "../src/spool/losses.ts";
import { backendOf, lasting } from "./fixtures.ts";
import { answer, collectorOn, HTTP, trackNamed } from "./options.ts";
import { collect, documentOf } from "./reports.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();

interface Sent {
  readonly sent: readonly { at: string; destination: string; outcome: string; reason?: string; event: Record<string, unknown> }[];
  readonly problems: readonly string[];
}

const tool = (options: Partial<CollectorOptions> = {}): Collector => collectorOn(machine, { backend: HTTP, ...options });
const directories = (): ReturnType<typeof directoriesFor> => directoriesFor("notes", machine.host);
const sent = (collector = tool()): Sent => documentOf(inspect(collector, { sent: true })) as Sent;
const text = (collector: Collector, options: InspectOptions): string => collect(inspect(collector, options), "text").text;

function ownData(): void {
  mkdirSync(directories().data, { recursive: true, mode: 0o700 });
}

describe("inspect --sent", () => {
  const deliver = async (spy: SpyBackend, count = 2, options: Partial<CollectorOptions> = {}): Promise<Collector> => {
    answer(machine);
    const collector = tool({ backend: lasting(spy), ...options });
    trackNamed(collector, count);
    await flush(collector);
    return collector;
  };

  it("shows exactly what the destination got, losses included, with the time and the outcome", async () => {
    ownData();
    recordLosses({ evicted: 3 }, directories(), machine.ports);
    const spy = spyBackend();
    const collector = await deliver(spy);
    const at = new Date(machine.clock.now()).toISOString();
    expect(sent(collector).sent).toEqual(spy.acknowledged.map((event) => ({ at, destination: "spy (memory)", outcome: "accepted", event: eventToJson(event) })));
    expect(sent(collector).sent[0]?.event["dropped_events"]).toBe(3);
    expect(text(collector, { sent: true })).toContain("accepted by spy (memory)");
  });

  it("shows refusals with their reason", async () => {
    const collector = await deliver(spyBackend({ results: [{ status: "rejected", reason: "too old" }] }), 1);
    expect(sent(collector).sent).toMatchObject([{ outcome: "rejected", reason: "too old", event: { name: "e1" } }]);
    expect(text(collector, { sent: true })).toContain("refused by spy (memory): too old");
  });

  it("says how many events have no receipt, and how many of them for want of room", async () => {
    machine.disk.fail({ code: "ENOSPC", path: "receipts", forever: true });
    const collector = await deliver(spyBackend(), 5);
    expect(sent(collector)).toMatchObject({ sent: [], totals: [{ destination: "spy (memory)", accepted: 5, rejected: 0, withoutReceipt: 5, refusedByDisk: 5 }] });
    expect(text(collector, { sent: true })).toMatch(/5 of them have no receipt any more.*The disk did not take 5 receipts\./);
  });

  it("says that the author keeps none", async () => {
    const collector = await deliver(spyBackend(), 1, { bounds: { receiptBytes: 0 } });
    expect(sent(collector)).toMatchObject({ sent: [], totals: [{ accepted: 1, withoutReceipt: 1, refusedByDisk: 0 }] });
    expect(text(collector, { sent: true })).toContain("The author of notes has switched receipts off.");
  });

  it("stays with the user after disable", async () => {
    const collector = await deliver(spyBackend());
    const { lines } = await disable(collector);
    expect(lines).toContain("What was sent stays on record: `notes telemetry inspect --sent` shows it, `notes telemetry reset` deletes it.");
    expect(sent().sent).toHaveLength(2);
    expect(documentOf(inspect(tool()))).toMatchObject({ enabled: false, count: 0 });
  });

  it("says that a request which a no stopped may have arrived", async () => {
    answer(machine);
    const other = machine.startProcess();
    let stop: Promise<unknown> = Promise.resolve();
    const slow = backendOf(() => {
      stop = disable(collectorOn(other, { backend: HTTP }));
      return new Promise(() => undefined);
    });
    const collector = tool({ backend: slow });
    trackNamed(collector, 1);
    await Promise.all([flush(collector), new Promise((resolve) => setImmediate(resolve)).then(() => stop)]);
    await stop;
    expect(sent().sent).toMatchObject([{ destination: "odd (memory)", outcome: "unacknowledged", event: { name: "e1" } }]);
  });

  it("ends with 1 when the receipts cannot be read", () => {
    ownData();
    mkdirSync(directories().receiptsFile);
    expect(collect(inspect(tool(), { sent: true })).exitCode).toBe(1);
    expect(sent().problems).toEqual([expect.stringContaining("not a regular file")]);
  });

  it("shows whole receipts beside torn ones, and counts these", async () => {
    const collector = await deliver(spyBackend());
    writeFileSync(directories().receiptsFile, '{"at":', { flag: "a" });
    expect(sent(collector)).toMatchObject({ damaged: 1, sent: [{ event: { name: "e1" } }, { event: { name: "e2" } }] });
  });
});

describe("inspect --preview", () => {
  interface Preview {
    readonly enabled: boolean;
    readonly event: Record<string, unknown>;
    readonly declared: readonly Record<string, unknown>[];
    readonly destinations: readonly { destination: string }[];
  }
  const preview = (options: Partial<CollectorOptions> = {}): Preview => documentOf(inspect(tool(options), { preview: true })) as Preview;

  it("has every field of a real event of the tool, also while telemetry is off", async () => {
    const options: Partial<CollectorOptions> = { metadata: { channel: "stable" }, extendedCollection: true };
    const { enabled, event } = preview(options);
    expect(enabled).toBe(false);
    answer(machine);
    const spy = spyBackend();
    const collector = tool({ ...options, backend: lasting(spy) });
    collector.trackCommandExtended("notes add", ["--title", "x"], { durationMs: 5, exitCode: 2, error: "no such note" });
    await flush(collector);
    const [real] = spy.acknowledged.map((each: TelemetryEvent) => eventToJson(each));
    expect(Object.keys(event)).toEqual(Object.keys(real ?? {}));
    for (const same of ["tool_name", "version", "os", "arch", "node_version", "os_version", "type", "metadata", "machine_id"]) expect(event[same]).toEqual(real?.[same]);
  });

  it("has every event that the catalog declares, with every property it can have, each as the tool would record it", async () => {
    const catalog = defineEvents({
      common: { properties: { channel: { type: "enum", values: ["stable", "next"], purpose: "p" }, shell: { type: "text", maxLength: 20, purpose: "p" } } },
      commands: {
        properties: { command_kind: { type: "enum", values: ["core", "plugin"], purpose: "p" } },
        byPath: { "notes add": { properties: { tags: { type: "list", maxItems: 3, items: { type: "text", maxLength: 9 }, purpose: "p" } } } },
      },
      events: {
        "notes searched": { purpose: "p", properties: { hits: { type: "integer", min: 2, max: 9, purpose: "p" }, share: { type: "number", min: -1, max: 0.5, purpose: "p" } } },
        "notes exported": { type: "export.done", purpose: "p", properties: { quiet: { type: "boolean", purpose: "p" } } },
      },
    });
    // Without the catalog's type, which takes no names that come out of a preview.
    const options = { catalog, metadata: { channel: "next" } } as unknown as Partial<CollectorOptions>;
    const common = { channel: "next", shell: "(a text)" };
    const { event, declared } = preview(options);
    expect(event).toMatchObject({ type: "command.invocation", metadata: { ...common, command_kind: "core" } });
    expect(declared).toMatchObject([
      { type: "command.invocation", name: "notes add", exit_code: 1, metadata: { ...common, command_kind: "core", tags: ["(a text)"] } },
      { type: "feature.used", name: "notes searched", metadata: { ...common, hits: 2, share: 0.5 } },
      { type: "export.done", name: "notes exported", metadata: { ...common, quiet: true } },
    ]);
    expect(declared.map((each) => each["timestamp"])).toEqual(declared.map(() => event["timestamp"]));
    expect(text(tool(options), { preview: true })).toContain('"notes exported"');

    answer(machine);
    const spy = spyBackend();
    const collector = tool({ ...options, backend: lasting(spy) });
    for (const each of declared.slice(1)) collector.track(each["type"] as string, each["name"] as string, each["metadata"] as Record<string, unknown>);
    await flush(collector);
    expect(spy.acknowledged.map((each) => each.metadata)).toEqual(declared.slice(1).map((each) => each["metadata"]));
  });

  it("has no declared events without a catalog", () => {
    expect(preview().declared).toEqual([]);
  });

  it("has no arguments and no error where the tool records none", () => {
    expect(Object.keys(preview().event)).not.toEqual(expect.arrayContaining(["args"]));
    expect(preview().event).not.toHaveProperty("error");
  });

  it("says where it would go", () => {
    expect(preview().destinations).toMatchObject([{ destination: "http (https://h/e)" }]);
    expect(collect(inspect(collectorOn(machine), { preview: true }), "text").text).toContain("It would go nowhere: no destination is configured.");
    expect(text(tool(), { preview: true })).toContain("If it were on, the next command would send events like this one");
  });
});
