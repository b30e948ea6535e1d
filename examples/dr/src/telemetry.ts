/** The telemetry: the DataRobot CLI's, on candor. Nothing here runs, reads or writes anything before a command is recorded. */
import { dataRobotTelemetry } from "@candor/backend-amplitude/datarobot";
import { type Collector, createCollector, type Logger } from "@candor/core";
import { build } from "./build.ts";
import { catalog } from "./catalog.ts";
import type { Configuration } from "./configuration.ts";

/** The collector of this tool. */
export function createTelemetry(version: string, { directory, content, endpoint, token }: Configuration, logger: Logger): Collector {
  const options = dataRobotTelemetry({
    version,
    apiKey: build.amplitudeApiKey,
    installMethod: build.installMethod,
    configDirectory: directory,
    config: () => content,
    endpoint,
    token,
    template: true,
    logger,
  });
  return createCollector({ ...options, catalog, delivery: { ...options.delivery, ...uploadInterval(process.env["DR_UPLOAD_INTERVAL_MS"]) } });
}

/** Tests and the demonstration cannot wait for the usual ten seconds between two uploads. */
function uploadInterval(text: string | undefined): { readonly minimumIntervalMs?: number } {
  return text !== undefined && /^\d{1,6}$/.test(text) ? { minimumIntervalMs: Number(text) } : {};
}
