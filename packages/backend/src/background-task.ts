/**
 * The contract of a background task: work that a tool needs done for its telemetry and that no command may wait for, such as
 * looking up who is signed in. The uploader does it beside delivering, under the same consent and within the same life.
 */
import type { Logger } from "./logger.ts";

/** What candor gives a task when it runs it. */
export interface BackgroundTaskContext {
  readonly toolName: string;
  readonly toolVersion: string;
  /** The tool's private data directory; absolute. */
  readonly dataDirectory: string;
  readonly logger: Logger;
  /** Ends the task: the uploader's life is over, or consent was withdrawn. The task settles within 100 ms. */
  readonly signal: AbortSignal;
}

/**
 * The default export of a task's module. What it finds out it keeps on disk, for the next command. A rejection is logged and
 * costs nothing else. Sends no usage data, and leaves no timer and no socket behind.
 */
export type BackgroundTask<Options = Record<string, unknown>> = (options: Options, context: BackgroundTaskContext) => Promise<void>;
