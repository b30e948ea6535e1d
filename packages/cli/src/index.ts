/** @candor/cli: the `telemetry` command for any framework. Adapters stand at their own entries, such as `./commander`. */
export {
  type TelemetryAnswer,
  telemetryCommand,
  type TelemetryCommand,
  type TelemetryRunOptions,
  type TelemetrySubcommand,
} from "./telemetry-command.ts";
