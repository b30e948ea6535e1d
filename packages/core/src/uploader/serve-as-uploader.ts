/** Serving as the uploader: for a tool that is bundled into one file together with its backends. */
import type { BackendLoader } from "../config/config.ts";
import { HANDOVER_VARIABLE } from "./handover.ts";

/**
 * Delivers and ends the process, if this process was started as the tool's uploader (`delivery.uploader: "tool"`); otherwise
 * answers false at once. Call it before the tool does anything else: `if (await serveAsUploader({ … })) return;`.
 *
 * @param backends Loaders by the names used in the collector's `backend` option.
 */
export async function serveAsUploader(backends: Readonly<Record<string, BackendLoader>> = {}): Promise<boolean> {
  if (process.env[HANDOVER_VARIABLE] === undefined) return false;
  const { runUploader } = await import("../background.ts");
  return runUploader(backends);
}
