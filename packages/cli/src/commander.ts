/** @candor/cli/commander: candor for tools built with Commander 12 to 15. Imports nothing of Commander at run time. */
export type { CommanderCommand, CommanderOutput, ErrorPrinter } from "./commander/commander-command.ts";
export { instrument } from "./commander/instrument.ts";
export { addTelemetryCommand } from "./commander/telemetry-mount.ts";
