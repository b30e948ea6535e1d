import { describe, expect, it } from "@jest/globals";
import { failureOf } from "../src/failure.ts";

class QuotaError extends Error {}

describe("a failure", () => {
  it.each([
    ["a message in place of a name", Object.assign(new Error("x"), { name: "cannot open /home/ada/notes" }), "Error"],
    ["a very long name", Object.assign(new Error("x"), { name: "E".repeat(65) }), "Error"],
    ["a name that is no text", Object.assign(new Error("x"), { name: 7 }), "Error"],
    ["a class that leaves the name alone", new QuotaError("x"), "QuotaError"],
    ["an error of the language", new TypeError("x"), "TypeError"],
    ["an error with a name of its own", Object.assign(new Error("x"), { name: "AbortError" }), "AbortError"],
    ["a text", "/home/ada/notes", "string"],
    ["null", null, "null"],
    ["nothing", undefined, "undefined"],
  ])("takes its type from %s", (_what, thrown, type) => {
    expect(failureOf(thrown).type).toBe(type);
  });

  it("has no type where an object gives none that is a name", () => {
    expect(failureOf(Object.create(null))).toEqual({ message: "" });
    expect(failureOf(Object.create({ constructor: { name: "no name" } }))).not.toHaveProperty("type");
  });

  it("survives whatever refuses to be read", () => {
    const hostile: unknown = new Proxy({}, {
      has: () => true,
      get: () => {
        throw new Error("not for you");
      },
    });
    expect(failureOf(hostile)).toEqual({ message: "" });
  });

  it("keeps the message as it is", () => {
    expect(failureOf(new Error("the note is torn"))).toEqual({ message: "the note is torn", type: "Error" });
    expect(failureOf("torn")).toMatchObject({ message: "torn" });
  });
});
