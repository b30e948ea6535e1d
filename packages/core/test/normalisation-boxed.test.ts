import { describe, expect, it } from "@jest/globals";
import { normaliseMetadata, type NormalisedMetadata } from "../src/event/normalisation.ts";
import { createRedactor } from "../src/redaction/redaction.ts";

const { text: redactText, args: redactArguments } = createRedactor();

const normalise = (input: unknown): NormalisedMetadata => normaliseMetadata(input, { redactText, redactArguments });
const metadataOf = (input: unknown): unknown => normalise(input).metadata;

const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

describe("normalisation of boxed values", () => {
  it("keeps the value, as JSON does", () => {
    const input = { text: new String("s"), count: new Number(5), negative: new Number(-0), flag: new Boolean(false), list: [new String("a"), new Number(1)], made: { toJSON: () => new Number(7) } };
    expect(metadataOf(input)).toEqual(JSON.parse(JSON.stringify({ ...input, negative: 0 })));
    expect(metadataOf({ big: Object(12n) as unknown, none: new Number(Number.NaN) })).toEqual({ big: "12", none: "NaN" });
  });

  it("lets no secret through that it would find in a plain one", () => {
    const input = { password: new String("hunter2"), tokens: new Number(512), list: ["--token", new String("hunter2")], text: new String("password=hunter2") };
    const plain = { password: "hunter2", tokens: 512, list: ["--token", "hunter2"], text: "password=hunter2" };
    expect(metadataOf(input)).toEqual(metadataOf(plain));
    expect(JSON.stringify(metadataOf({ list: ["--token", "hunter2", revoked()] }))).not.toContain("hunter2");
  });

  it("answers no metadata for a boxed text, and drops what only pretends to be one", () => {
    expect(metadataOf(new String("s"))).toEqual({});
    expect(normalise({ a: 1, bad: Object.create(String.prototype) as unknown })).toEqual({ metadata: { a: 1 }, problems: ["bad could not be read"] });
  });
});
