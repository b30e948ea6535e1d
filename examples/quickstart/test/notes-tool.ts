/** The tool under test: a built copy of notes, run in a home and a notes directory of its own. */
import path from "node:path";
import { setInterval } from "node:timers/promises";
import { type ProcessResult, runProcess, type RunOptions, temporaryHome } from "@candor/testing";

/** The example's directory. */
export const EXAMPLE = path.join(__dirname, "..");

/** The tool as `npm run build` leaves it. */
export const BUILT = path.join(EXAMPLE, "dist/notes.mjs");

/** The log is written in the background, by a process that nobody waits for. */
const LOG_LIMIT_MS = 15_000;
const POLL_MS = 10;

/** How one command differs from the others. */
interface NotesRun extends Pick<RunOptions, "signalAfter"> {
  /** Added to the tool's environment. */
  readonly variables?: Readonly<Record<string, string>>;
}

export interface NotesTool {
  /** Runs `notes` with these arguments to its end. */
  run(args: readonly string[], options?: NotesRun): Promise<ProcessResult>;
  /** Text of a file below the directory the tool runs in. */
  read(file: string): string;
  /** Every file below the home directory. */
  homeFiles(): readonly string[];
  /** Text of candor's local log, once it holds a whole line. Rejects after 15 seconds. */
  localLog(): Promise<string>;
  /** Stops an upload that may be under way, and removes the directories. */
  dispose(): Promise<void>;
}

/** Sets the tool up. `files` lie in the directory it runs in; `variables` are added to its environment. */
export function openNotesTool(script: string, files: Readonly<Record<string, string>>, variables: Readonly<Record<string, string>> = {}): NotesTool {
  const home = temporaryHome();
  const desk = temporaryHome(files);
  const environment = { ...home.environment, ...variables };
  const run = (args: readonly string[], { variables: added = {}, ...options }: NotesRun = {}): Promise<ProcessResult> =>
    runProcess(process.execPath, [script, ...args], { environment: { ...environment, ...added }, cwd: desk.path, ...options });
  return {
    run,
    read: (file) => desk.read(file),
    homeFiles: () => home.list(),
    async localLog() {
      const endsAtMs = performance.now() + LOG_LIMIT_MS;
      for await (const _ of setInterval(POLL_MS)) {
        const file = home.list().find((name) => name.endsWith("/telemetry.log"));
        const text = file === undefined ? "" : home.read(file);
        if (text.endsWith("\n")) return text;
        if (performance.now() > endsAtMs) break;
      }
      throw new Error(`the local log has not been written; there are: ${home.list().join(", ")}`);
    },
    async dispose() {
      await run(["telemetry", "disable"]);
      desk.dispose();
      home.dispose();
    },
  };
}
