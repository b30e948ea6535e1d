/**
 * The tool: runs `notes` as a person would, in a given environment and directory, and remembers what it started so that
 * nothing is left running.
 */
import { existsSync } from "node:fs";
import path from "node:path";
import { startProcess } from "@candor/testing";

const SCRIPT = path.resolve(import.meta.dirname, "../dist/notes.mjs");

/** @throws when the tool has not been built. */
export function assertBuilt() {
  if (!existsSync(SCRIPT)) throw new Error(`${SCRIPT} does not exist; build the workspace first: npm run build`);
}

/** The built tool, to be run in this environment and directory. */
export function openTool({ environment, cwd }) {
  const running = new Set();
  let closed = false;

  function start(args, variables = {}) {
    if (closed) throw new Error("the tour was interrupted");
    const started = startProcess(process.execPath, [SCRIPT, ...args], { environment: { ...environment, ...variables }, cwd });
    running.add(started.child);
    const forget = () => running.delete(started.child);
    started.exited.then(forget, forget);
    return started;
  }

  /** Runs the tool to its end; `variables` are added to its environment. */
  const run = async (args, variables) => start(args, variables).exited;

  return {
    run,
    /** What `notes telemetry status --json` says. */
    async status() {
      const { stdout } = await run(["telemetry", "status", "--json"]);
      return JSON.parse(stdout);
    },
    /** Runs `notes watch`, sends it a signal once it watches, and answers how it ended. The time counts from the signal. */
    async interruptWatch(signal, variables) {
      const watching = start(["watch"], variables);
      await watching.waitForOutput("Press Ctrl-C");
      const signalledAtMs = performance.now();
      watching.child.kill(signal);
      const result = await watching.exited;
      return { ...result, durationMs: performance.now() - signalledAtMs };
    },
    /** Ends every command that still runs, and starts no other. */
    close() {
      closed = true;
      for (const child of running) child.kill("SIGKILL");
    },
  };
}
