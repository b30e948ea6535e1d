/**
 * The common properties: what every event of a DataRobot tool carries besides the event's own fields. Total. It asks no server
 * and decides nothing about consent; the collector calls it only when telemetry is on.
 */
import { accountOf } from "./account.ts";
import { baseUrl, environmentOf, instanceOf } from "./base-url.ts";
import { language } from "./language.ts";
import { type Machine, realMachine } from "./machine.ts";
import { osName, osVersion } from "./operating-system.ts";
import { sessionId } from "./session.ts";
import { shell } from "./shell.ts";
import { template } from "./template.ts";

export interface CommonPropertiesOptions {
  /** The DataRobot endpoint that the tool is configured for; "" or absent when it is not. */
  readonly endpoint?: string | undefined;
  /** The API token, to tell whose cached account it is. It is hashed and goes nowhere. */
  readonly token?: string | undefined;
  /** See `configDirectory`. Without it there is no account, and a shell is asked for anew by each command. */
  readonly configDirectory?: string | undefined;
  /** How the tool was installed, such as `release`. Default `source`, as in the DataRobot CLI. */
  readonly installMethod?: string;
  /** Which instances are named: `public` (default) calls every other `custom`; `all` sends customers' host names too. */
  readonly instances?: "public" | "all";
  /** Adds the template of the project that the user works in. Data from the user's files, so declare it. Default false. */
  readonly template?: boolean;
  readonly machine?: Machine;
}

/**
 * Makes the function that gathers the properties of a run; absent is what is not known. In a dry run no file is read or
 * written, no subprocess started and no account named.
 */
export function commonProperties(options: CommonPropertiesOptions = {}): (run: { readonly dryRun: boolean }) => Record<string, string | number> {
  const { endpoint = "", installMethod = "source", instances = "public", configDirectory, machine = realMachine() } = options;
  return ({ dryRun }) =>
    withoutEmpty({
      ...(dryRun ? {} : signedIn(options)),
      session_id: sessionId(),
      os_name: osName(machine.platform),
      os_version: dryRun ? "" : osVersion(machine),
      language: language(machine),
      install_method: installMethod,
      shell: shell({ machine, dryRun, configDirectory }),
      environment: environmentOf(endpoint),
      datarobot_instance: instances === "all" ? baseUrl(endpoint) : instanceOf(endpoint),
      ...(dryRun || options.template !== true ? {} : template(machine)),
    });
}

function signedIn({ configDirectory, endpoint, token }: CommonPropertiesOptions): Readonly<Record<string, string>> {
  return configDirectory && endpoint && token ? { ...accountOf({ configDirectory, endpoint, token }) } : {};
}

function withoutEmpty(properties: Readonly<Record<string, string | number>>): Record<string, string | number> {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== ""));
}
