/**
 * What holds for every catalog and whatever is tracked: nothing that is not declared, or does not fit, is ever in an event; and
 * tracked = arrived + dropped.
 */
import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import type { TelemetryEvent } from "@candor/backend";
import { spyBackend } from "@candor/testing";
import { type Catalog, DEFAULT_EVENT_TYPE, type ItemDeclaration, type OptionalPropertyDeclaration, type ValueDeclaration } from "../src/catalog/catalog.ts";
import { findCatalogProblems } from "../src/catalog/catalog-rules.ts";
import { catalogDocument } from "../src/catalog/document.ts";
import { createCollector } from "../src/collector/create-collector.ts";
import { totalLosses } from "../src/spool/loss-counts.ts";
import { readLosses } from "../src/spool/losses.ts";
import { directoriesFor } from "../src/platform/paths.ts";
import { workstation } from "./fake-ports.ts";
import { answer } from "./options.ts";

type Properties = Readonly<Record<string, OptionalPropertyDeclaration>>;

/** Few names, so that what is passed often meets what is declared; among them those that every object has. */
const name = fc.constantFrom("a", "b", "constructor", "toString", "hasOwnProperty", "e-mail", "x.y");
const anyName = fc.oneof(name, fc.constantFrom("__proto__", "prototype", "A", "a ", "0", "events"), fc.string({ maxLength: 8 }));
const value = fc.constantFrom("md", "txt", "constructor", "x".repeat(20));

const item: fc.Arbitrary<ItemDeclaration> = fc.oneof(
  fc.record({ type: fc.constant("enum" as const), values: fc.uniqueArray(value, { minLength: 1 }) }),
  fc.record({ type: fc.constant("text" as const), maxLength: fc.integer({ min: 1, max: 12 }) }),
);
const range = fc.tuple(fc.integer({ min: -50, max: 50 }), fc.nat(60)).map(([min, width]) => ({ min, max: min + width }));
const declaration: fc.Arbitrary<OptionalPropertyDeclaration> = fc
  .oneof(
    fc.constant({ type: "boolean" as const }),
    range.map((bounds) => ({ type: "integer" as const, ...bounds })),
    range.map((bounds) => ({ type: "number" as const, ...bounds })),
    item,
    item,
    fc.record({ type: fc.constant("list" as const), maxItems: fc.integer({ min: 1, max: 4 }), items: item }),
  )
  .map((bounds) => ({ ...bounds, purpose: "x" }));
const properties: fc.Arbitrary<Properties> = fc.dictionary(name, declaration, { maxKeys: 4, noNullPrototype: true });

const catalogs: fc.Arbitrary<Catalog> = fc
  .record({
    common: properties.map((declared) => ({ properties: declared })),
    events: fc.dictionary(name, properties.map((declared) => ({ purpose: "x", properties: declared })), { maxKeys: 4, noNullPrototype: true }),
    commands: properties.map((declared) => ({ properties: declared })),
  })
  .filter((catalog) => findCatalogProblems(catalog).length === 0);

const hostile = fc.constantFrom<() => unknown>(
  () => Object.defineProperty({}, "a", { enumerable: true, get: () => { throw new Error("x"); } }),
  () => new Proxy({}, { ownKeys: () => { throw new Error("x"); } }),
  () => new Proxy({}, { ownKeys: () => ["a", "b"], getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }), get: () => Symbol("x") }),
  () => JSON.parse('{"__proto__":{"a":1},"constructor":{"prototype":{"a":1}},"a":1}') as unknown,
  () => Object.create({ a: true, b: 1 }),
  () => new Map([["a", 1]]),
);
const anyValue = fc.oneof(value, fc.boolean(), fc.integer({ min: -60, max: 120 }), fc.double(), value, fc.string(), fc.array(fc.oneof(value, fc.string()), { maxLength: 6 }), fc.anything());
const given = fc.oneof({ weight: 5, arbitrary: fc.dictionary(anyName, anyValue, { maxKeys: 6 }) as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: hostile.map((make) => make()) }, { weight: 1, arbitrary: fc.anything().filter((thing) => typeof thing !== "string") });

function fits(kept: unknown, declared: ValueDeclaration): boolean {
  switch (declared.type) {
    case "boolean":
      return typeof kept === "boolean";
    case "integer":
    case "number":
      return typeof kept === "number" && kept >= declared.min && kept <= declared.max && (declared.type === "number" || Number.isInteger(kept));
    case "enum":
      return declared.values.includes(kept as string);
    case "text":
      return typeof kept === "string" && kept.length <= declared.maxLength;
    case "list":
      return Array.isArray(kept) && kept.length <= declared.maxItems && kept.every((each) => fits(each, declared.items));
  }
}

function isDeclared({ type, name: called, metadata = {} }: TelemetryEvent, { events, common, commands }: Catalog): boolean {
  const own = type === "command.invocation" ? commands : Object.hasOwn(events, called) ? events[called] : undefined;
  const declared = new Map(Object.entries({ ...common?.properties, ...own?.properties }));
  return own !== undefined && Object.entries(metadata).every(([key, kept]) => {
    const property = declared.get(key);
    return property !== undefined && fits(kept, property);
  });
}

describe("under any catalog", () => {
  it("only what is declared arrives, everything else is counted, and nothing throws", async () => {
    const step = fc.record({ do: fc.constantFrom("track", "command"), name: anyName, given });
    await fc.assert(
      fc.asyncProperty(catalogs, fc.array(step, { maxLength: 12 }), given, async (catalog, steps, metadata) => {
        const machine = workstation();
        answer(machine);
        const backend = spyBackend();
        const collector = createCollector({ tool: "notes", version: "1", backend, catalog, metadata: () => metadata as never }, machine.ports);
        for (const { do: what, name: called, given: passed } of steps) {
          if (what === "track") collector.track(called, passed as never);
          else collector.trackCommand(called, { durationMs: 1, exitCode: 0 }, passed as never);
        }
        await collector.flush();
        const { tracked } = collector.counts();
        await collector.close();
        const lost = totalLosses(readLosses(directoriesFor("notes", machine.host), machine.ports));
        machine.dispose();
        expect(backend.events.filter((event) => !isDeclared(event, catalog))).toEqual([]);
        expect(backend.events.filter(({ type }) => type !== "command.invocation" && type !== DEFAULT_EVENT_TYPE)).toEqual([]);
        const named = steps.filter((one) => one.name.trim() !== "");
        expect({ tracked, sum: backend.events.length + lost }).toEqual({ tracked: named.length, sum: named.length });
        const known = named.filter((one) => one.do === "command" || Object.hasOwn(catalog.events, one.name));
        expect(backend.events).toHaveLength(known.length);
      }),
      { numRuns: 150 },
    );
  });

  it("the document names every event and property, and is the same twice", () => {
    fc.assert(
      fc.property(catalogs, (catalog) => {
        const text = catalogDocument(catalog);
        const names = [...Object.keys(catalog.events), ...[catalog.common, catalog.commands, ...Object.values(catalog.events)].flatMap((section) => Object.keys(section?.properties ?? {}))];
        expect(names.filter((each) => !text.includes(`\`${each}\``))).toEqual([]);
        expect(catalogDocument(structuredClone(catalog))).toBe(text);
      }),
    );
  });
});
