/** A tool that delivers at intervals and ends by itself, while a destination has not answered. */
import { spawn } from "node:child_process";
import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { type Intake, startIntake, waitUntil } from "@candor/testing";
import { createWorkbench, TOOL, type Workbench } from "./workbench.ts";

let intake: Intake;
let bench: Workbench;
beforeEach(async () => {
  intake = await startIntake({});
  bench = createWorkbench({ url: intake.url });
});
afterEach(async () => {
  await bench.dispose();
  await intake.close();
});

const names = (): unknown[] => intake.events().map(({ name }) => name);

it("ends before the answer, and what was under way is sent again", async () => {
  intake.reply({ action: "hang" });
  const backend = { use: "http", endpoint: `${intake.url}/events`, timeoutMs: 120_000 };
  const delivery = { by: "interval", intervalMs: 20, sendTimeoutMs: 120_000, lifetimeMs: 600_000 };
  const tool = spawn(process.execPath, [TOOL], { env: bench.environmentFor([["track", "under way"], ["waitForInput"]], { options: { backend, delivery } }), cwd: bench.home.path });
  await intake.waitFor((requests) => requests.length === 1, { timeoutMs: 15_000 });
  expect(tool.exitCode).toBeNull();
  tool.stdin.end();
  await waitUntil("the tool has ended", () => tool.exitCode !== null || tool.signalCode !== null);
  expect(tool.exitCode).toBe(0);
  await bench.run([["track", "the next run"]]);
  await intake.waitFor(() => names().includes("the next run"), { timeoutMs: 15_000 });
  await waitUntil("the spool is empty", () => bench.spooled().length === 0);
  expect(names().filter((name) => name === "under way")).toHaveLength(2);
});
