/** @candor/cli: the `telemetry` command and exits, for any framework. Adapters stand at their own entries, such as `./commander`. */
export { askForConsent, type AskOptions, type AskOutcome } from "./ask-for-consent.ts";
export { type ChildEnd, exitLike } from "./exit.ts";
export type { PromptText } from "./prompt/prompt-text.ts";
export { isSilentError, SilentError, type SilentErrorOptions } from "./silent-error.ts";
export {
  type TelemetryAnswer,
  telemetryCommand,
  type TelemetryCommand,
  type TelemetryOption,
  type TelemetryRunOptions,
  type TelemetrySubcommand,
} from "./telemetry-command.ts";
