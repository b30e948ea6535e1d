/** The configuration: the instance and the token, from the environment or from drconfig.yaml. Read once a run. */
import { join } from "node:path";
import { baseUrl, configDirectory } from "@candor/backend-amplitude/datarobot";
import { type DrConfigContent, readDrConfig } from "@candor/backend-amplitude/datarobot-config";

export interface Configuration {
  /** Where drconfig.yaml and what belongs to it lie. */
  readonly directory: string;
  readonly file: string;
  /** The file as it was when the tool started. */
  readonly content: DrConfigContent;
  /** Address of the DataRobot API; "" when none is configured. */
  readonly endpoint: string;
  readonly token: string;
}

/** Reads the configuration; a missing file is an empty one. */
export function readConfiguration(environment: NodeJS.ProcessEnv): Configuration {
  const directory = configDirectory(environment);
  const file = join(directory, "drconfig.yaml");
  const content = readDrConfig(file);
  const stored = { endpoint: "", token: "", ...(content.status === "read" ? content : {}) };
  const endpoint = environment["DATAROBOT_ENDPOINT"] || stored.endpoint;
  // The file's token is for the file's instance: what a project puts into the environment must not send it elsewhere.
  const isStoredInstance = baseUrl(endpoint) === baseUrl(stored.endpoint);
  const token = environment["DATAROBOT_API_TOKEN"] || (isStoredInstance ? stored.token : "");
  return { directory, file, content, endpoint, token };
}
