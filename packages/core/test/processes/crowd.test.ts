/** Many processes of one tool at once. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "@jest/globals";
import { waitUntil } from "@candor/testing";
import { workbenchPerTest } from "./workbench-per-test.ts";
import { namesAt, onLinux, WATCHER } from "./workbench.ts";

const CROWD = 200;

// The intake shares a process that starts hundreds of others: its patience must not be what is tested.
const { intake, bench } = workbenchPerTest({ backend: { timeoutMs: 30_000 }, options: { delivery: { sendTimeoutMs: 30_000, lifetimeMs: 60_000 } } });

(onLinux ? describe : describe.skip)("a crowd of invocations, on Linux", () => {
  it(`delivers every event of ${CROWD} invocations exactly once, with never two uploaders`, async () => {
    const watcher = spawn(process.execPath, [WATCHER, bench.home.path], { env: bench.home.environment, stdio: ["pipe", "pipe", "inherit"] });
    let watched = "";
    watcher.stdout.on("data", (chunk: Buffer) => (watched += chunk.toString()));
    await waitUntil("the watcher watches", () => watched.includes("watching"));

    const results = await Promise.all(
      Array.from({ length: CROWD }, (_, index) => bench.run([["track", `invocation ${index}`]], { timeoutMs: 50_000 })),
    );
    await bench.uploadersGone(30_000);
    // The last words of the crowd may have come too late for the last uploader; the next command sees to them.
    await bench.run([["track", "the last"]]);
    await waitUntil("the spool is empty", () => bench.spooled().length === 0, 20_000);
    await bench.uploadersGone();
    const stopped = once(watcher, "close");
    watcher.stdin.end();
    await stopped;
    const { samples, seen, overlaps } = JSON.parse(watched.split("\n")[1] ?? "") as { samples: number; seen: number; overlaps: string[] };

    expect(results.filter(({ exitCode, signal, stdout, stderr }) => exitCode !== 0 || signal !== null || stdout !== "" || stderr !== "")).toEqual([]);
    const names = [...namesAt(intake)];
    expect(new Set(intake.events().map(({ id }) => id)).size).toBe(CROWD + 1);
    expect(names.sort()).toEqual([...Array.from({ length: CROWD }, (_, index) => `invocation ${index}`), "the last"].sort());
    expect(samples).toBeGreaterThan(10);
    expect(seen).toBeGreaterThan(0);
    expect(overlaps).toEqual([]);
    expect(bench.home.list().filter((path) => path.includes(".tmp"))).toEqual([]);
  });
});
