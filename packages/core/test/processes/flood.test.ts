/** A million events for a destination that is down: memory and disk keep their bounds, and every event is accounted for. */
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { startIntake, waitUntil } from "@candor/testing";
import { lstatSync } from "node:fs";
import { join } from "node:path";
import { createWorkbench, type Workbench } from "./workbench.ts";

jest.setTimeout(240_000);

const FLOOD = 1_000_000;
const SPOOL_BYTES = 10 * 1_024 * 1_024;
/** Kept whole, a million events take ten times as much. */
const HEAP_MEGABYTES = 32;

let bench: Workbench;

beforeEach(async () => {
  const intake = await startIntake();
  bench = createWorkbench({ url: intake.url });
  await intake.close();
});

afterEach(() => bench.dispose());

function spooledBytes(): number {
  return bench.spooled().reduce((sum, path) => sum + (lstatSync(join(bench.data, path), { throwIfNoEntry: false })?.size ?? 0), 0);
}

describe("a million events and a dead destination", () => {
  it.each(["track", "spill"])("stay within memory and disk, and add up (durable at %s)", async (durability) => {
    let largest = 0;
    const tool = bench.start([["trackMany", "flood", FLOOD], ["exit", 5]], {
      nodeArguments: [`--max-old-space-size=${HEAP_MEGABYTES}`],
      options: { delivery: { durability } },
      timeoutMs: 200_000,
    });
    let ended = false;
    const exited = tool.exited.finally(() => (ended = true));
    await waitUntil("the tool has ended", () => {
      largest = Math.max(largest, spooledBytes());
      return ended;
    }, 200_000);
    expect(await exited).toMatchObject({ exitCode: 5, signal: null, stdout: "", stderr: "" });
    await bench.uploadersGone(40_000);

    expect(largest).toBeGreaterThan(0);
    expect(Math.max(largest, spooledBytes())).toBeLessThanOrEqual(SPOOL_BYTES);
    const { lost, pending } = (await bench.command("status")).data as { lost: Record<string, number>; pending: { events: number } };
    expect(Object.keys(lost).length).toBeGreaterThan(0);
    expect(Object.values(lost).reduce((sum, count) => sum + count, pending.events)).toBe(FLOOD);
  });
});
