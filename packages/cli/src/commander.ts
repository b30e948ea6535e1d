/** @candor/cli/commander: candor for tools built with Commander 12 to 15. Imports nothing of Commander at run time. */
export type { CommanderCommand, CommanderOption, CommanderOutput, ErrorPrinter } from "./commander/commander-command.ts";
export type { InstrumentOptions } from "./commander/command-event.ts";
export type { FirstRunPrompt } from "./commander/first-run.ts";
export { instrument } from "./commander/instrument.ts";
export { type MainOptions, runMain } from "./commander/main.ts";
export { addTelemetryCommand } from "./commander/telemetry-mount.ts";
export { assertTrackedCommands, trackedCommands } from "./commander/tracked-commands.ts";
export {
  eventFor,
  firstArg,
  isPluginCommand,
  type PropertyExtractor,
  track,
  type TrackedEvent,
  trackPlugin,
  trackWith,
} from "./commander/wiring.ts";
