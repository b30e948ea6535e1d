/** The whole collector: everything but the little that a command without telemetry needs. */
import type { AnyOptions } from "../config/config.ts";
import type { Circumstances } from "../config/circumstances.ts";
import { createSettings } from "../config/settings.ts";
import type { CompiledRoom } from "../platform/compiled-room.ts";
import type { Ports } from "../platform/ports.ts";
import { createActiveCollector } from "./active-collector.ts";
import type { Collector } from "./collector.ts";
import { createInstallation } from "./installation.ts";
import { loggerFor } from "./logger.ts";

/** Makes the collector of a tool. @throws CandorError `ERR_CANDOR_CONFIG` naming each option and its fix, in development only. */
export function createWholeCollector(options: AnyOptions, ports: Ports, circumstances: Circumstances, unkept?: () => CompiledRoom | undefined): Collector {
  const logger = loggerFor(options, ports);
  return createActiveCollector(createInstallation(createSettings(options, ports, circumstances, logger), ports, logger), unkept);
}
