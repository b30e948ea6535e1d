/**
 * The background room: what a command never loads. One door to delivery and to the `telemetry` commands,
 * so that everything behind it stays out of a command's start-up.
 */
export * as commands from "./commands.ts";
export { findBuildProblems } from "./config/backend-check.ts";
export { retryDeletionsAtEnd } from "./deletion/retry.ts";
export { retryDeletionsHere } from "./deletion/retry-run.ts";
export { deliverHere } from "./delivery/in-process-delivery.ts";
export { createMemorySpool } from "./spool/memory-spool.ts";
export { runUploader } from "./uploader/uploader-process.ts";
