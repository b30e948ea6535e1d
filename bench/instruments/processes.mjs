/** The processes: starts the commands that are measured, and times them. Whatever fails here is a fault of the bench and is thrown. */
import { spawn, spawnSync } from "node:child_process";
import path from "node:path";
import { installedTool } from "./installed-tool.mjs";

/** The path of a workload's script. */
export function workload(name) {
  return path.join(installedTool(), "workloads", name);
}

let runs = 0;

/** A name for one run, six characters. */
export function nextRun() {
  return (++runs).toString(36).padStart(6, "0");
}

/** Runs a command to its end and answers its milliseconds; its output goes nowhere. */
export function time(args, { env, cwd }) {
  const startedAt = performance.now();
  const { status, signal } = spawnSync(process.execPath, args, { env, cwd, stdio: "ignore" });
  const ms = performance.now() - startedAt;
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status ?? signal}`);
  return ms;
}

/** Runs a command to its end or to `limitMs`, while others may run. Answers how it ended, what it printed and how long it took. */
export async function observe(args, { env, cwd, limitMs = 120_000, nodeOptions = [] }) {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...nodeOptions, ...args], { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
  let ms;
  const printed = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) child[name].setEncoding("utf8").on("data", (text) => (printed[name] += text));
  const limit = setTimeout(() => child.kill("SIGKILL"), limitMs);
  const [status, signal] = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", () => (ms = performance.now() - startedAt));
    child.on("close", (...end) => resolve(end));
  });
  clearTimeout(limit);
  return { status, signal, ms, pid: child.pid, ...printed };
}

/** Runs a workload that prints one line of JSON. */
export async function ask(args, options) {
  const { status, signal, stdout, stderr } = await observe(args, options);
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status ?? signal}\n${stderr}`);
  return JSON.parse(stdout.trim().split("\n").at(-1));
}

/**
 * Runs every case once a round, in another order each round, so that a busy moment burdens all of them alike. The first `warmUp`
 * rounds do not count. `run` is told whether the round counts.
 */
export async function interleave(cases, rounds, run, { warmUp = 1 } = {}) {
  for (let round = -warmUp; round < rounds; round++) {
    const shift = (round + warmUp) % cases.length;
    const order = [...cases.slice(shift), ...cases.slice(0, shift)];
    for (const item of round % 2 === 0 ? order : order.toReversed()) await run(item, round >= 0);
  }
}
