/** SIGKILL at any moment: of the tool, and of the uploader. */
import { describe, expect, it } from "@jest/globals";
import { waitUntil } from "@candor/testing";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { workbenchPerTest } from "./workbench-per-test.ts";
import { killQuietly, mayMount, onLinux, TOOL, namesAt } from "./workbench.ts";

const onLinuxOnly = onLinux ? describe : describe.skip;
const whereMounting = mayMount() ? describe : describe.skip;

const { intake, bench } = workbenchPerTest();

const names = (): readonly string[] => namesAt(intake);

/** Events of requests that came whole; a kill may cut one off. */
function wholeEvents(): readonly Readonly<Record<string, unknown>>[] {
  return intake.requests.filter(({ complete }) => complete).flatMap(({ body }) => JSON.parse(body) as Record<string, unknown>[]);
}

/** What the highest lock file says. */
function lockState(): string {
  const files = bench.home.list().flatMap((path) => /uploader\/(\d+)\.json$/.exec(path)?.[1] ?? []);
  const highest = Math.max(0, ...files.map(Number));
  try {
    return (JSON.parse(readFileSync(join(bench.data, "uploader", `${highest}.json`), "utf8")) as { state: string }).state;
  } catch {
    // Being replaced.
    return "unknown";
  }
}

/** Runs the tool until nothing is left in the spool; a start that was cut short holds it up for ten seconds. */
async function deliverTheRest(options: Readonly<Record<string, unknown>> = {}, limitMs = 20_000): Promise<void> {
  const endsAtMs = performance.now() + limitMs;
  for (let run = 0; ; run++) {
    await bench.run([["track", `sweep ${run}`]], { options });
    await bench.uploadersGone();
    if (bench.spooled().length === 0) return;
    if (performance.now() > endsAtMs) throw new Error(`after ${run} further runs there is still ${bench.spooled().join(", ")}`);
  }
}

describe("SIGKILL of the tool", () => {
  it("loses nothing that track has returned from", async () => {
    const tool = bench.start([["track", "before the kill"], ["print", "tracked"], ["hang"]]);
    await tool.waitForOutput("tracked");
    tool.child.kill("SIGKILL");
    expect((await tool.exited).signal).toBe("SIGKILL");
    expect(intake.requests).toHaveLength(0);

    await bench.run([["track", "the next run"]]);
    await intake.waitFor(() => names().length >= 2, { timeoutMs: 15_000 });
    expect([...names()].sort()).toEqual(["before the kill", "the next run"]);
    await waitUntil("the spool is empty", () => bench.spooled().length === 0);
  });

  it("loses only what was tracked since the tool last paused under durability spill", async () => {
    const options = { delivery: { durability: "spill" } };
    const tool = bench.start([["track", "before the pause"], ["pause"], ["track", "in the buffer"], ["print", "tracked"], ["busy"]], { options });
    await tool.waitForOutput("tracked");
    tool.child.kill("SIGKILL");
    await tool.exited;

    await bench.run([["track", "a normal exit"]], { options });
    await intake.waitFor(() => names().length >= 2, { timeoutMs: 15_000 });
    await bench.uploadersGone();
    expect([...names()].sort()).toEqual(["a normal exit", "before the pause"]);
    expect(bench.spooled()).toEqual([]);
  });

  onLinuxOnly("on Linux", () => {
    it("takes up what a killed tool left even while it remains as a zombie", async () => {
      // `exec sleep` becomes the tool's parent and never reaps it, as many programs that run first in a container.
      const script = `"${process.execPath}" "${TOOL}" & exec sleep 30`;
      const environment = bench.environmentFor([["track", "left by a zombie"], ["print", `pid ready`], ["hang"]]);
      const parent = spawn("sh", ["-c", script], { env: environment, cwd: bench.home.path, stdio: ["ignore", "pipe", "ignore"] });
      try {
        let output = "";
        parent.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
        await waitUntil("the tool has tracked", () => output.includes("ready"));
        const owner = bench.spooled()[0] ?? "";
        const pid = Number(/[0-9a-f]{8}-(\d+)-\d+\./.exec(owner)?.[1]);
        expect(pid).toBeGreaterThan(1);
        process.kill(pid, "SIGKILL");

        await bench.run([["track", "the next run"]]);
        await intake.waitFor(() => names().includes("the next run"), { timeoutMs: 15_000 });
        await bench.uploadersGone();
        expect([...names()].sort()).toEqual(["left by a zombie", "the next run"]);
      } finally {
        parent.kill("SIGKILL");
      }
    });
  });
});

describe("SIGKILL of the uploader", () => {
  onLinuxOnly("on Linux", () => {
    it("delivers later what it had claimed while the destination had not answered", async () => {
      intake.reply({ action: "hang" });
      await bench.run([["track", "claimed"]]);
      await intake.waitFor((requests) => requests.length === 1, { timeoutMs: 15_000 });
      for (const { pid } of bench.uploaders()) killQuietly(pid);
      await bench.uploadersGone();
      expect(bench.spooled()).toHaveLength(1);

      await bench.run([["track", "the next run"]]);
      await intake.waitFor(() => names().includes("the next run"), { timeoutMs: 15_000 });
      await bench.uploadersGone();
      expect([...names()].sort()).toEqual(["claimed", "claimed", "the next run"]);
      expect(new Set(intake.events().filter(({ name }) => name === "claimed").map(({ id }) => id)).size).toBe(1);
      expect(bench.spooled()).toEqual([]);
    });

    it("repeats with the same ids what was answered in the moment of the kill", async () => {
      await intake.script({ action: "trickle" });
      await bench.run([["track", "answered"]]);
      // The head of the answer has been sent and the connection is kept; the uploader waits for the rest.
      await intake.waitFor((requests) => requests.length === 1, { timeoutMs: 15_000 });
      for (const { pid } of bench.uploaders()) killQuietly(pid);
      await bench.uploadersGone();

      await deliverTheRest();
      const ids = intake.events().filter(({ name }) => name === "answered").map(({ id }) => id);
      expect(ids).toHaveLength(2);
      expect(new Set(ids).size).toBe(1);
    });

    it("ends with every event delivered, however often and whenever it is killed", async () => {
      const random = seeded(20_261_120);
      // Batches so large that a round takes several requests, so that kills fall between requests and renames too.
      const options = { bounds: { batchBytes: 400_000, spoolBytes: 100_000_000 } };
      const rounds = 15;
      const eventsPerRound = 1_200;
      let killed = 0;
      for (let round = 0; round < rounds; round++) {
        if (random() < 0.25) intake.reply({ action: "hang" });
        const killAfterMs = random() * 60;
        await bench.run([["trackMany", `round ${round}`, eventsPerRound, 1_500]], { options });
        // Not before it has reported itself: a start that came to nothing blocks the next one for ten seconds, by design.
        await waitUntil("the uploader runs or has ended", () => bench.uploaders().length === 0 || lockState() === "running");
        await pause(killAfterMs);
        for (const { pid } of bench.uploaders()) if (killQuietly(pid)) killed++;
        await bench.uploadersGone();
      }
      // Here it may be the start that is cut short.
      await bench.run([["track", "one more"]], { options });
      for (const { pid } of bench.uploaders()) killQuietly(pid);
      await bench.uploadersGone();
      await deliverTheRest(options);

      const expected = Array.from({ length: rounds * eventsPerRound }, (_, index) => `round ${Math.floor(index / eventsPerRound)} ${index % eventsPerRound}`);
      const idsOf = new Map<string, Set<unknown>>();
      for (const { name, id } of wholeEvents()) idsOf.set(String(name), (idsOf.get(String(name)) ?? new Set()).add(id));
      expect([...expected, "one more"].filter((name) => !idsOf.has(name))).toEqual([]);
      expect([...idsOf].filter(([, ids]) => ids.size !== 1)).toEqual([]);
      expect(killed).toBeGreaterThan(rounds / 3);
      expect((await bench.command("status")).data["lost"]).toEqual({});
    });

    whereMounting("in a process-id namespace", () => {
      it("goes on although the killed uploader remains as a zombie", async () => {
        // A process-id namespace whose first process reaps nobody: a container without an init.
        intake.reply({ action: "hang" });
        const environment = bench.environmentFor([["track", "claimed by a zombie"]]);
        const script = `"${process.execPath}" "${TOOL}"; echo ended; exec sleep 40`;
        const parent = spawn("unshare", ["-pf", "--mount-proc", "sh", "-c", `sleep 0; ${script}`], { env: environment, cwd: bench.home.path, stdio: ["ignore", "pipe", "pipe"] });
        try {
          let output = "";
          parent.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
          parent.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
          await waitUntil("the tool has ended", () => output.includes("ended"));
          await intake.waitFor((requests) => requests.length === 1, { timeoutMs: 15_000 });
          const first = bench.uploaders()[0]?.pid ?? 0;
          process.kill(first, "SIGKILL");
          await bench.uploadersGone();

          // The next command of the same container.
          const sleeper = await childOf(parent.pid ?? 0);
          const next = spawn("nsenter", ["-t", String(sleeper), "-p", "-m", process.execPath, TOOL], {
            env: bench.environmentFor([["track", "the next run"]]),
            cwd: bench.home.path,
            stdio: "ignore",
          });
          await waitUntil("the next run has ended", () => next.exitCode !== null || next.signalCode !== null);
          await intake.waitFor(() => names().includes("the next run"), { timeoutMs: 10_000 });
          expect(names().filter((name) => name === "claimed by a zombie")).toHaveLength(2);
        } finally {
          const sleeper = await childOf(parent.pid ?? 0);
          if (sleeper > 0) killQuietly(sleeper);
          parent.kill("SIGKILL");
        }
      });
    });
  });
});

/** The first child of a process; 0 when it has none. */
async function childOf(pid: number): Promise<number> {
  const { readFile } = await import("node:fs/promises");
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  return Number(text.split(" ")[0] ?? 0);
}

/** mulberry32: the same moments in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
