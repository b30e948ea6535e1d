import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { joinedBytes } from "../src/platform/joined-bytes.ts";

describe("joined bytes", () => {
  it("are those of each text, one behind the other, halves of characters included", () => {
    const texts = fc.array(fc.oneof(fc.string({ unit: "grapheme" }), fc.string({ unit: "binary" }), fc.constantFrom("", "\ud83d", "\ude00", "x".repeat(20_000))));
    fc.assert(
      fc.property(texts, (given) => {
        expect(joinedBytes(given).equals(Buffer.concat(given.map((text) => Buffer.from(text))))).toBe(true);
      }),
    );
  });

  it("are none of no texts", () => {
    expect(joinedBytes([])).toHaveLength(0);
  });
});
