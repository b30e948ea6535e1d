import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { vectorsOf } from "../../../core/test/vectors.ts";
import { commandProperties, type DataRobotEventName, dataRobotEvents, errorProperties, flagNames } from "../../src/datarobot.ts";

describe("the event names", () => {
  it.each(vectorsOf<unknown, readonly string[]>("drspec.event_names"))("$id are the specification's twenty-two", ({ expected }) => {
    expect(dataRobotEvents).toEqual(expected);
    const typed: DataRobotEventName = "command_completed";
    expect(dataRobotEvents).toContain(typed);
  });
});

describe("a command's properties", () => {
  it("are its path and a count", () => {
    expect(commandProperties("dr templates list", ["my-secret", "x"])).toEqual({ command: "dr templates list", args_count: 2 });
  });

  it("are bounded, and total for what is neither", () => {
    expect(commandProperties("x".repeat(1_000), []).command).toHaveLength(256);
    expect(commandProperties(undefined as never, undefined as never)).toEqual({ command: "", args_count: 0 });
  });
});

describe("the names of flags", () => {
  it.each([
    [["templates", "list", "--verbose", "-o", "json"], ["--verbose", "-o"]],
    [["--output=secret", "--yes", "--yes"], ["--output", "--yes"]],
    [["--a", "--", "--b", "-c"], ["--a"]],
    [["-psecret", "-p=secret", "-abc"], ["-p", "-a"]],
    [["-", "--", "x"], []],
    [["-5", "--5", "-é", "--", "--x"], []],
    [["--no-color", "--log.level=x", "--x y"], ["--no-color", "--log.level"]],
    [[`--${"x".repeat(100)}`], []],
    [[undefined, 5, "--ok"] as never, ["--ok"]],
    [undefined as never, []],
  ])("in %j are %j", (argv, expected) => {
    expect(flagNames(argv)).toEqual(expected);
  });

  it("are the tool's own when it names them", () => {
    expect(flagNames(["--token", "--my-secret-value", "-v"], ["--token", "-v"])).toEqual(["--token", "-v"]);
  });

  it("are at most fifty", () => {
    expect(flagNames(Array.from({ length: 200 }, (_, index) => `--flag${index}`))).toHaveLength(50);
  });

  it("hold nothing of a value", () => {
    const secret = fc.stringMatching(/^[A-Z0-9]{6,20}$/);
    fc.assert(
      fc.property(secret, fc.constantFrom("--password=", "-p", "-p=", "--x=--", ""), (value, prefix) => {
        expect(flagNames([`${prefix}${value}`, value, "--", `--${value}`]).join()).not.toContain(value);
      }),
    );
  });
});

class QuotaError extends Error {}

describe("an error's properties", () => {
  it.each([
    [new TypeError("the file /home/jane/secret.csv"), "TypeError"],
    [new QuotaError("x"), "QuotaError"],
    [Object.assign(new Error("x"), { name: "jane@customer.example" }), "Error"],
    ["a thrown text", "string"],
    [undefined, "undefined"],
    [null, "null"],
    [7, "number"],
    [Object.create(null), "unknown"],
    [{ constructor: { name: "a b" } }, "unknown"],
    [{ constructor: null }, "unknown"],
    [{ constructor: { name: "x".repeat(65) } }, "unknown"],
    [new Proxy({}, { get: () => { throw new Error("hostile"); } }), "unknown"],
    [() => undefined, "Function"],
  ])("name the class and never the message (%#)", (error, expected) => {
    expect(errorProperties(error, "dr task run")).toEqual({ error_type: expected, context: "dr task run" });
  });

  it("are total", () => {
    fc.assert(
      fc.property(fc.anything(), fc.string(), (error, context) => {
        const { error_type: type, context: path } = errorProperties(error, context);
        expect(type.length > 0 && type.length <= 64 && path.length <= 256).toBe(true);
      }),
    );
  });
});
