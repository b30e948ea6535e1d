/** The circumstances in which a collector is made. They are found out once, because a process may change its environment afterwards. */
import { HANDOVER_VARIABLE } from "../uploader/handover.ts";
import type { Ports } from "../platform/ports.ts";
import { isDevelopment } from "./development.ts";

export interface Circumstances {
  /** Whether mistakes meet the tool's author. */
  readonly inDevelopment: boolean;
  /** Whether this process is an uploader, which is not watched, whatever it loads. */
  readonly isUploader: boolean;
}

/** The circumstances of now. */
export function circumstancesOf(ports: Ports): Circumstances {
  return { inDevelopment: isDevelopment(ports), isUploader: ports.host.environment[HANDOVER_VARIABLE] !== undefined };
}
