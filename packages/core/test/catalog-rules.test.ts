import { describe, expect, it } from "@jest/globals";
import { isCandorError } from "@candor/backend";
import { spyBackend } from "@candor/testing";
import type { Catalog } from "../src/catalog/catalog.ts";
import { findCatalogProblems } from "../src/catalog/catalog-rules.ts";
import { createCollector } from "../src/collector/create-collector.ts";
import { status } from "../src/commands.ts";
import { workstation } from "./fake-ports.ts";
import { NOTE_CATALOG } from "./note-catalog.ts";
import { answer } from "./options.ts";

const FLAG = { type: "boolean", purpose: "x" };
const withEvent = (event: unknown): unknown => ({ events: { a: event } });
const withProperty = (property: unknown, name = "n"): unknown => withEvent({ purpose: "x", properties: { [name]: property } });
const many = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, FLAG]));
const THROWING = { get events() { throw new Error("x"); } };

/** A catalog as a careless author, or a file of JSON, may have it, and the field that is named. */
const MISTAKES: readonly (readonly [string, unknown])[] = [
  ["catalog", undefined],
  ["catalog", null],
  ["catalog", "x"],
  ["catalog", []],
  ["catalog", THROWING],
  ["catalog.events", {}],
  ["catalog.events", { events: null }],
  ["catalog.events", { events: [] }],
  ["catalog.event", { events: {}, event: {} }],
  ["catalog.tool", { tool: 1, events: {} }],
  ["catalog.purpose", { purpose: "", events: {} }],
  ["catalog.contact", { contact: "a\nb", events: {} }],
  ["catalog.destination", { destination: {}, events: {} }],
  ["catalog.retentionDays", { retentionDays: 0, events: {} }],
  ["catalog.retentionDays", { retentionDays: 1.5, events: {} }],
  ["catalog.common", { common: "x", events: {} }],
  ["catalog.common.shell", { common: { shell: FLAG }, events: {} }],
  ["catalog.common.properties.n.required", { common: { properties: { n: { ...FLAG, required: true } } }, events: {} }],
  ["catalog.commands", { commands: 1, events: {} }],
  ["catalog.commands.properties.n.required", { commands: { properties: { n: { ...FLAG, required: true } } }, events: {} }],
  ['catalog.commands.byPath["notes list"]', { commands: { byPath: { "notes list": null } }, events: {} }],
  ['catalog.commands.byPath["notes list"].purpose', { commands: { byPath: { "notes list": { purpose: "x", properties: {} } } }, events: {} }],
  ['catalog.commands.byPath["notes list"].properties.n', { commands: { properties: { n: FLAG }, byPath: { "notes list": { properties: { n: FLAG } } } }, events: {} }],
  ["catalog.commands.properties.n", { common: { properties: { n: FLAG } }, commands: { properties: { n: FLAG } }, events: {} }],
  ["catalog.commands.extended", { commands: { extended: true }, events: {} }],
  ["catalog.commands.extended.purpose", { commands: { extended: {} }, events: {} }],
  ['catalog.events["a"]', withEvent("x")],
  ['catalog.events[""]', { events: { "": { purpose: "x" } } }],
  ['catalog.events[" a"]', { events: { " a": { purpose: "x" } } }],
  [`catalog.events["${"a".repeat(257)}"]`, { events: { ["a".repeat(257)]: { purpose: "x" } } }],
  ['catalog.events["__proto__"]', JSON.parse('{"events":{"__proto__":{"purpose":"x"}}}')],
  ['catalog.events["a"].purpose', withEvent({})],
  ['catalog.events["a"].type', withEvent({ purpose: "x", type: 1 })],
  ['catalog.events["a"].type', withEvent({ purpose: "x", type: "command.invocation" })],
  ['catalog.events["a"].type', withEvent({ purpose: "x", type: "data.deletion_request" })],
  ['catalog.events["a"].propertis', withEvent({ purpose: "x", propertis: {} })],
  ['catalog.events["a"].properties', withEvent({ purpose: "x", properties: [] })],
  ['catalog.events["a"].properties', withEvent({ purpose: "x", properties: many(65) })],
  ['catalog.events["a"].properties', { common: { properties: many(60) }, events: { a: { purpose: "x", properties: { n: FLAG, m: FLAG, l: FLAG, k: FLAG, j: FLAG } } } }],
  ['catalog.events["a"].properties.n', withProperty(null)],
  ['catalog.events["a"].properties.n.type', withProperty({ purpose: "x" })],
  ['catalog.events["a"].properties.n.type', withProperty({ type: "toString", purpose: "x" })],
  ['catalog.events["a"].properties.n.type', withProperty({ type: "string", purpose: "x" })],
  ['catalog.events["a"].properties.n.purpose', withProperty({ type: "boolean" })],
  ['catalog.events["a"].properties.n.required', withProperty({ ...FLAG, required: 1 })],
  ['catalog.events["a"].properties.n.min', withProperty({ ...FLAG, min: 1 })],
  ['catalog.events["a"].properties.n.min', withProperty({ type: "integer", max: 1, purpose: "x" })],
  ['catalog.events["a"].properties.n.max', withProperty({ type: "integer", min: 0, max: 1.5, purpose: "x" })],
  ['catalog.events["a"].properties.n.max', withProperty({ type: "number", min: 0, max: Number.POSITIVE_INFINITY, purpose: "x" })],
  ['catalog.events["a"].properties.n.max', withProperty({ type: "number", min: 1, max: 0, purpose: "x" })],
  ['catalog.events["a"].properties.n.values', withProperty({ type: "enum", purpose: "x" })],
  ['catalog.events["a"].properties.n.values', withProperty({ type: "enum", values: [], purpose: "x" })],
  ['catalog.events["a"].properties.n.values', withProperty({ type: "enum", values: [1], purpose: "x" })],
  ['catalog.events["a"].properties.n.values', withProperty({ type: "enum", values: ["a", "a"], purpose: "x" })],
  ['catalog.events["a"].properties.n.maxLength', withProperty({ type: "text", purpose: "x" })],
  ['catalog.events["a"].properties.n.maxLength', withProperty({ type: "text", maxLength: 1_025, purpose: "x" })],
  ['catalog.events["a"].properties.n.maxItems', withProperty({ type: "list", items: { type: "text", maxLength: 1 }, purpose: "x" })],
  ['catalog.events["a"].properties.n.items', withProperty({ type: "list", maxItems: 1, purpose: "x" })],
  ['catalog.events["a"].properties.n.items.type', withProperty({ type: "list", maxItems: 1, items: { type: "boolean" }, purpose: "x" })],
  ['catalog.events["a"].properties.n.items.purpose', withProperty({ type: "list", maxItems: 1, items: { type: "text", maxLength: 1, purpose: "x" }, purpose: "x" })],
  ['catalog.events["a"].properties.1st', withProperty(FLAG, "1st")],
  ['catalog.events["a"].properties.a b', withProperty(FLAG, "a b")],
  ['catalog.events["a"].properties.api_key', withProperty({ type: "text", maxLength: 9, purpose: "x" }, "api_key")],
];

describe("a catalog's mistake", () => {
  it.each(MISTAKES)("in %s is named, and how to mend it", (field, catalog) => {
    const problems = findCatalogProblems(catalog);
    expect(problems.map((problem) => problem.split(": ")[0])).toEqual([field]);
    expect(problems[0]).toMatch(/: (?:give|declare|rename|choose|leave|make|list|remove)\b/);
  });

  it("is reported with all the others", () => {
    const problems = findCatalogProblems({ retentionDays: -1, events: { a: { properties: { n: { type: "integer", min: 0 } } }, b: 1 } });
    expect(problems).toHaveLength(5);
  });

  it.each<[string, Record<string, unknown>]>([
    ["catalog.tool", { catalog: { ...NOTE_CATALOG, tool: "other" } }],
    ["catalog.commands.extended", { catalog: NOTE_CATALOG, extendedCollection: true }],
    ["metadata.region", { catalog: NOTE_CATALOG, metadata: { shell: "zsh", region: "eu" } }],
    ["catalog.events", { catalog: {} }],
    ["catalog", { catalog: "x" }],
  ])("in %s is thrown by createCollector where the author sees it", (field, options) => {
    const machine = workstation();
    const make = (): unknown => createCollector({ tool: "notes", version: "1.0.0", ...options }, machine.ports);
    let thrown: unknown;
    try {
      make();
    } catch (error) {
      thrown = error;
    }
    machine.dispose();
    expect(isCandorError(thrown)).toBe(true);
    expect(String(thrown)).toContain(`\n  ${field}: `);
  });
});

describe("a catalog with mistakes in a user's hands", () => {
  it.each<[string, unknown]>([
    ["is no object", "x"],
    ["declares no events", {}],
    ["has an event that is none", { events: { a: null } }],
    ["has properties that are none", { events: { a: { purpose: "x", properties: 5 } } }],
    ["has properties without bounds", { events: { a: { purpose: "x", properties: { n: { type: "integer" }, e: { type: "enum" }, l: { type: "list" }, u: { type: "any" }, z: null } } } }],
    ["has common properties that are none", { common: { properties: { n: null } }, events: { a: { purpose: "x" } } }],
  ])("lets no property through when it %s, and never throws", async (_, catalog) => {
    const machine = workstation();
    answer(machine);
    machine.host.environment["NODE_ENV"] = "production";
    const backend = spyBackend();
    const collector = createCollector({ tool: "notes", version: "1.0.0", backend, catalog: catalog as Catalog }, machine.ports);
    collector.track("a", { n: 1, e: "x", l: ["x"], u: "x", z: 1 } as never);
    collector.trackCommand("notes list", { durationMs: 1, exitCode: 0 }, { n: 1 });
    await collector.flush();
    expect(status(collector).exitCode).toBe(0);
    await collector.close();
    machine.dispose();
    expect(backend.events.filter(({ metadata }) => metadata !== undefined)).toEqual([]);
  });
});

describe("a catalog without mistakes", () => {
  it.each<[string, unknown]>([
    ["with everything", NOTE_CATALOG],
    ["with nothing", { events: {} }],
    ["with names from the prototype", { events: { constructor: { purpose: "x", properties: { toString: FLAG, valueOf: FLAG } } } }],
    ["with a count of secrets", withProperty({ type: "integer", min: 0, max: 9, purpose: "x" }, "tokens")],
  ])("%s has no problems", (_, catalog) => {
    expect(findCatalogProblems(catalog)).toEqual([]);
  });
});
