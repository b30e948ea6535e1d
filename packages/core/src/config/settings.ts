/** The settings: the author's options as the rest of candor sees them, looked at and with every default filled in. */
import { CandorError, type Logger } from "@candor/backend";
import { HANDOVER_VARIABLE } from "../uploader/handover.ts";
import type { Ports } from "../platform/ports.ts";
import type { AnyOptions, Config } from "./config.ts";
import { isDevelopment } from "./development.ts";
import { checkOptions } from "./option-check.ts";

export interface Settings {
  /** With every default filled in, and without the options that are wrong. */
  readonly config: Config;
  /** What is wrong with the options; nothing is collected then. */
  readonly problems: readonly string[];
}

/** The settings of a tool. @throws CandorError `ERR_CANDOR_CONFIG` naming each option and its fix, in development only. */
export function createSettings(options: AnyOptions, ports: Ports, logger: Logger): Settings {
  const inDevelopment = isDevelopment(ports);
  const { config, problems } = checkOptions(options, ports, inDevelopment);
  if (problems.length > 0 && inDevelopment) {
    throw new CandorError("ERR_CANDOR_CONFIG", `telemetry is misconfigured:\n  ${problems.join("\n  ")}`);
  }
  for (const problem of problems) logger.debug(`telemetry is misconfigured: ${problem}`);
  // An uploader is not watched, whatever it loads.
  const watched = ports.host.environment[HANDOVER_VARIABLE] === undefined;
  return { config: watched ? config : { ...config, enabled: false }, problems };
}
