import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type SpyBackend, spyBackend } from "@candor/testing";
import { type Catalog, defineEvents } from "../src/catalog/catalog.ts";
import type { Collector } from "../src/collector/collector.ts";
import type { CollectorOptions } from "../src/config/config.ts";
import { createCollector } from "../src/collector/create-collector.ts";
import { doctor, status } from "../src/commands.ts";
import { type Workstation, workstation } from "./fake-ports.ts";
import { recordingLogger } from "./fixtures.ts";
import { NOTE_CATALOG } from "./note-catalog.ts";
import { answer } from "./options.ts";

let machine: Workstation;
let backend: SpyBackend;
const made: { close(): Promise<void> }[] = [];
beforeEach(() => {
  machine = workstation();
  backend = spyBackend();
  answer(machine);
});
afterEach(async () => {
  await Promise.all(made.splice(0).map((collector) => collector.close()));
  machine.dispose();
});

/** `track` as JavaScript sees it, where no compiler looks. */
interface Loose extends Omit<Collector, "track"> {
  track(name: unknown, properties?: unknown, more?: unknown): void;
}

function loose(catalog: Catalog = NOTE_CATALOG, options: Partial<CollectorOptions<Catalog>> = {}): Loose {
  const collector = createCollector({ tool: "notes", version: "1.2.3", backend, ...options, catalog }, machine.ports) as unknown as Loose;
  made.push(collector);
  return collector;
}

/** What arrived: names, types and properties. */
const arrived = (): unknown[] => backend.events.map(({ name, type, metadata }) => ({ name, type, ...metadata }));

/** Records one event `note.added` with these properties, and answers what became of it. */
async function added(properties: unknown): Promise<{ readonly event: unknown; readonly lost: unknown }> {
  const collector = loose();
  collector.track("note.added", properties);
  await collector.flush();
  return { event: arrived()[0], lost: collector.counts().lost };
}

const BARE = { name: "note.added", type: "feature.used" };

describe("an event that is not declared", () => {
  it.each(["note.removed", "feature.used", "constructor", "__proto__", "toString", "hasOwnProperty", "command.invocation"])("is dropped and counted: %s", async (name) => {
    const collector = loose();
    collector.track(name, { tag_count: 1 });
    collector.track("notes.opened");
    await collector.flush();
    expect(arrived()).toEqual([{ name: "notes.opened", type: "feature.used" }]);
    expect(collector.counts()).toMatchObject({ tracked: 2, lost: { undeclared: 1 } });
  });

  it.each([undefined, null, 7, Symbol("x"), {}, ""])("is passed over when its name is no name: %p", async (name) => {
    const collector = loose();
    collector.track(name, { tag_count: 1 });
    await collector.flush();
    expect({ arrived: arrived(), counts: collector.counts() }).toMatchObject({ arrived: [], counts: { tracked: 0, lost: {} } });
  });

  it("is shown by status in a later process, apart from the properties, and by doctor as the author's affair", async () => {
    const collector = loose();
    collector.track("note.removed");
    collector.track("note.added", { tag_count: -1, colour: "red", size: 1 });
    await collector.close();
    const later = loose();
    const { lines, data } = status(later);
    expect(lines).toEqual(expect.arrayContaining(["Lost: 1 events (1 undeclared)", "Left out: 3 properties of events (2 undeclared-property, 1 invalid-property)"]));
    expect(data["lost"]).toEqual({ undeclared: 1, "undeclared-property": 2, "invalid-property": 1 });
    expect((await doctor(later)).lines.join("\n")).toMatch(/warn {2}catalog: 1 events and 3 properties .*\n +Tell the tool's author\./);
    // The destination is told of events, and of nothing else.
    expect(backend.events.map(({ droppedEvents }) => droppedEvents)).toEqual([1]);
  });

  it("is named in a debug line, shortened, and is not counted in a dry run", () => {
    const logger = recordingLogger();
    const collector = createCollector({ tool: "notes", version: "1", catalog: NOTE_CATALOG, logger }, machine.ports) as unknown as Loose;
    made.push(collector);
    collector.track("x".repeat(500));
    expect(logger.lines.find((line) => line.includes("the catalog declares no such event"))?.length).toBeLessThan(200);
    expect(collector.counts()).toMatchObject({ tracked: 0, lost: {} });
  });
});

describe("a property", () => {
  const misfits: readonly (readonly [string, unknown])[] = [
    ["tag_count", -1], ["tag_count", 1001], ["tag_count", 1.5], ["tag_count", "1"], ["tag_count", Number.NaN], ["tag_count", 1n], ["tag_count", null], ["tag_count", new Number(1)],
    ["ratio", 1.01], ["ratio", Number.POSITIVE_INFINITY], ["ratio", "0"],
    ["format", "pdf"], ["format", "MD"], ["format", 0], ["format", ["md"]], ["format", "constructor"], ["format", { toString: () => "md" }],
    ["has_body", 1], ["has_body", "true"], ["has_body", () => true],
    ["editor", 1], ["editor", { toJSON: () => "vi" }], ["editor", Symbol("vi")], ["editor", new Date(0)],
    ["flags", "x"], ["flags", ["a", "b", "c", "d"]], ["flags", [1]], ["flags", ["a", undefined]], ["flags", Object.assign([], { length: 2 })], ["flags", { length: 1, 0: "a" }],
    ["parts", ["middle"]], ["parts", ["head", 1]],
  ];
  it.each(misfits)("that does not fit costs itself, and is counted: %s %p", async (name, value) => {
    expect(await added({ [name]: value, shell: "zsh" })).toEqual({ event: { ...BARE, shell: "zsh" }, lost: { "invalid-property": 1 } });
  });

  it.each(["colour", "constructor", "toString", "Tag_count", "__proto__"])("that is not declared costs itself, unread, and is counted: %s", async (name) => {
    let reads = 0;
    const properties = Object.defineProperty({ tag_count: 1 }, name, { enumerable: true, get: () => (reads += 1) });
    expect(await added(properties)).toEqual({ event: { ...BARE, tag_count: 1 }, lost: { "undeclared-property": 1 } });
    expect(reads).toBe(0);
  });

  it("whose getter throws costs itself, and is counted", async () => {
    const properties = { has_body: true, get tag_count() { throw new Error("x"); } };
    expect(await added(properties)).toEqual({ event: { ...BARE, has_body: true }, lost: { "invalid-property": 1 } });
  });

  it("is read once, so that what was judged is what is kept", async () => {
    let reads = 0;
    expect(await added({ get tag_count() { reads += 1; return reads === 1 ? 5 : "secret"; } })).toEqual({ event: { ...BARE, tag_count: 5 }, lost: {} });
    const items = new Proxy(["head"], { get: (list, key) => (key === "0" && (reads += 1) > 2 ? "secret" : Reflect.get(list, key)) });
    expect((await added({ parts: items })).lost).toEqual({});
    expect(JSON.stringify(arrived())).not.toContain("secret");
  });

  it("from JSON cannot reach the prototype", async () => {
    const { event, lost } = await added(JSON.parse('{"__proto__":{"format":"md"},"tag_count":1}'));
    expect({ event, lost }).toEqual({ event: { ...BARE, tag_count: 1 }, lost: { "undeclared-property": 1 } });
    expect(Object.hasOwn(Object.prototype, "format")).toBe(false);
  });

  const revoked = (): object => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; };
  it.each<[string, unknown]>([["a text", "x".repeat(1e6)], ["a list", ["x"]], ["a map", new Map([["tag_count", 1]])], ["a function", () => 1], ["a revoked proxy", revoked()], ["a number", 1]])("cannot be had from %s; the event is kept", async (_, given) => {
    const collector = loose();
    // In the free form a text in this place would be the event's name.
    if (typeof given === "string") collector.trackCommand("notes list", { durationMs: 1, exitCode: 0 }, given as never);
    else collector.track("note.added", given);
    await collector.flush();
    expect(backend.events.map(({ metadata }) => metadata)).toEqual([undefined]);
    expect(collector.counts().lost).toEqual({ "invalid-property": 1 });
  });

  it("that is left out, or undefined, is no loss, even if it is required", async () => {
    const collector = loose();
    collector.track("note.lost", { found: undefined });
    collector.track("note.lost");
    await collector.flush();
    expect(arrived()).toEqual([{ name: "note.lost", type: "command.error" }, { name: "note.lost", type: "command.error" }]);
    expect(collector.counts().lost).toEqual({});
  });

  it("that fits is kept as it is, but for a text, which is redacted and then cut", async () => {
    const fits = { tag_count: 1000, ratio: -0, format: "md", has_body: false, flags: ["-x", "--recursive"], parts: [], shell: "bash" };
    const { event } = await added({ ...fits, editor: "token=ghp_0123456789abcdefghijklmnopqrstuvwxyz at home" });
    expect(event).toMatchObject({ ...BARE, ...fits, ratio: 0, flags: ["-x", "--recur…"] });
    expect(Object.is((event as { ratio: number }).ratio, 0)).toBe(true);
    const { editor } = event as { editor: string };
    expect(editor.length).toBeLessThanOrEqual(16);
    expect(editor).not.toContain("ghp_");
  });
});

describe("commands under a catalog", () => {
  it("need no declaration; their properties do, for all commands or for one", async () => {
    const collector = loose();
    const outcome = { durationMs: 5, exitCode: 3 };
    collector.trackCommand("notes list", outcome, { quiet: true, format: "md" });
    collector.trackCommandExtended("notes export", ["--secret"], { ...outcome, error: "x" }, { quiet: false, format: "txt" });
    collector.trackCommand("constructor", outcome, { quiet: true });
    await collector.flush();
    expect(arrived()).toEqual([
      { name: "notes list", type: "command.invocation", quiet: true },
      { name: "notes export", type: "command.invocation", quiet: false, format: "txt" },
      { name: "constructor", type: "command.invocation", quiet: true },
    ]);
    expect(backend.events[1]).not.toHaveProperty("args");
    expect(collector.counts()).toMatchObject({ tracked: 3, lost: { "undeclared-property": 1 } });
  });

  it("have arguments and error messages only where the catalog declares them", async () => {
    const commands = { extended: { purpose: "which options fail" } };
    const collector = loose({ events: {}, commands }, { extendedCollection: true });
    collector.trackCommandExtended("notes list", ["--all"], { durationMs: 1, exitCode: 1, error: "no such note" });
    await collector.flush();
    expect(backend.events).toEqual([expect.objectContaining({ args: ["--all"], error: "no such note" })]);
  });

  it("come from adapters too, whose own events the catalog must declare, and types", async () => {
    const catalog = defineEvents({ events: { command_started: { type: "command.started", purpose: "x", properties: { args_count: { type: "integer", min: 0, max: 99, purpose: "x" } } } } });
    const collector = loose(catalog);
    collector.track("command.other", "command_started", { args_count: 2, command: "notes list" });
    collector.track("command.invocation", "command_started", { args_count: 2 });
    collector.track("feature.used", "export", {});
    await collector.flush();
    expect(arrived()).toEqual([{ name: "command_started", type: "command.started", args_count: 2 }, { name: "command_started", type: "command.invocation" }]);
    expect(collector.counts().lost).toEqual({ undeclared: 1, "undeclared-property": 2 });
  });
});

describe("the properties of every event", () => {
  it.each([[{ shell: "zsh", user: "me" }], [() => ({ shell: "zsh", user: "me" })]])("are kept as far as the catalog declares them, and counted once: %p", async (metadata) => {
    machine.host.environment["NODE_ENV"] = "production";
    const collector = loose(NOTE_CATALOG, { metadata: metadata as never });
    collector.track("notes.opened");
    collector.track("note.added", { shell: "bash" });
    await collector.flush();
    expect(arrived()).toEqual([{ name: "notes.opened", type: "feature.used", shell: "zsh" }, { ...BARE, shell: "bash" }]);
    expect(collector.counts().lost).toEqual({ "undeclared-property": 1 });
  });
});
