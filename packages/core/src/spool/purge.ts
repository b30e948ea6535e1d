/** The purge: deletes every spool of a tool. It refuses a place that is a link or not the user's own, and says when something is left. */
import type { Directories } from "../platform/paths.ts";
import { type Ports, systemErrorCode } from "../platform/ports.ts";
import { inspect } from "../platform/private-directory.ts";

export type PurgeOutcome = { readonly status: "empty" } | { readonly status: "failed"; readonly reason: string };

/** Deletes every event of every consent: pending, claimed, open and set aside. */
export function purgeSpools(directories: Directories, ports: Ports): PurgeOutcome {
  try {
    // Never through a link, and never in a place that is not ours: what lies there is not candor's to delete.
    const privacy = inspect(directories.data, ports);
    if (!privacy) return { status: "empty" };
    if (privacy.status === "unusable") return { status: "failed", reason: privacy.reason };
    for (const path of [directories.spool, directories.rejectedFile]) {
      ports.fileSystem.rmSync(path, { recursive: true, force: true, maxRetries: 3 });
    }
    return { status: "empty" };
  } catch (error) {
    if (systemErrorCode(error) === "ENOTDIR") return { status: "empty" };
    return { status: "failed", reason: `${directories.spool} cannot be deleted (${systemErrorCode(error) ?? String(error)})` };
  }
}
