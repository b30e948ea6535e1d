import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "@jest/globals";
import type { TelemetryEvent } from "@candor/backend";
import type { Spool } from "../src/spool/spool.ts";
import { filesIn, names, recordingLogger } from "./fixtures.ts";
import { answer, collectorOn, HTTP, spoolAsFound } from "./options.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();

const spool = (): Spool => spoolAsFound(machine);

/** What a log says beside the ordinary course of things. */
const complaints = (lines: readonly string[]): readonly string[] => lines.filter((line) => !/^debug: (?:telemetry is o|tracked$|tracked )/.test(line));

describe("track", () => {
  beforeEach(() => answer(machine));

  const read = (): TelemetryEvent[] => filesIn(spool().open).flatMap((path) => readFileSync(path, "utf8").trim().split("\n").map((line) => JSON.parse(line) as TelemetryEvent));

  it.each([[undefined, "x"], ["x", undefined], [1, "x"], ["x", null], ["", "x"], ["x", " "], [{}, []], [Symbol("x"), "x"]])("passes over %p as type and %p as name with one debug line", (type, name) => {
    const logger = recordingLogger();
    const collector = collectorOn(machine, { backend: HTTP, logger });
    collector.track(type as string, name as string, { a: 1 });
    expect(complaints(logger.lines)).toHaveLength(1);
    expect(complaints(logger.lines)[0]).toMatch(/^debug: /);
    expect(collector.counts().tracked).toBe(0);
  });

  const cyclic: Record<string, unknown> = {};
  cyclic["self"] = cyclic;
  it.each<[string, unknown]>([
    ["too long", "word ".repeat(10_000)],
    ["cyclic", cyclic],
    ["huge", Array.from({ length: 100_000 }, (_, index) => index)],
    ["one whose toJSON throws", { toJSON() { throw new Error("x"); } }],
    ["one with a getter that throws", { get bad() { throw new Error("x"); } }],
    ["a function", () => 1],
    ["a revoked proxy", (() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })()],
    ["a symbol", Symbol("x")],
    ["a bigint", 1n],
  ])("keeps what is valid beside a property that is %s", (_, bad) => {
    const logger = recordingLogger();
    const collector = collectorOn(machine, { backend: HTTP, logger });
    collector.track("feature.used", "e1", { good: 1, bad });
    expect(read()).toEqual([expect.objectContaining({ name: "e1", metadata: expect.objectContaining({ good: 1 }) })]);
    expect(complaints(logger.lines).length).toBeLessThanOrEqual(1);
    expect(logger.lines.filter((line) => !line.startsWith("debug: "))).toEqual([]);
  });

  it.each<[string, unknown]>([["a text", "x"], ["a list", [1]], ["nothing", null], ["a getter that throws", { get a() { throw new Error("x"); } }]])("keeps the event when its properties are %s", (_, properties) => {
    const collector = collectorOn(machine, { backend: HTTP });
    collector.track("feature.used", "e1", properties as Record<string, unknown>);
    expect(names(read())).toEqual(["e1"]);
  });

  it.each<[string, unknown]>([
    ["missing", undefined],
    ["null", null],
    ["no numbers", { durationMs: "1", exitCode: "0" }],
    ["not finite", { durationMs: Number.NaN, exitCode: Number.POSITIVE_INFINITY }],
    ["a getter that throws", { get durationMs() { throw new Error("x"); }, exitCode: 3 }],
  ])("keeps the event when its outcome is %s", (_, outcome) => {
    const collector = collectorOn(machine, { backend: HTTP });
    collector.trackCommand("notes list", outcome as { durationMs: number; exitCode: number });
    expect(names(read())).toEqual(["notes list"]);
  });

  it("keeps the event when an argument is no text and cannot become one", () => {
    const collector = collectorOn(machine, { backend: HTTP, extendedCollection: true });
    collector.trackCommandExtended("notes list", ["a", Object.create(null) as string], { durationMs: 1, exitCode: 0 });
    expect(names(read())).toEqual(["notes list"]);
  });

  it("never throws into the tool, not even when the author's logger does", async () => {
    const logger = Object.fromEntries(["debug", "info", "warn", "error"].map((level) => [level, () => { throw new Error("logger"); }])) as unknown as ReturnType<typeof recordingLogger>;
    const collector = collectorOn(machine, { backend: HTTP, logger });
    expect(() => collector.track("", "")).not.toThrow();
    expect(() => collector.track("feature.used", "e1", { f: () => 1 })).not.toThrow();
    machine.disk.makeReadOnly();
    expect(() => collector.track("feature.used", "e2")).not.toThrow();
    await expect(collector.flush()).resolves.toBeDefined();
    await expect(collector.close()).resolves.toBeUndefined();
  });
});
