/** Whether deletion requests may wait on this machine: one look at the disk, in a file of its own because every run without telemetry takes it. */
import type { Directories } from "../platform/paths.ts";
import type { Ports } from "../platform/ports.ts";
import { inspect } from "../platform/private-directory.ts";

/** Whether there may be requests: the one look that a run with telemetry off takes, and only after an answer is on record. */
export function mayHoldRequests({ deletions }: Directories, ports: Ports): boolean {
  try {
    return inspect(deletions, ports)?.status === "private";
  } catch {
    // A place that cannot be looked at holds nothing that could be sent from it.
    return false;
  }
}
