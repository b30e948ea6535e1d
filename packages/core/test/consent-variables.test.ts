import { beforeEach, describe, expect, it } from "@jest/globals";
import { toolVariable } from "../src/consent/consent.ts";
import { consentOn } from "./consent-on.ts";
import { answer } from "./options.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
const { resolve, set } = consentOn(machine);

describe("the tool's own variable", () => {
  it.each([
    ["notes", "NOTES_TELEMETRY"],
    ["my-tool", "MY_TOOL_TELEMETRY"],
    ["my.tool_2", "MY_TOOL_2_TELEMETRY"],
    ["a--b", "A_B_TELEMETRY"],
  ])("of %s is %s", (tool, variable) => {
    expect(toolVariable(tool)).toBe(variable);
    set({ [variable]: "on" });
    expect(resolve({}, tool)).toMatchObject({ enabled: true, source: "tool-variable" });
  });

  it("keeps events on the machine as `local`, whatever is stored", () => {
    set({ NOTES_TELEMETRY: "LOCAL" });
    expect(resolve()).toMatchObject({ enabled: true, localOnly: true });
  });

  it("leaves the decision to the others as `debug`", () => {
    set({ NOTES_TELEMETRY: "debug" });
    expect(resolve()).toMatchObject({ enabled: false, source: "author-model" });
  });

  it("keeps the local mode when it says `on` and a typo stands in TELEMETRY_LOCAL", () => {
    set({ NOTES_TELEMETRY: "on", TELEMETRY_LOCAL: "flase" });
    expect(resolve()).toMatchObject({ enabled: true, localOnly: true });
  });
});

describe("legacy variables", () => {
  const variables = [
    { name: "NOTES_NO_TRACKING", whenTrue: "off" },
    { name: "NOTES_TRACKING", whenTrue: "on" },
  ] as const;

  it.each([
    [{ NOTES_NO_TRACKING: "1" }, false],
    [{ NOTES_NO_TRACKING: "0" }, true],
    [{ NOTES_TRACKING: "1" }, true],
    [{ NOTES_TRACKING: "no" }, false],
    [{ NOTES_NO_TRACKING: "1", NOTES_TRACKING: "1" }, false],
  ])("%j decides %p", (environment, enabled) => {
    set(environment);
    expect(resolve({ variables })).toMatchObject({ enabled, source: "tool-variable" });
  });

  it("say nothing when they are empty", () => {
    set({ NOTES_NO_TRACKING: "", NOTES_TRACKING: "" });
    expect(resolve({ variables }).source).toBe("author-model");
  });
});

describe("the tool's flag", () => {
  const options = { disableFlag: "--disable-telemetry" };
  beforeEach(() => answer(machine));

  it.each([[["--disable-telemetry"]], [["list", "--disable-telemetry", "x"]], [["--disable-telemetry=true"]], [["--disable-telemetry=1"]], [["--disable-telemetry="]], [["--disable-telemetry=fals"]]])(
    "disables as %j",
    (args) => {
      machine.host.args = args;
      expect(resolve(options)).toMatchObject({ enabled: false, source: "flag" });
    },
  );

  it.each([[["--", "--disable-telemetry"]], [["--disable-telemetry-x"]], [["disable-telemetry"]], [[]]])("says nothing as %j", (args) => {
    machine.host.args = args;
    expect(resolve(options)).toMatchObject({ enabled: true, source: "stored-choice" });
  });

  it("is not looked for when the author has none", () => {
    machine.host.args = ["--disable-telemetry", "undefined"];
    expect(resolve().source).toBe("stored-choice");
  });
});
