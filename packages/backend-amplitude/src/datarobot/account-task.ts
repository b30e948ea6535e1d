/**
 * The account task: lets the uploader look up who is signed in, so that no command waits for it. It finds the credentials as
 * the DataRobot CLI does, prints nothing and keeps nothing but the account. No line of its log holds a token or the server's words.
 */
import type { BackgroundTaskContext } from "@candor/backend";
import { type AccountRefreshOptions, refreshAccount } from "./account-lookup.ts";
import { baseUrl } from "./base-url.ts";
import { configDirectory as defaultDirectory } from "./configuration-directory.ts";
import { apiConsumerTrace, userAgent } from "./headers.ts";
import type { Environment } from "./machine.ts";
import { joinPath } from "./paths.ts";

/** Serialisable, because another process runs the task. */
export interface DataRobotAccountOptions {
  /** Where drconfig.yaml and the cache lie. Default: as the DataRobot CLI has it. */
  readonly configDirectory?: string;
}

/** What the task needs of the process it runs in; for tests. */
export interface AccountTaskProcess {
  readonly environment?: Environment;
  readonly request?: AccountRefreshOptions["request"];
}

interface Credentials {
  readonly endpoint: string;
  readonly token: string;
}

/** Looks up the account, unless the cache has it. Never rejects. */
export async function lookUpAccount(options: DataRobotAccountOptions, context: BackgroundTaskContext, host: AccountTaskProcess = {}): Promise<void> {
  const { environment = process.env, request } = host;
  const { logger, signal, toolName, toolVersion } = context;
  try {
    const configDirectory = options.configDirectory ?? defaultDirectory(environment);
    const credentials = await findCredentials(environment, configDirectory);
    const refresh = await refreshAccount({
      ...credentials,
      configDirectory,
      signal,
      userAgent: userAgent({ version: toolVersion, os: process.platform, arch: process.arch, enabled: false }),
      ...(isTracked(environment) ? { consumerTrace: apiConsumerTrace(`${toolName} telemetry`) } : {}),
      ...(request === undefined ? {} : { request }),
    });
    logger.debug(`DataRobot account: ${refresh.status}`, "reason" in refresh ? { reason: refresh.reason } : undefined);
  } catch {
    // The error may quote what it stumbled over, so only that there was one is told.
    logger.debug("DataRobot account: the lookup failed unexpectedly");
  }
}

/**
 * Environment first, then drconfig.yaml, each value for itself, as in the DataRobot CLI. But the file's token goes to no other
 * instance that the environment names: a project's `.env` could send it anywhere.
 */
async function findCredentials(environment: Environment, configDirectory: string): Promise<Credentials> {
  const given = { endpoint: environment["DATAROBOT_ENDPOINT"] ?? "", token: environment["DATAROBOT_API_TOKEN"] ?? "" };
  if ((given.endpoint !== "" && given.token !== "") || configDirectory === "") return given;
  const { readDrConfig } = await import("../datarobot-config.ts");
  const config = readDrConfig(joinPath(configDirectory, "drconfig.yaml"));
  const stored = { endpoint: "", token: "", ...(config.status === "read" ? config : {}) };
  if (given.endpoint === "") return { endpoint: stored.endpoint, token: given.token || stored.token };
  return { endpoint: given.endpoint, token: baseUrl(given.endpoint) === baseUrl(stored.endpoint) ? stored.token : "" };
}

/** The DataRobot CLI's switch for the header that tells the API which command calls. */
function isTracked(environment: Environment): boolean {
  const value = environment["DATAROBOT_API_CONSUMER_TRACKING_ENABLED"]?.trim().toLowerCase() ?? "";
  return value === "" || ["1", "t", "true", "on", "yes"].includes(value);
}
