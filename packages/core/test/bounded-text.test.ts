import { describe, expect, it } from "@jest/globals";
import { boundedText } from "../src/event/bounded-text.ts";

const same = (text: string): string => text;

describe("bounded text", () => {
  it("is redacted before it is cut", () => {
    expect(boundedText("my secret word", 9, (text) => text.replace("secret", "***"))).toBe("my *** w…");
  });

  it("never exceeds its length, and keeps what fits", () => {
    expect(boundedText("abcd", 4, same)).toBe("abcd");
    expect(boundedText("abcde", 4, same)).toBe("abc…");
  });

  it("has no lone surrogate, neither from the text nor from a cut", () => {
    expect(boundedText("a\uD800b\uDC00", 10, same)).toBe("a\uFFFDb\uFFFD");
    expect(boundedText("😀😀😀", 4, same)).toBe("😀…");
  });

  it("ends the part it reads of a huge text at a space", () => {
    const seen: string[] = [];
    const text = `${"word ".repeat(3_276)}secret${"x".repeat(100)}`;
    boundedText(text, 100, (part) => {
      seen.push(part);
      return part;
    });
    expect(seen).toEqual([`${"word ".repeat(3_276).trimEnd()}…`]);
  });
});
