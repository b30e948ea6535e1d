/** The telemetry: the DataRobot CLI's, on candor. Nothing here runs, reads or writes anything before a command is recorded. */
import { dataRobotTelemetry } from "@candor/backend-amplitude/datarobot";
import { type Collector, createCollector, type Logger } from "@candor/core";
import { build } from "./build.ts";
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
  const minimumIntervalMs = Number(process.env["DR_UPLOAD_INTERVAL_MS"] ?? 10_000);
  return createCollector({ ...options, delivery: { ...options.delivery, minimumIntervalMs } });
}
