import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { hasSign } from "../src/redaction/sign.ts";
import { isSensitiveFlag, sensitivityOf } from "../src/redaction/sensitive-name.ts";

/** What the rules need to apply, as one expression. */
const SIGN = /[=:@%\\/~+]|(?<![\w-])[\w-]{15}|\d\.\d{1,3}\.\d{1,3}\.\d|--|(?:^|\s)-|bearer|basic|eyJ/i;

const piece = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.constantFrom("-", "--", " -", "\t-", "\u00a0-", ".", "_", "1.2.3.4", "Bearer", "BASIC", "eYj", "abcdefghijklmno", "ab-cd", "\u0130", "\u017f", "\ufeff-"),
);
const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));

describe("the sign of something to redact", () => {
  it("is seen in every text in which a rule might find something", () => {
    fc.assert(
      fc.property(text, (each) => {
        expect(hasSign(each) || !SIGN.test(each)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  it.each(["notes export", "pdf", "eu-west-1", "dark", "#a1b2c3.0000001#", "", "a b-c", "1.2.3", "fourteen-signs"])("is not seen in %j", (each) => {
    expect(hasSign(each)).toBe(false);
  });
});

describe("the name of a secret", () => {
  const words = ["pass", "password", "passwd", "passphrase", "passcode", "dbpass", "secret", "token", "credential", "apikey", "authorization", "cookie", "jwt", "pwd", "bearer", "mnemonic", "seedphrase"];

  it.each(words.filter((word) => word !== "pass"))("is known as %s, however it is written", (word) => {
    const spaced = word.split("").join("_");
    for (const name of [word, word.toUpperCase(), `my_${word}`, `${word}Value`, `${word}_2`, spaced]) expect([name, sensitivityOf(name)]).toEqual([name, "singular"]);
    expect(sensitivityOf(`${word}s`)).not.toBe("none");
  });

  it("is known as --pass too, where it is a flag", () => {
    expect(isSensitiveFlag("pass")).toBe(true);
    expect(sensitivityOf("compass")).toBe("none");
  });
});
