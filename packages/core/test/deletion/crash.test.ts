/** A reset that is killed at any step on disk: what it had promised by then is kept. */
import { describe, expect, it } from "@jest/globals";
import type { DeletionRequestor } from "@candor/backend";
import { reset } from "../../src/commands.ts";
import { readIdentity } from "../../src/identity/stored-id.ts";
import { directoriesFor } from "../../src/platform/paths.ts";
import type { FakeProcess, Workstation } from "../fake-ports.ts";
import { addBatch, namedEvents, stored } from "../fixtures.ts";
import { MACHINE_ID, myToolOn } from "../mytool.ts";
import { workstationPerTest } from "../workstation-per-test.ts";
import { HOUR_MS, putInUse, requestFiles, toolOn } from "./stage.ts";

const IDS = [MACHINE_ID, "old"];

const machine = workstationPerTest();

/** Another machine, on which the tool was in use. */
function inUse(): Workstation {
  machine.renew();
  putInUse(machine, ["old"]);
  addBatch(myToolOn(machine).spool(), namedEvents(2));
  return machine;
}

/** A requestor that knows what it was asked for, by a process that lives. */
function receiver(process: FakeProcess, answers: "sent" | "failed"): DeletionRequestor & { readonly asked: Set<string> } {
  const asked = new Set<string>();
  return {
    name: "receiver",
    asked,
    requestDeletion({ machineId }) {
      if (process.disk.crashed) return Promise.resolve({ status: "failed", reason: "the process is dead" });
      if (answers === "sent") asked.add(machineId);
      return Promise.resolve(answers === "sent" ? { status: "sent", destination: "receiver" } : { status: "failed", reason: "busy" });
    },
  };
}

/** Resets in a process that is killed before its step number `steps`; answers what that process had been confirmed, or undefined when it lived. */
async function killedReset(of: Workstation, steps: number, answers: "sent" | "failed"): Promise<ReadonlySet<string> | undefined> {
  const victim = of.startProcess();
  victim.disk.crashAfter(steps);
  const own = receiver(victim, answers);
  // What a dead process says reaches nobody.
  await reset(toolOn(victim, { deletion: own })).catch(() => undefined);
  of.host.living.delete(victim.host.id);
  return victim.disk.crashed ? own.asked : undefined;
}

/** What a run with telemetry off asks for, an hour later. */
async function laterRun(of: Workstation): Promise<{ readonly enabled: boolean; readonly asked: ReadonlySet<string> }> {
  of.clock.advance(HOUR_MS);
  const run = of.startProcess();
  const own = receiver(run, "sent");
  const collector = toolOn(run, { deletion: own });
  const { enabled } = collector;
  await collector.close();
  return { enabled, asked: own.asked };
}

describe.each(["sent", "failed"] as const)("a reset killed at any step, whose request would be %s", (answers) => {
  it("has asked for every id, or a later run does, or the ids are on record for the next reset", async () => {
    const outcomes: string[] = [];
    for (let steps = 0; ; steps++) {
      const of = inUse();
      const confirmed = await killedReset(of, steps, answers);
      if (!confirmed) break;
      const wasStored = requestFiles(of).length > 0;
      const later = wasStored ? await laterRun(of) : undefined;
      outcomes.push(wasStored ? `stored ${String(later?.enabled)} ${[...new Set([...confirmed, ...(later?.asked ?? [])])].sort().join()} ${requestFiles(of).length}` : "not stored");
      const again = of.startProcess();
      const own = receiver(again, "sent");
      expect(await reset(toolOn(again, { deletion: own }))).toMatchObject({ exitCode: 0, data: { deletion: { status: "sent" } } });
      expect([steps, ...[...own.asked].sort()]).toEqual([steps, ...[...IDS].sort()]);
      expect(readIdentity(directoriesFor("mytool", of.host), again.ports)).toMatchObject({ stored: { machineId: undefined, earlier: ["old", MACHINE_ID] } });
      expect(stored(myToolOn(again).spool())).toEqual([]);
    }
    // Stored only after the no was, and then asked for in full; both happened, or the loop has proved nothing.
    expect(new Set(outcomes)).toEqual(new Set(["not stored", `stored false ${[...IDS].sort().join()} 0`]));
    expect(outcomes.filter((outcome) => outcome !== "not stored").length).toBeGreaterThan(8);
  });
});

describe("a reset whose disk fails at any one step", () => {
  it.each(["EIO", "ENOSPC"])("(%s) never says that it sent what was not confirmed, and never loses the ids", async (code) => {
    for (let at = 1; ; at++) {
      const of = inUse();
      const run = of.startProcess();
      run.disk.fail({ code, at });
      const own = receiver(run, "failed");
      const report = await reset(toolOn(run, { deletion: own }));
      expect([at, (report.data["deletion"] as { status: string }).status, report.exitCode]).toEqual([at, expect.stringMatching(/^(queued|failed)$/), 1]);
      expect(requestFiles(of).length > 0).toBe((report.data["deletion"] as { status: string }).status === "queued");
      of.clock.advance(HOUR_MS);
      const again = of.startProcess();
      const good = receiver(again, "sent");
      await reset(toolOn(again, { deletion: good }));
      expect([at, ...[...good.asked].sort()]).toEqual([at, ...[...IDS].sort()]);
      if (run.disk.mutations.length < at) break;
    }
  });
});
