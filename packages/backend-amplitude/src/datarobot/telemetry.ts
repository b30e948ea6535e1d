/**
 * The telemetry of a DataRobot tool: the collector's options that make it the DataRobot CLI's. Making them runs, reads and writes nothing; what
 * costs something is asked by the collector, and only while telemetry is on.
 */
import type { Logger } from "@candor/backend";
import { accountOf } from "./account.ts";
import type { DrConfigContent } from "./config-file.ts";
import { commonProperties, type CommonPropertiesOptions } from "./common-properties.ts";
import { type ConsentStore, dataRobotConsent, dataRobotConsentStore } from "./consent.ts";
import { stderrLogger } from "./debug-log.ts";
import { persistedDeviceId } from "./device-id.ts";
import type { Environment } from "./machine.ts";
import { isAbsolutePath, joinPath } from "./paths.ts";
import { dataRobotSpecification } from "./specification.ts";

export interface DataRobotTelemetryOptions extends CommonPropertiesOptions {
  /** The tool's name; names its directories and variables, and is the application id of the device id. Default `dr`. */
  readonly tool?: string;
  readonly version: string;
  /** The Amplitude key, put in by the release. Empty (a development build): a dry run, events go to the debug log only. */
  readonly apiKey: string;
  /** Where drconfig.yaml lies; see `configDirectory`. */
  readonly configDirectory: string;
  /** What `readDrConfig` answered; a function, because it is asked only where consent is resolved. */
  readonly config: () => DrConfigContent;
  /** The tool's own log. Under `DR_TELEMETRY_DEBUG=true` lines go to stderr instead. */
  readonly logger?: Logger;
  /** Version of the consent text. Default 1, recorded as `1.0`. */
  readonly consentVersion?: number;
  /** Default: that of the process. */
  readonly environment?: Environment;
}

/** Options for `createCollector`, to be spread and changed where a tool differs. */
export interface DataRobotTelemetry {
  readonly tool: string;
  readonly version: string;
  readonly telemetryCommand: string;
  readonly backend: { readonly use: "amplitude"; readonly schema: "datarobot"; readonly apiKey: string; readonly endpoint?: string };
  readonly consent: typeof dataRobotConsent & { readonly version: number; readonly store?: ConsentStore };
  readonly identity: { readonly use: "datarobot"; readonly otherwise: () => string };
  /** For `reset`: whose events they are, where the cache knows it. */
  readonly userId: () => string | undefined;
  readonly metadata: ReturnType<typeof commonProperties>;
  readonly tasks: readonly { readonly use: string; readonly configDirectory: string }[];
  /** What `reset` deletes besides candor's own files. */
  readonly files: readonly string[];
  readonly delivery: { readonly intervalMs: number; readonly sendTimeoutMs: number };
  readonly logger?: Logger;
}

/**
 * The options of the DataRobot CLI's telemetry: its events in its Amplitude project, its device id, its opt-outs. Variables that are read:
 * `DR_TELEMETRY_ENDPOINT` (another Amplitude address) and `DR_TELEMETRY_DEBUG`; those about consent the collector reads itself.
 */
export function dataRobotTelemetry(options: DataRobotTelemetryOptions): DataRobotTelemetry {
  const { tool = "dr", version, apiKey, configDirectory, config, logger, consentVersion = 1, environment = process.env } = options;
  const debugLogger = /^(?:1|t|true|on|yes)$/i.test(environment["DR_TELEMETRY_DEBUG"]?.trim() ?? "") ? stderrLogger() : logger;
  // Without a home there is no directory, and a relative one would be another in each project: a project cannot say yes.
  const isPlaced = isAbsolutePath(configDirectory);
  const store = isPlaced ? { store: dataRobotConsentStore({ file: joinPath(configDirectory, "drconfig.yaml"), content: config }) } : {};
  return {
    tool,
    version,
    telemetryCommand: `${tool} self telemetry`,
    backend: { use: "amplitude", schema: "datarobot", apiKey, ...endpointOf(environment["DR_TELEMETRY_ENDPOINT"], debugLogger) },
    consent: { ...dataRobotConsent, version: consentVersion, ...store },
    identity: { use: "datarobot", otherwise: persistedDeviceId({ configDirectory: isPlaced ? configDirectory : "" }) },
    // Amplitude erases by the user's id; the installation's is of no use to it.
    userId: () => (isPlaced ? accountOf({ configDirectory, endpoint: options.endpoint ?? "", token: options.token ?? "" }).user_id : undefined),
    metadata: commonProperties({ ...options, configDirectory: isPlaced ? configDirectory : undefined }),
    tasks: isPlaced ? [{ use: "@candor/backend-amplitude/datarobot-account", configDirectory }] : [],
    files: isPlaced ? KEPT.map((name) => joinPath(configDirectory, name)) : [],
    delivery: { intervalMs: dataRobotSpecification.flushIntervalMs, sendTimeoutMs: dataRobotSpecification.requestTimeoutMs },
    ...(debugLogger ? { logger: debugLogger } : {}),
  };
}

/** Files beside drconfig.yaml that are kept for telemetry only. */
const KEPT = ["user_id", "user_id.failed", "device_id", "parent_shell"];

/** A user's mistyped address is no reason to send elsewhere, nor to break the tool: an empty one makes a dry run. */
function endpointOf(address: string | undefined, logger: Logger | undefined): { readonly endpoint?: string } {
  if (!address) return {};
  if (isSendable(address)) return { endpoint: address };
  logger?.warn("DR_TELEMETRY_ENDPOINT is no address that events may be sent to: use https, without a user name; nothing is sent");
  return { endpoint: "" };
}

/** The collector's own rule, in short: https, or http to this machine, and no credentials. */
function isSendable(address: string): boolean {
  if (/[\s\p{Cc}]/u.test(address) || !URL.canParse(address)) return false;
  const { protocol, hostname, username, password } = new URL(address);
  const isHere = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
  return username === "" && password === "" && (protocol === "https:" || (protocol === "http:" && isHere));
}
