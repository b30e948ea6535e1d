import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { findProblems } from "../src/config/config-rules.ts";
import { createRedactor } from "../src/redaction/redaction.ts";

const problemsOf = (rules: unknown): string[] => findProblems({ tool: "mytool", version: "1", redaction: { rules } });
/** Exponential in the number of letters before the `!`. */
const ENDLESS = { name: "endless", pattern: /^(\w+\s?)+$/ };
const endlessText = `${"a".repeat(40)}!`;

describe("an author's redaction rule that cannot be used", () => {
  it.each<[unknown, string]>([
    ["x", "redaction.rules: give a list of at most 32 { name, pattern }"],
    [Array.from({ length: 33 }, () => ({ name: "a", pattern: /a/ })), "redaction.rules: give a list of at most 32 { name, pattern }"],
    [[null], "redaction.rules[0]: give { name, pattern }"],
    [[{ pattern: /a/ }], "redaction.rules[0].name: use 1 to 32 small letters, digits and '-', beginning with a letter; it stands in place of what is found"],
    [[{ name: "Customer Number", pattern: /a/ }], "redaction.rules[0].name: use 1 to 32 small letters, digits and '-', beginning with a letter; it stands in place of what is found"],
    [[{ name: "a", pattern: "a" }], "redaction.rules[0].pattern: give a regular expression"],
    [[{ name: "a", pattern: /a*/ }], "redaction.rules[0].pattern: make it match at least one character; now it matches an empty text"],
  ])("is refused: %j", (rules, problem) => {
    expect(problemsOf(rules)).toEqual([problem]);
  });

  it("is refused when the section is no object", () => {
    expect(findProblems({ tool: "mytool", version: "1", redaction: 7 })).toEqual(["redaction: give an object"]);
  });

  it("is told from one that can", () => {
    expect(problemsOf([{ name: "customer", pattern: /CUST-\d+/ }])).toEqual([]);
  });
});

describe("an author's redaction rule", () => {
  const { text, args } = createRedactor({ rules: [{ name: "customer", pattern: /cust-\d+/i }, { name: "order", pattern: /(?<=order )[a-z]{2}(?:-\d+)+/ }] });

  it("takes out every match and names what it was", () => {
    expect(text("CUST-1 and cust-22, order ab-1-2")).toBe("<redacted-customer> and <redacted-customer>, order <redacted-order>");
  });

  it("works beside the built-in rules, in arguments too", () => {
    expect(args(["--token", "x", "cust-7", "/home/alice/cust-8"])).toEqual(["--token", "***", "<redacted-customer>", "~/<redacted-customer>"]);
  });

  it("keeps no state between texts, whatever the flags of its expression", () => {
    const { text: sticky } = createRedactor({ rules: [{ name: "x", pattern: /x\d/gy }] });
    expect([sticky("a x1"), sticky("x1 x2"), sticky("a x1")]).toEqual(["a <redacted-x>", "<redacted-x> <redacted-x>", "a <redacted-x>"]);
  });

  it("does not look into what stands in place of a secret", () => {
    const { text: greedy } = createRedactor({ rules: [{ name: "any", pattern: /[a-z]+/ }] });
    const once = greedy("password=x and more");
    expect(once).not.toMatch(/x|more/);
    expect(greedy(once)).toBe(once);
  });

  it("that matches an empty text changes nothing there", () => {
    expect(createRedactor({ rules: [{ name: "nothing", pattern: /b*/ }] }).text("abba")).toBe("a<redacted-nothing>a");
  });

  it("that does not end costs the text, not the tool", () => {
    const problems: string[] = [];
    const { text: slow } = createRedactor({ rules: [ENDLESS], report: (problem) => problems.push(problem) });
    expect(slow("short enough!")).toBe("short enough!");
    expect([slow(endlessText), slow(endlessText)]).toEqual(["<redacted>", "<redacted>"]);
    expect(problems).toEqual([]);
    expect(slow(endlessText)).toBe("<redacted>");
    expect(problems).toEqual(["redaction rule <redacted-endless> takes over 100 ms; texts are recorded as <redacted> instead"]);
    expect(slow("short enough!")).toBe("<redacted>");
  });

  it.each([/(a?){40}a{40}b/, /(a|aa)+$/, /(?:a{1,40}){1,40}b/, /a*a*a*a*a*a*a*a*b/])("that does not end is found out, however it is written: %s", (pattern) => {
    expect(createRedactor({ rules: [{ name: "endless", pattern }] }).text(`${"a".repeat(900)}!`)).toBe("<redacted>");
  });

  it("is not applied to a text longer than any event holds, so such a text is not shown", () => {
    expect(text("a ".repeat(10_000))).toBe("<redacted>");
  });

  it("leaves redaction total and idempotent", () => {
    const patterns = [/\w/, /[a-z]+/, /redacted/, /\*+/, /<.*>/, /^./, /.$/, /a|b/, /\s/, /./, /x*/];
    fc.assert(
      fc.property(fc.subarray(patterns, { minLength: 1 }), fc.string({ unit: fc.constantFrom("a", "b", " ", "=", "password", "***", "<redacted>", "x", ":"), maxLength: 12 }), (list, input) => {
        const { text: redact } = createRedactor({ rules: list.map((pattern, index) => ({ name: `r${index}`, pattern })) });
        const once = redact(input);
        expect(redact(once)).toBe(once);
      }),
      { numRuns: 500 },
    );
  });
});
