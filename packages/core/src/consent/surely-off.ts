/**
 * Surely off: tells, with as little as can be, that nobody has said yes. All that switches telemetry on is here; what can only switch it
 * off is not asked, because it would change nothing. Where it is not sure, consent is resolved.
 */
import { mayHoldRequests } from "../deletion/any-requests.ts";
import type { Directories } from "../platform/paths.ts";
import { parseSwitch } from "../platform/environment.ts";
import { parseObject, readPrivateFile } from "../platform/private-file.ts";
import type { Ports } from "../platform/ports.ts";
import { type ConsentOptions, toolVariable } from "./consent.ts";

/**
 * Why telemetry is off whatever else is true, if it is: there is a no that stands, or nobody has answered. Undefined also where a
 * deletion request waits, to which a run without telemetry would see.
 */
export function surelyOff(toolName: string, options: ConsentOptions, directories: Directories, ports: Ports): "refused" | "unanswered" | undefined {
  const { store, variables = [] } = options;
  const { environment } = ports.host;
  const own = environment[toolVariable(toolName)];
  if (own && parseSwitch(own) !== "off") return undefined;
  if (store || environment["TELEMETRY_ENABLED"] !== undefined || variables.some(({ name }) => environment[name])) return undefined;
  return whatIsRecorded(options, directories, ports);
}

/** A no to an older text is told apart by the others, because the question may be due again. */
function whatIsRecorded({ model = "opt-in", version = 1 }: ConsentOptions, directories: Directories, ports: Ports): "refused" | "unanswered" | undefined {
  const content = readPrivateFile(directories.consentFile, ports.fileSystem);
  if (content.status === "missing") {
    const isUnanswered = model === "opt-in" && ports.fileSystem.lstatSync(directories.refusalFile, { throwIfNoEntry: false }) === undefined;
    return isUnanswered ? "unanswered" : undefined;
  }
  const { enabled, consentVersion } = (content.status === "read" && parseObject(content.text)) || {};
  const isNo = enabled === false && Number(consentVersion) >= version;
  return isNo && !mayHoldRequests(directories, ports) ? "refused" : undefined;
}
