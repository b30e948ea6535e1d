import { describe, expect, it } from "@jest/globals";
import { spyBackend } from "@candor/testing";
import { createCollector } from "../src/collector/create-collector.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();

describe("a live backend that is not whole", () => {
  it.each<[string, object, string]>([
    ["its limits", { limits: undefined }, "limits"],
    ["limits that are an object", { limits: null }, "limits"],
    ["a way to close it", { close: undefined }, "close"],
    ["several parts", { name: 7, destination: "", limits: undefined, close: true }, "name, limits, close"],
  ])("is told what it lacks: %s", (_, changes, lacking) => {
    const backend = { ...spyBackend(), ...changes };
    expect(() => createCollector({ tool: "notes", version: "1.2.3", backend }, machine.ports)).toThrow(
      `backend: give the live backend its ${lacking}; or name a backend by use`,
    );
  });
});
