/**
 * What a command leaves behind: the processes that carry on when it has ended, found by the run's name in their environment, and the
 * CPU they use, from the kernel's own account (`/proc/<pid>/task/<thread>/schedstat`, nanoseconds), read every millisecond until they
 * are gone; so at most their last millisecond is missing. Only Linux has it; elsewhere it says so, and measures nothing.
 */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

/** Why nothing can be measured here; undefined where it can. */
export const unavailable = reasonAgainst();

function reasonAgainst() {
  if (process.platform !== "linux") return `background CPU is measured on Linux only, and this is ${process.platform}`;
  return Number(read("/proc/self/schedstat")?.split(" ")[0]) > 0 ? undefined : "this kernel keeps no schedstat";
}

/** The processes of a run that are alive. */
export function leftBehind(run) {
  if (unavailable) return [];
  const mark = `BENCH_RUN=${run}\0`;
  return readdirSync("/proc").flatMap((name) => {
    const id = Number(name);
    return Number.isInteger(id) && read(`/proc/${name}/environ`)?.includes(mark) ? [id] : [];
  });
}

/** Whether a process leads a session of its own, as what was detached does. */
export function isDetached(id) {
  // After the name, which may hold anything: state, parent, group, session.
  const [, , , session] = read(`/proc/${id}/stat`)?.replace(/^.*\) /s, "").split(" ") ?? [];
  return Number(session) === id;
}

/** Follows the processes of a run to their end, at most `limitMs`; then they are ended. */
export async function follow(run, { limitMs = 60_000 } = {}) {
  const startedAt = performance.now();
  const accounts = leftBehind(run).map(openAccount);
  let alive = accounts;
  while (alive.length > 0) {
    alive = alive.filter((account) => account.look());
    if (performance.now() - startedAt > limitMs) end(alive.map(({ id }) => id));
    await wait(1);
  }
  return {
    processes: accounts.length,
    cpuMs: accounts.reduce((sum, { cpuMs }) => sum + cpuMs(), 0),
    peakRssMb: Math.max(0, ...accounts.map(({ peakRssMb }) => peakRssMb())),
    livedMs: accounts.length > 0 ? performance.now() - startedAt : 0,
  };
}

/** Ends what a run left behind, and waits until it is gone. */
export async function endLeftBehind(run) {
  for (let alive = leftBehind(run); alive.length > 0; alive = leftBehind(run)) {
    end(alive);
    await wait(2);
  }
}

/** The account of one process; `look` brings it up to date and answers whether the process is alive. */
export function openAccount(id) {
  const threads = new Map();
  let peakKb = 0;
  return {
    id,
    look() {
      const status = read(`/proc/${id}/status`);
      if (status === undefined || /^State:\tZ/m.test(status)) return false;
      peakKb = Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? peakKb);
      for (const thread of list(`/proc/${id}/task`)) {
        const ns = Number(read(`/proc/${id}/task/${thread}/schedstat`)?.split(" ")[0]);
        if (ns > 0) threads.set(thread, ns);
      }
      return true;
    },
    cpuMs: () => [...threads.values()].reduce((sum, ns) => sum + ns, 0) / 1e6,
    peakRssMb: () => peakKb / 1024,
  };
}

function end(ids) {
  for (const id of ids) {
    try {
      process.kill(id, "SIGKILL");
    } catch {
      // It was faster.
      continue;
    }
  }
}

function list(directory) {
  try {
    return readdirSync(directory);
  } catch {
    // The process is gone.
    return [];
  }
}

function read(file) {
  try {
    return readFileSync(file, "latin1");
  } catch {
    // The process is gone, or somebody else's.
    return undefined;
  }
}
