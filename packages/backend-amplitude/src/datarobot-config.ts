/**
 * @candor/backend-amplitude/datarobot-config: reads and changes drconfig.yaml. Loads the YAML parser; for the commands that
 * record an answer and for the background, not for every command.
 */
export { type ConfigValue, type DrConfigChange, recordOptIn, recordOptOut } from "./datarobot/config-change.ts";
export type { DrConfig, DrConfigTelemetry } from "./datarobot/config-content.ts";
export { type DrConfigContent, type DrConfigUpdate, readDrConfig, updateDrConfig } from "./datarobot/config-file.ts";
export type { FileSystem } from "./datarobot/private-file.ts";
