/** A disk without room: the tool works, losses are counted, and a no remains possible. */
import { afterEach, describe, expect, it } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UNDISTURBED, workbenchPerTest } from "./workbench-per-test.ts";
import { mayMount, namesAt } from "./workbench.ts";

const whereMounting = mayMount() ? describe : describe.skip;

const { intake, bench } = workbenchPerTest();

const names = (): readonly string[] => namesAt(intake);

describe("a full disk", () => {
  let mounted = false;

  afterEach(() => {
    if (mounted) execFileSync("umount", [bench.home.path]);
    mounted = false;
  });

  whereMounting("where one may be mounted", () => {
    it("costs the tool nothing, and status tells of the loss", async () => {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k,mode=700", "tmpfs", bench.home.path]);
      mounted = true;
      await bench.run([["track", "with room"]], { options: { delivery: { by: "inline" } } });
      fill();
      const result = await bench.run([["trackMany", "without room", 300, 500], ["print", "output"], ["exit", 5]]);
      expect(result).toMatchObject(UNDISTURBED);
      await bench.uploadersGone();
      const status = await bench.command("status");
      const lost = Object.values(status.data["lost"] as Record<string, number>).reduce((sum, count) => sum + count, 0);
      const { events } = status.data["pending"] as { events: number };
      const received = names().filter((name) => name.startsWith("without room")).length;
      expect(lost + events + received).toBe(300);

      rmSync(join(bench.home.path, "filler"));
      await bench.run([["track", "room again"]]);
      await intake.waitFor(() => names().includes("room again"), { timeoutMs: 5_000 });
      await bench.uploadersGone();
      expect(bench.spooled()).toEqual([]);
    });

    it("still lets the user say no", async () => {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k,mode=700", "tmpfs", bench.home.path]);
      mounted = true;
      const choices = { without: ["NOTES_TELEMETRY"] };
      await bench.command("enable", choices);
      await bench.run([["track", "waiting"], ["exit", 0]], { ...choices, options: { delivery: { minimumIntervalMs: 60_000 } } });
      await bench.uploadersGone();
      fill();
      const report = await bench.command("disable", choices);
      const status = await bench.command("status", choices);
      expect(bench.spooled()).toEqual([]);
      // Either it is stored, or the command says that it is not; never a silent yes.
      expect({ exitCode: report.exitCode, enabled: status.data["enabled"] }).toEqual({ exitCode: 0, enabled: false });
    });
  });

  function fill(): void {
    try {
      for (let part = 0; ; part++) writeFileSync(join(bench.home.path, "filler"), Buffer.alloc(4_096), { flag: "a" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
  }
});
