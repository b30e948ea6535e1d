import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import type { NormalisedMetadata } from "../src/event/normalisation.ts";
import { normaliseMetadata } from "../src/event/normalisation.ts";
import { createRedactor } from "../src/redaction/redaction.ts";

const { text: redact, args } = createRedactor();

const normalise = (input: unknown, maxStringLength?: number): NormalisedMetadata =>
  normaliseMetadata(input, { redactText: redact, redactArguments: args, ...(maxStringLength === undefined ? {} : { maxStringLength }) });
const metadataOf = (input: unknown): unknown => normalise(input).metadata;

const refuse = (): never => {
  throw new Error("refused");
};
const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

describe("normalisation of hostile values", () => {
  it("drops only the property whose getter throws, and names it", () => {
    const input = { a: 1, get bad(): number { return refuse(); }, b: 2 };
    expect(normalise(input)).toEqual({ metadata: { a: 1, b: 2 }, problems: ["bad could not be read"] });
  });

  it.each([
    ["a throwing toJSON", { toJSON: refuse }],
    ["a throwing toJSON getter", { get toJSON(): never { return refuse(); } }],
    ["a revoked proxy", revoked()],
    ["a proxy that lists no keys", new Proxy({}, { ownKeys: refuse })],
    ["an error with a throwing message", Object.defineProperty(new Error("x"), "message", { get: refuse })],
    ["a date that is none", Object.create(Date.prototype)],
    ["a map that cannot be walked", Object.assign(new Map(), { keys: refuse })],
  ])("drops only the property that holds %s", (_name, value) => {
    const { metadata, problems } = normalise({ a: 1, bad: value, b: 2 });
    expect(metadata).toEqual({ a: 1, b: 2 });
    expect(problems).toEqual(["bad could not be read"]);
  });

  it.each([["a revoked proxy", revoked()], ["a throwing toJSON", { toJSON: refuse }]])("answers no metadata for %s", (_name, input) => {
    expect(normalise(input)).toEqual({ metadata: {}, problems: ["metadata could not be read"] });
  });

  it.each(["text", 7, true, [1], new Set([1]), () => 1, Symbol("x"), new Date(0)])("answers no metadata for %p", (input) => {
    expect(normalise(input)).toEqual({ metadata: {}, problems: ["metadata is not an object of properties"] });
  });

  it.each([undefined, null])("answers no metadata and no problem for %p", (input) => {
    expect(normalise(input)).toEqual({ metadata: {}, problems: [] });
  });

  it("costs the property whose text the redaction cannot take", () => {
    const redactText = (text: string): string => (text === "bad" ? refuse() : text);
    expect(normaliseMetadata({ a: "bad", b: "good" }, { redactText }).metadata).toEqual({ b: "good" });
  });

  it("never sets a prototype", () => {
    const { metadata } = normalise(JSON.parse('{"__proto__":{"polluted":true},"constructor":1}'));
    expect(Object.getPrototypeOf(metadata)).toBe(Object.prototype);
    expect(Object.entries(metadata)).toEqual([["constructor", 1]]);
  });

  it("breaks cycles and keeps what is only shared", () => {
    const shared = { x: 1 };
    const cycle: Record<string, unknown> = { shared, again: shared };
    cycle["self"] = cycle;
    cycle["list"] = [cycle];
    expect(metadataOf({ cycle })).toEqual({ cycle: { shared, again: shared, self: "[Circular]", list: ["[Circular]"] } });
  });

  it("answers JSON of bounded size for every value, and the same for its own answer", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true, withSparseArray: true, withNullPrototype: true, maxDepth: 6 })), (input) => {
        const { metadata } = normalise(input);
        expect(JSON.parse(JSON.stringify(metadata))).toEqual(metadata);
        expect(metadataOf(metadata)).toEqual(metadata);
      }),
      { numRuns: 500 },
    );
  });
});

describe("normalisation of values", () => {
  it("follows the written rule", () => {
    class Point {
      readonly x = 1;
      readonly #hidden = 2;
      sum(): number {
        return this.x + this.#hidden;
      }
    }
    const input = {
      text: "a\uD800b",
      zero: -0,
      nan: Number.NaN,
      up: Number.POSITIVE_INFINITY,
      down: Number.NEGATIVE_INFINITY,
      big: 12_345_678_901_234_567_890n,
      yes: true,
      nothing: null,
      day: new Date(0),
      never: new Date(Number.NaN),
      failure: new Error("bad password=x"),
      map: new Map<unknown, unknown>([["k", 1], [2, "dropped"]]),
      set: new Set(["a", "b"]),
      url: new URL("https://u:p@example.com/x"),
      point: new Point(),
      list: [1, undefined, () => 1, "x"],
      [Symbol("s")]: "dropped",
    };
    expect(metadataOf(input)).toEqual({
      text: "a\uFFFDb",
      zero: 0,
      nan: "NaN",
      up: "Infinity",
      down: "-Infinity",
      big: "12345678901234567890",
      yes: true,
      nothing: null,
      day: "1970-01-01T00:00:00.000Z",
      never: "Invalid Date",
      failure: "bad password=***",
      map: { k: 1 },
      set: ["a", "b"],
      url: "https://<redacted>@example.com/x",
      point: { x: 1 },
      list: [1, null, null, "x"],
    });
  });

  it("drops what JSON has no word for, and says so", () => {
    const { metadata, problems } = normalise({ u: undefined, f: () => 1, s: Symbol("x"), b: new Uint8Array(2), keep: 1 });
    expect(metadata).toEqual({ keep: 1 });
    expect(problems).toEqual(["u is undefined", "f is function", "s is symbol", "b holds bytes"]);
  });

  it("replaces the whole value of a sensitive key, but keeps a count", () => {
    const input = { password: { a: 1 }, apiKey: 7, Authorization: "x", tokens: 512, maxTokens: ["abc"], key: "F5", nested: { client_secret: "x" } };
    expect(metadataOf(input)).toEqual({ password: "***", apiKey: "***", Authorization: "***", tokens: 512, maxTokens: "***", key: "F5", nested: { client_secret: "***" } });
  });

  it("keeps an id and a version under a name that says so, and nothing else", () => {
    const digest = "4c5dc9b7708905f77f5e5d16316b5dfb425e68cb326dcd55a860e90a7707031e";
    const kept = { session_id: "1704067200000", device_id: digest, token_fingerprint: digest, datarobot_instance: "https://app.datarobot.com", language: "en-US", app_version: "1.2.3.4" };
    expect(metadataOf(kept)).toEqual(kept);
    expect(metadataOf({ note: digest, user_id: "alice@example.com", seen: "1.2.3.4" })).toEqual({ note: "<redacted-token>", user_id: "<redacted-email>", seen: "<redacted-ip>" });
  });

  it("redacts a list as a command's arguments, whatever else is in it", () => {
    expect(metadataOf({ argv: ["--token", "hunter2", 5, "-v"] })).toEqual({ argv: ["--token", "***", 5, "-v"] });
    expect(metadataOf({ list: ["a".repeat(20_000), "--token", `x ${"y ".repeat(10_000)}`] })).toEqual({ list: ["…", "--token", "***"] });
  });

  it("redacts keys and keeps the first of two that become equal", () => {
    const { metadata, problems } = normalise({ "a@example.com": 1, "b@example.com": 2 });
    expect(metadata).toEqual({ "<redacted-email>": 1 });
    expect(problems).toEqual(["<redacted-email> stands twice"]);
  });

  it("ignores inherited and hidden properties", () => {
    const input = Object.create({ inherited: 1 }, { hidden: { value: 2, enumerable: false }, own: { value: 3, enumerable: true } });
    expect(metadataOf(input)).toEqual({ own: 3 });
  });
});

describe("bounds of normalisation", () => {
  it("cuts a long string after redacting it", () => {
    const words = "word ".repeat(1_000);
    const { metadata, problems } = normalise({ long: words, exact: "x y ".repeat(256) });
    expect(metadata["long"]).toBe(`${words.slice(0, 1_023)}…`);
    expect(metadata["exact"]).toBe("x y ".repeat(256));
    expect(problems).toEqual(["long is longer than 1024 characters"]);
  });

  it("never shows half a secret at a cut", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), fc.constantFrom(16_384, 40), (shift, edge) => {
        const filler = "/home/alice/ ".repeat(2_000).slice(0, edge - shift);
        const secret = "ghp_Zx9Zx9Zx9Zx9Zx9Zx9Zx9Zx9Zx9Zx9Zx9Zx9";
        const text = `${filler} ${secret} https://user:Zx9Zx9Zx9@host ${"tail ".repeat(10)}`;
        expect(JSON.stringify(normalise({ text }, 1_000_000).metadata)).not.toContain("Zx9");
        expect(JSON.stringify(normalise({ text }, 40).metadata)).not.toContain("Zx9");
      }),
    );
  });

  it("reads no more than the start of a huge string", () => {
    const lengths: number[] = [];
    const redactText = (text: string): string => {
      lengths.push(text.length);
      return text;
    };
    const { metadata } = normaliseMetadata({ huge: "ab ".repeat(1_000_000), unbroken: "a".repeat(100_000) }, { redactText });
    expect(Math.max(...lengths)).toBeLessThanOrEqual(16_384);
    expect(metadata["huge"]).toHaveLength(1_024);
    expect(metadata["unbroken"]).toBe("…");
  });

  it("does not split a character at a cut", () => {
    expect(normalise({ text: "😀😀😀" }, 4).metadata).toEqual({ text: "😀…" });
  });

  it("cuts long keys, wide objects and long arrays", () => {
    const wide = Object.fromEntries(Array.from({ length: 70 }, (_, index) => [`k${index}`, index]));
    const { metadata, problems } = normalise({ ["k ".repeat(100)]: 1, wide, list: Array.from({ length: 60 }, (_, index) => index) });
    expect(Object.keys(metadata).map((key) => key.length)).toEqual([128, 4, 4]);
    expect(Object.keys(metadata["wide"] ?? {})).toHaveLength(64);
    expect(metadata["list"]).toHaveLength(50);
    expect(problems).toEqual(["wide has more than 64 keys", "list has more than 50 items"]);
  });

  it("keeps four objects within one another and truncates the fifth", () => {
    expect(metadataOf({ a: { b: { c: { d: { e: 1, f: {} } } } } })).toEqual({ a: { b: { c: { d: { e: 1, f: "[Truncated]" } } } } });
  });

  it("bounds the values altogether", () => {
    const row = Array.from({ length: 50 }, () => Array.from({ length: 50 }, () => 1));
    const { metadata, problems } = normalise({ a: row, b: row, c: row });
    expect(JSON.stringify(metadata).match(/1/g)?.length).toBeLessThanOrEqual(1_000);
    expect(problems.at(-1)).toMatch(/more than 1000 values/);
    expect(problems.length).toBeLessThanOrEqual(20);
  });
});
