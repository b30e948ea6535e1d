/** A wall clock that jumps between runs must not hold anything up for longer than a moment. */
import { describe, expect, it } from "@jest/globals";
import { waitUntil } from "@candor/testing";
import { workbenchPerTest } from "./workbench-per-test.ts";
import { type RunChoices, SHIFTED_CLOCK, namesAt } from "./workbench.ts";

const YEAR_MS = 365 * 24 * 3_600_000;
const HOUR_MS = 3_600_000;

const { intake, bench } = workbenchPerTest();

const names = (): readonly string[] => [...new Set(namesAt(intake))].sort();
const at = (shiftMs: number, more: RunChoices = {}): RunChoices => ({
  ...more,
  nodeArguments: ["--import", SHIFTED_CLOCK],
  variables: { CLOCK_SHIFT_MS: String(shiftMs) },
});

describe.each([
  { what: "a year ahead", shiftMs: YEAR_MS },
  { what: "an hour ahead", shiftMs: HOUR_MS },
  { what: "a year behind", shiftMs: -YEAR_MS },
  { what: "in 1970", shiftMs: 1_000 - Date.now() },
])("a run whose clock is $what", ({ shiftMs }) => {
  it("is delivered, and so is the next run at the right time, in spite of the minimum interval", async () => {
    const options = { delivery: { minimumIntervalMs: 10_000 } };
    await bench.run([["track", "at the wrong time"]], at(shiftMs, { options }));
    await intake.waitFor(() => names().includes("at the wrong time"), { timeoutMs: 15_000 });
    await bench.uploadersGone();
    await bench.run([["track", "at the right time"]], { options });
    await intake.waitFor(() => names().includes("at the right time"), { timeoutMs: 15_000 });
    await waitUntil("the spool is empty", () => bench.spooled().length === 0);
    expect(names()).toEqual(["at the right time", "at the wrong time"]);
  });

  it("does not hold up the next when it met a broken destination", async () => {
    // A flush delivers in the tool's own process, so that the back-off is written by the wrong clock.
    intake.reply({ action: "answer", status: 401 });
    await bench.run([["track", "at the wrong time"], ["flush", 2_000], ["exit", 0]], at(shiftMs));
    expect(intake.requests).toHaveLength(1);
    await bench.uploadersGone();
    await bench.run([["track", "at the right time"]]);
    await bench.uploadersGone();
    // An hour ahead is believable, and so is the back-off that follows from it; whatever else it says is not.
    const { pending } = (await bench.command("status")).data as { pending: { events: number } };
    expect(pending.events).toBe(shiftMs === HOUR_MS ? 2 : 0);
  });

  it("recovers what a tool left that was killed then", async () => {
    const tool = bench.start([["track", "left behind"], ["print", "ready"], ["hang"]], at(shiftMs));
    await tool.waitForOutput("ready");
    tool.child.kill("SIGKILL");
    await tool.exited;
    await bench.run([["track", "at the right time"]]);
    await intake.waitFor(() => names().length === 2, { timeoutMs: 15_000 });
    expect(names()).toEqual(["at the right time", "left behind"]);
  });
});
