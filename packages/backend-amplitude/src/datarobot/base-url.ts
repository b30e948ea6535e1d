/**
 * The base URL: which DataRobot instance an endpoint belongs to. Pure and total. It lets nothing of an endpoint through but
 * scheme, host and port, because the rest may hold a user name, a password or a key.
 */

/** Longest endpoint that is looked at, in characters; the limit of `parseEndpoint`. */
const MAX_ENDPOINT_LENGTH = 2_048;

/** DataRobot's public instances (DataRobot CLI, internal/config/api.go: the shortcuts 1, 2 and 3). */
const PUBLIC_INSTANCES: Readonly<Record<string, "US" | "EU" | "JP">> = {
  "https://app.datarobot.com": "US",
  "https://app.eu.datarobot.com": "EU",
  "https://app.jp.datarobot.com": "JP",
};

/** Which instance: one of the public three, one that a customer runs, or none at all. */
export type DataRobotEnvironment = "US" | "EU" | "JP" | "custom" | "";

/**
 * `scheme://host[:port]` of an endpoint, in lower case and without a default port; a missing scheme is https. User name,
 * password, path, query and fragment are removed. "" for anything that is no http or https address.
 */
export function baseUrl(endpoint: string): string {
  const text = typeof endpoint === "string" ? endpoint.trim() : "";
  if (text === "" || text.length > MAX_ENDPOINT_LENGTH) return "";
  const address = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(address)) return "";
  const { origin, protocol } = new URL(address);
  return protocol === "https:" || protocol === "http:" ? origin : "";
}

/** The instance's region by its exact host; "custom" for every other host, "" without an endpoint. */
export function environmentOf(endpoint: string): DataRobotEnvironment {
  const base = baseUrl(endpoint);
  if (base === "") return "";
  return Object.hasOwn(PUBLIC_INSTANCES, base) ? (PUBLIC_INSTANCES[base] ?? "custom") : "custom";
}

/**
 * The instance as an event names it: the base URL of a public instance, "custom" for a customer's own, whose host name would
 * tell who the customer is, "" without an endpoint.
 */
export function instanceOf(endpoint: string): string {
  const environment = environmentOf(endpoint);
  return environment === "" || environment === "custom" ? environment : baseUrl(endpoint);
}
