import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import type { Backend, DeliveryResult } from "@candor/backend";
import { spyBackend } from "@candor/testing";
import { type CommandReport, doctor } from "../src/commands.ts";
import type { CollectorOptions } from "../src/config/config.ts";
import type { Finding } from "../src/inspection/finding.ts";
import { answer, collectorOn } from "./options.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

// Before the collectors end.
afterEach(() => {
  jest.restoreAllMocks();
});
const machine = workstationPerTest();
beforeEach(() => answer(machine));

const examine = (options: Partial<CollectorOptions> = {}): Promise<CommandReport> => doctor(collectorOn(machine, options));
const findings = ({ data }: CommandReport): readonly Finding[] => data["findings"] as Finding[];
const about = (report: CommandReport, subject: string): readonly Finding[] => findings(report).filter((finding) => finding.subject.startsWith(subject));

/** A live backend with this probe. */
const probed = (probe: NonNullable<Backend["probe"]>): Backend => ({ ...spyBackend({ name: "live" }), probe });

describe("a doctor's visit to a live backend", () => {
  it("that has no probe says that it cannot be asked, and sends nothing", async () => {
    const backend = spyBackend({ name: "live" });
    const report = await examine({ backend });
    expect(report.exitCode).toBe(0);
    expect(about(report, "live")).toEqual([{ subject: "live (memory)", status: "skip", message: "cannot be asked without sending data" }]);
    expect(backend.batches).toEqual([]);
  });

  it.each<[string, () => Promise<DeliveryResult>, Finding["status"], string]>([
    ["accepts", () => Promise.resolve({ status: "accepted" }), "pass", "takes events"],
    ["is blocked", () => Promise.resolve({ status: "blocked", reason: "no such project" }), "fail", "no such project"],
    ["rejects its promise", () => Promise.reject(new Error("oops")), "fail", "oops"],
    ["throws", () => { throw new Error("oops"); }, "fail", "oops"],
    ["answers nonsense", () => Promise.resolve({ status: "fine" } as unknown as DeliveryResult), "fail", ""],
  ])("whose probe %s is told about", async (_, probe, outcome, message) => {
    const report = await examine({ backend: probed(probe) });
    expect(about(report, "live")).toEqual([expect.objectContaining({ status: outcome, message: expect.stringContaining(message) })]);
    expect(report.exitCode).toBe(outcome === "fail" ? 1 : 0);
  });

  it("whose probe hangs and does not obey its signal still comes to an end", async () => {
    jest.spyOn(AbortSignal, "timeout").mockImplementation(() => AbortSignal.abort());
    const visit = examine({ backend: probed(() => new Promise(() => undefined)) });
    const outcome = await Promise.race([visit, new Promise<string>((resolve) => setTimeout(resolve, 9_000, "hangs").unref())]);
    expect(outcome).toMatchObject({ exitCode: 1 });
  }, 12_000);

  it("leaves it open, because it is the author's for as long as the collector lives", async () => {
    const backend = spyBackend({ name: "live" });
    const collector = collectorOn(machine, { backend });
    await doctor(collector);
    expect(backend.closed).toBe(false);
    collector.track("feature.used", "e1");
    expect(await collector.flush()).toEqual({ status: "delivered" });
  });

  it("that cannot be closed does not end it with an error", async () => {
    const own = (): Promise<unknown> => Promise.resolve({ default: () => ({ ...spyBackend({ name: "own" }), close: () => Promise.reject(new Error("oops")) }) });
    expect(await examine({ backend: { use: "own" }, backends: { own } })).toMatchObject({ data: { findings: expect.arrayContaining([expect.objectContaining({ subject: "own (memory)", status: "skip" })]) } });
  });
});
