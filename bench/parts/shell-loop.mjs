/**
 * The shell loop: a thousand commands in a row, telemetry off for the first and the last half thousand and on for the thousand between, so
 * that a machine that speeds up or slows down burdens both alike. CPU is what the shell's `times` says of its children, and what is left behind
 * is added from the kernel's account.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { createHome } from "../instruments/homes.mjs";
import { isDetached, leftBehind, openAccount, unavailable } from "../instruments/left-behind.mjs";
import { nextRun, workload } from "../instruments/processes.mjs";
import { round } from "../instruments/statistics.mjs";
import { count, markdownTable, ms } from "../instruments/tables.mjs";
import { EVENTS } from "../workloads/event.mjs";

export const name = "shellLoop";
export const title = "A thousand commands in a shell loop";
export const quick = true;

/** How often it is looked for processes left behind; shorter than any of them lives. */
const LOOK_MS = 15;

export async function measure({ receiver, quick: isQuick }) {
  if (unavailable) return { unavailable };
  const commands = isQuick ? 150 : 1_000;
  const intervalMs = isQuick ? 1_000 : 10_000;
  const mode = isQuick ? "short interval" : "default interval";
  const onHome = await createHome({ consent: "given" });
  const offHome = await createHome();
  const loop = (home, times) => runLoop(home, times, mode, receiver);
  const before = await loop(offHome, commands / 2);
  const on = await loop(onHome, commands);
  const after = await loop(offHome, commands / 2);
  const { events: acknowledged, requests, duplicates } = await receiver.tally(on.run);
  const kept = onHome.eventsOnDisk(on.run);
  onHome.dispose();
  offHome.dispose();
  return {
    commands,
    intervalMs,
    seconds: round(on.ms / 1000, 1),
    uploaders: on.uploaders,
    uploadersAllowed: 1 + Math.floor(on.ms / intervalMs),
    requests,
    offCpuMs: round(before.cpuMs + after.cpuMs, 0),
    onCpuMs: round(on.cpuMs, 0),
    backgroundCpuMs: round(on.backgroundCpuMs, 0),
    tracked: commands * EVENTS,
    acknowledged,
    kept,
    duplicates,
  };
}

async function runLoop(home, times, mode, receiver) {
  const run = nextRun();
  const script = 'i=0; while [ "$i" -lt "$1" ]; do BENCH_FIRST=$((i*EVENTS)) "$2" "$3" candor >/dev/null; i=$((i+1)); done; times'.replace("EVENTS", EVENTS);
  const { env, cwd } = home.run({ BENCH_RUN: run, BENCH_MODE: mode, BENCH_ENDPOINT: receiver.endpoints.instant });
  const startedAt = performance.now();
  const shell = spawn("sh", ["-c", script, "sh", String(times), process.execPath, workload("command.mjs")], { env, cwd, stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  shell.stdout.setEncoding("utf8").on("data", (text) => (printed += text));
  const closed = once(shell, "close");
  const accounts = new Map();
  for (let alive = 1; shell.exitCode === null || alive > 0; await wait(LOOK_MS)) {
    // The commands themselves are the shell's; only what has left its session counts here.
    for (const id of leftBehind(run)) if (!accounts.has(id) && isDetached(id)) accounts.set(id, openAccount(id));
    alive = [...accounts.values()].filter((account) => account.look()).length;
  }
  await closed;
  return {
    run,
    ms: performance.now() - startedAt,
    cpuMs: childrenCpuMs(printed),
    uploaders: accounts.size,
    backgroundCpuMs: [...accounts.values()].reduce((sum, { cpuMs }) => sum + cpuMs(), 0),
  };
}

/** The second line of the POSIX `times`: user and system time of the shell's children, as `0m12.34s 0m5.67s`. */
function childrenCpuMs(printed) {
  const [, children = ""] = printed.trim().split("\n");
  const times = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(([, minutes, seconds]) => (Number(minutes) * 60 + Number(seconds)) * 1000);
  if (times.length !== 2) throw new Error(`the shell's times cannot be read: ${printed}`);
  return times[0] + times[1];
}

export function render(loop) {
  if (loop.unavailable) return [`Not measured: ${loop.unavailable}.`];
  return [
    `${count(loop.commands)} commands took ${loop.seconds} s with telemetry on, at most one upload in ${loop.intervalMs / 1000} s.`,
    markdownTable(
      ["", "figure"],
      [
        ["CPU, telemetry off", ms(loop.offCpuMs)],
        ["CPU, telemetry on, the commands", ms(loop.onCpuMs)],
        ["CPU, telemetry on, left behind", ms(loop.backgroundCpuMs)],
        ["uploaders started, and allowed", `${loop.uploaders} of ${loop.uploadersAllowed}`],
        ["requests", loop.requests],
        ["events tracked, acknowledged, kept for the next upload", [loop.tracked, loop.acknowledged, loop.kept].map(count).join(", ")],
        ["events sent twice", count(loop.duplicates)],
      ],
    ),
  ];
}
