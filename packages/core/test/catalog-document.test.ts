import { describe, expect, it } from "@jest/globals";
import { eventToJson } from "@candor/backend";
import { sampleEvent } from "@candor/testing";
import type { Catalog } from "../src/catalog/catalog.ts";
import { catalogDocument } from "../src/catalog/document.ts";
import { NOTE_CATALOG } from "./note-catalog.ts";

const property = (declaration: object): Catalog => ({ events: { a: { purpose: "x", properties: { n: { ...declaration, purpose: "why" } as never } } } });

describe("the document", () => {
  it("names every field that an event can have", () => {
    const whole = sampleEvent({ durationMs: 1, exitCode: 1, signal: "SIGINT", args: ["a"], error: "x", droppedEvents: 1, metadata: { a: 1 } });
    const text = catalogDocument({ events: {}, commands: { extended: { purpose: "x" } } });
    const { metadata: _properties, ...fields } = eventToJson(whole);
    expect(Object.keys(fields).filter((field) => !text.includes(`\`${field}\``))).toEqual([]);
  });

  it("promises that arguments are never recorded only where they are not", () => {
    const promise = "- arguments and error messages\n";
    expect(catalogDocument({ events: {} })).toContain(promise);
    const extended = catalogDocument({ events: {}, commands: { extended: { purpose: "Shows which options fail." } } });
    expect(extended).not.toContain(promise);
    expect(extended).toContain("`args` and `error`: arguments and error messages, with what looks like a secret taken out. Shows which options fail.");
  });

  it("warns of texts only where there are some", () => {
    const warning = "A text is what the tool puts there";
    expect(catalogDocument(property({ type: "boolean" }))).not.toContain(warning);
    expect(catalogDocument(property({ type: "text", maxLength: 9 }))).toContain(warning);
    expect(catalogDocument(property({ type: "list", maxItems: 2, items: { type: "text", maxLength: 9 } }))).toContain(warning);
  });

  it.each<[object, string]>([
    [{ type: "boolean" }, "true or false"],
    [{ type: "integer", min: -1, max: 5 }, "a whole number from -1 to 5"],
    [{ type: "number", min: 0, max: 0.5 }, "a number from 0 to 0.5"],
    [{ type: "enum", values: ["md", "a|b", "`"] }, "one of `md`, `a\\|b`, `` ` ``"],
    [{ type: "text", maxLength: 64 }, "a text of at most 64 characters"],
    [{ type: "list", maxItems: 3, items: { type: "enum", values: ["md"] } }, "up to 3 of these: one of `md`"],
    [{ type: "list", maxItems: 3, items: { type: "text", maxLength: 4 } }, "up to 3 of these: a text of at most 4 characters"],
  ])("says what a property of %j holds", (declaration, words) => {
    expect(catalogDocument(property(declaration))).toContain(`| \`n\` | ${words} | why |`);
  });

  it("says who, where and how long, if the catalog does, and no more than it knows", () => {
    const text = catalogDocument(NOTE_CATALOG);
    for (const part of ["# What notes records", "To learn which commands fail.", "- A server of the authors of notes.", "- It is kept there for 90 days.", "privacy@notes.example", "`notes telemetry reset`", "### `notes export`"]) {
      expect(text).toContain(part);
    }
    const bare = catalogDocument({ events: {} });
    expect(bare).toContain("# What this tool records");
    expect(bare).toContain("How long it is kept there is not stated.");
    expect(bare).not.toMatch(/## Questions|## Events|undefined/);
  });
});
