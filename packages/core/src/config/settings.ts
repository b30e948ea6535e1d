/** The settings: the author's options as the rest of candor sees them, looked at and with every default filled in. */
import { CandorError, type Logger } from "@candor/backend";
import type { Circumstances } from "./circumstances.ts";
import type { Ports } from "../platform/ports.ts";
import type { AnyOptions, Config } from "./config.ts";
import { checkOptions } from "./option-check.ts";

export interface Settings {
  /** With every default filled in, and without the options that are wrong. */
  readonly config: Config;
  /** What is wrong with the options; nothing is collected then. */
  readonly problems: readonly string[];
}

/** The settings of a tool. @throws CandorError `ERR_CANDOR_CONFIG` naming each option and its fix, in development only. */
export function createSettings(options: AnyOptions, ports: Ports, { inDevelopment, isUploader }: Circumstances, logger: Logger): Settings {
  const { config, problems } = checkOptions(options, ports, inDevelopment);
  if (problems.length > 0 && inDevelopment) {
    throw new CandorError("ERR_CANDOR_CONFIG", `telemetry is misconfigured:\n  ${problems.join("\n  ")}`);
  }
  for (const problem of problems) logger.debug(`telemetry is misconfigured: ${problem}`);
  return { config: isUploader ? { ...config, enabled: false } : config, problems };
}
