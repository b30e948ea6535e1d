/**
 * The background tasks: what the uploader does beside delivering. A task never holds up a delivery. The uploader's lock is held until they are
 * over, so that whoever withdraws consent waits for their end, too, and no second uploader does the same work.
 */
import type { BackgroundTask, Logger } from "@candor/backend";
import type { TaskChoice } from "../config/config.ts";
import { defaultFunction, loadNamed, type ModulePlaces } from "../destination/named-module.ts";

export interface TaskRun extends ModulePlaces {
  readonly tasks: readonly TaskChoice[];
  readonly toolName: string;
  readonly toolVersion: string;
  readonly dataDirectory: string;
  readonly logger: Logger;
  /** Milliseconds until whatever still runs is ended. */
  readonly limitMs: number;
}

/** Tasks at work. */
export interface RunningTasks {
  /** Resolves when all have come to an end; never rejects. */
  readonly done: Promise<void>;
  /** Ends them now. */
  readonly stop: () => void;
}

/** Starts every task. One that cannot be loaded or that fails costs a debug line. */
export function startTasks(run: TaskRun): RunningTasks {
  if (run.tasks.length === 0) return { done: Promise.resolve(), stop: () => undefined };
  const ending = new AbortController();
  const stop = (): void => ending.abort();
  const limit = setTimeout(stop, run.limitMs);
  const stopped = new Promise<void>((resolve) => ending.signal.addEventListener("abort", () => resolve(), { once: true }));
  const work = Promise.all(run.tasks.map((task) => perform(task, run, ending.signal)));
  // A task that does not obey its signal must not keep the uploader: the process ends under it.
  const done = Promise.race([work.then(() => undefined), stopped.then(() => grace())]).finally(() => clearTimeout(limit));
  return { done, stop };
}

/** Time in which a task that was told to end settles. */
const SETTLE_MS = 100;

function grace(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
}

async function perform({ use, ...options }: TaskChoice, run: TaskRun, signal: AbortSignal): Promise<void> {
  const { toolName, toolVersion, dataDirectory, logger } = run;
  try {
    const task = defaultFunction("tasks.use", use, await loadNamed("tasks.use", use, run)) as BackgroundTask;
    if (!signal.aborted) await task(options, { toolName, toolVersion, dataDirectory, logger, signal });
  } catch (error) {
    logger.debug("a background task failed", { task: use, error: String(error) });
  }
}
