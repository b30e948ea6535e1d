import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { documentPieces, entries, inOneLine, indented, printable } from "../src/inspection/pieces.ts";

const document = (members: Readonly<Record<string, unknown>>): string => [...documentPieces(Object.entries(members))].join("");

describe("a document in pieces", () => {
  it("reads as the same value and looks as JSON.stringify has it", () => {
    const json = fc.jsonValue().filter((value) => printable(JSON.stringify(value)) === JSON.stringify(value));
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1, unit: "grapheme-ascii" }), json), fc.array(json), (members, list) => {
        const text = document({ ...members, list: entries(list) });
        expect(text).toBe(`${JSON.stringify({ ...members, list }, undefined, 2)}\n`);
      }),
    );
  });

  it("is an empty object without members, and leaves out what is undefined", () => {
    expect(document({})).toBe("{}\n");
    expect(document({ a: undefined, b: entries([]), c: 1 })).toBe('{\n  "b": [],\n  "c": 1\n}\n');
  });

  it("asks for one entry at a time", () => {
    let made = 0;
    const items = (function* () {
      for (;;) yield ++made;
    })();
    const pieces = documentPieces([["list", entries(items)]]);
    for (let taken = 0; taken < 10; taken++) pieces.next();
    expect(made).toBeLessThanOrEqual(10);
  });
});

describe("what is printed", () => {
  it("never moves the cursor, hides text or turns it round, and reads as the same value", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        for (const shown of [inOneLine({ text }), indented({ text }, 3)]) {
          // oxlint-disable-next-line no-control-regex -- control characters are exactly what is looked for
          expect(shown.replaceAll("\n", "")).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/);
          expect(JSON.parse(shown)).toEqual({ text });
        }
      }),
    );
  });

  it.each(["\u001b[2J", "\u009b2J", "\u202e", "\r", "\u2028"])("shows %j escaped", (text) => {
    expect(printable(`a${text}`)).not.toContain(text[0]);
  });
});
