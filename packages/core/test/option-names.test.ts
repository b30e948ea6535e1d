import { describe, expect, it } from "@jest/globals";
import { spyBackend } from "@candor/testing";
import { createCollector } from "../src/collector/create-collector.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();

const make = (options: object): unknown => createCollector({ tool: "notes", version: "1.0.0", ...options }, machine.ports);

/** What an author is told, by the place that is named. */
function placesNamed(options: object): readonly (string | undefined)[] {
  try {
    make(options);
    return [];
  } catch (error) {
    return String(error).split("\n  ").slice(1).map((problem) => problem.split(": ")[0]);
  }
}

describe("a name that no option has", () => {
  it.each<[string, object]>([
    ["backendd", { backendd: { use: "noop" } }],
    ["consent.disableFlags", { consent: { disableFlags: ["--no-telemetry"] } }],
    ["consent.mode", { consent: { mode: "opt-in" } }],
    ["consent.variables[1].whentrue", { consent: { variables: [{ name: "A", whenTrue: "on" }, { name: "B", whenTrue: "off", whentrue: "on" }] } }],
    ["identity.otherWise", { identity: { use: "gtb", otherwise: () => "x", otherWise: () => "y" } }],
    ["redaction.rule", { redaction: { rule: [] } }],
    ["redaction.rules[0].mask", { redaction: { rules: [{ name: "customer", pattern: /C-\d+/, mask: "x" }] } }],
    ["delivery.bye", { delivery: { bye: "inline" } }],
    ["bounds.bufferEvent", { bounds: { bufferEvent: 10 } }],
    ["directories.cache", { directories: { cache: "/tmp" } }],
    ["deletion.header", { deletion: { use: "http", endpoint: "https://x.example", header: {} } }],
    ["deletion[1].adress", { deletion: [{ use: "event" }, { use: "email", address: "a@b.example", adress: "c@d.example" }] }],
  ])("is a mistake where the author sees it: %s", (place, options) => {
    expect(placesNamed(options)).toEqual([place]);
  });

  it("is told with the names that there are, and with the other mistakes", () => {
    expect(() => make({ delivery: { bye: "inline" } })).toThrow(/delivery\.bye: leave it out, or write one of by, mode, /);
    expect(placesNamed({ version: 7, consent: { mode: "opt-in" }, backendd: {} })).toEqual(["version", "backendd", "consent.mode"]);
  });

  it("costs a user nothing", () => {
    machine.host.environment["NODE_ENV"] = "production";
    expect(make({ backendd: {}, consent: { mode: "opt-in" } })).toMatchObject({ installation: { problems: [] } });
  });
});

describe("names of the author's own", () => {
  it.each<[string, object]>([
    ["of properties", { metadata: { anything: 1 } }],
    ["of loaders", { backend: { use: "mine" }, backends: { mine: () => Promise.resolve({}) } }],
    ["of what a backend takes", { backend: { use: "mine", anything: 1 }, backends: { mine: () => Promise.resolve({}) } }],
    ["of what a task takes", { tasks: [{ use: "./task.js", anything: 1 }] }],
    ["in a live backend", { backend: { ...spyBackend(), anything: 1 } }],
    ["in a requestor", { deletion: { name: "own", requestDeletion: () => undefined, anything: 1 } }],
    ["in a store", { consent: { store: { name: "own", read: () => undefined, write: () => undefined, anything: 1 } } }],
    ["in a logger", { logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, anything: 1 } }],
  ])("are fine: %s", (_, options) => {
    expect(placesNamed(options)).toEqual([]);
  });
});
