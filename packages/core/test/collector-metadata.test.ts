import { describe, expect, it } from "@jest/globals";
import { spyBackend } from "@candor/testing";
import type { MetadataSource } from "../src/config/config.ts";
import { recordingLogger } from "./fixtures.ts";
import { answer, collectorOn } from "./options.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();

/** A source that notes how it was asked. */
function source(properties: () => Readonly<Record<string, unknown>>): { readonly metadata: MetadataSource; readonly asked: { dryRun: boolean }[] } {
  const asked: { dryRun: boolean }[] = [];
  return {
    asked,
    metadata: (run) => {
      asked.push({ ...run });
      return properties();
    },
  };
}

describe("properties given as a function", () => {
  it("are worked out once, with the first event, and an event's own win", async () => {
    answer(machine);
    const backend = spyBackend();
    const { metadata, asked } = source(() => ({ shell: "zsh", region: "eu" }));
    const collector = collectorOn(machine, { backend, metadata });
    expect(asked).toEqual([]);
    collector.track("t", "a", { region: "us" });
    collector.track("t", "b");
    await collector.flush();
    expect(asked).toEqual([{ dryRun: false }]);
    expect(backend.events.map((event) => event.metadata)).toEqual([{ shell: "zsh", region: "us" }, { shell: "zsh", region: "eu" }]);
  });

  it("are never worked out while telemetry is off", () => {
    const { metadata, asked } = source(() => ({}));
    const collector = collectorOn(machine, { backend: spyBackend(), metadata });
    collector.track("t", "a");
    expect(collector.enabled).toBe(false);
    expect(asked).toEqual([]);
  });

  it("are told when nothing will be sent", () => {
    answer(machine);
    const logger = recordingLogger();
    const { metadata, asked } = source(() => ({ shell: "zsh" }));
    collectorOn(machine, { metadata, logger, backend: { use: "amplitude", apiKey: "" }, backends: { amplitude: () => Promise.reject(new Error("loaded")) } }).track("t", "a");
    expect(asked).toEqual([{ dryRun: true }]);
    expect(logger.lines.find((line) => line.includes("Telemetry event (dry-run)"))).toContain('"shell":"zsh"');
  });

  it.each<[string, () => never]>([
    ["throws", () => { throw new Error("no such shell"); }],
    ["answers no properties", () => "zsh" as never],
  ])("cost themselves and no event when the function %s", async (_, properties) => {
    answer(machine);
    const backend = spyBackend();
    const collector = collectorOn(machine, { backend, metadata: source(properties).metadata });
    collector.track("t", "a", { own: 1 });
    await collector.flush();
    expect(backend.events.map((event) => event.metadata)).toEqual([{ own: 1 }]);
  });
});
