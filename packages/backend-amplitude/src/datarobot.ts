/**
 * @candor/backend-amplitude/datarobot: DataRobot's identity, properties and events for a tool that uses candor. Cheap to
 * import, because a command pays for it: no Node.js builtin, no YAML parser and no HTTP client is loaded by it.
 */
export { type Account, type AccountKey, accountOf } from "./datarobot/account.ts";
export { baseUrl, type DataRobotEnvironment, environmentOf, instanceOf } from "./datarobot/base-url.ts";
export { commonProperties, type CommonPropertiesOptions } from "./datarobot/common-properties.ts";
export { configDirectory } from "./datarobot/configuration-directory.ts";
export {
  type ConsentStore,
  consentAnswer,
  dataRobotConsent,
  dataRobotConsentStore,
  type DataRobotConsentStoreOptions,
  type RecordedAnswer,
  type StoredAnswer,
} from "./datarobot/consent.ts";
export { dataRobotProperties } from "./datarobot/declarations.ts";
export { type DeviceIdOptions, persistedDeviceId } from "./datarobot/device-id.ts";
export { commandProperties, type DataRobotEventName, dataRobotEvents, errorProperties, flagNames } from "./datarobot/events.ts";
export { apiConsumerTrace, telemetryHeaders, type TelemetryHeaderOptions, type ToolFacts, userAgent, type UserAgentOptions } from "./datarobot/headers.ts";
export { language, languageOf, languageTag } from "./datarobot/language.ts";
export { type Environment, type Machine, realMachine } from "./datarobot/machine.ts";
export { osName, osVersion } from "./datarobot/operating-system.ts";
export type { FileSystem } from "./datarobot/private-file.ts";
export { sessionId } from "./datarobot/session.ts";
export { shell, type ShellOptions } from "./datarobot/shell.ts";
export { dataRobotSpecification } from "./datarobot/specification.ts";
export { dataRobotTelemetry, type DataRobotTelemetry, type DataRobotTelemetryOptions } from "./datarobot/telemetry.ts";
export { type Template, template } from "./datarobot/template.ts";
export { tokenFingerprint } from "./datarobot/token-fingerprint.ts";
