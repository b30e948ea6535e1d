/** Whether the tool's own process has to ask for deletion: nobody else can be started, or only its code knows how. */
import { type Installation, needsThisProcess } from "../collector/installation.ts";
import { isRequestor } from "../config/config.ts";
import { childManner } from "../uploader/detachment.ts";

export function asksHere(installation: Installation): boolean {
  const { config } = installation;
  return childManner(installation) === undefined || config.deletion.some(isRequestor) || needsThisProcess(config.backends, config);
}
