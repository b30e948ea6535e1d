/**
 * The settings: the author's options as the rest of candor sees them. In a user's hands a run that records nothing looks only at those
 * by which consent is resolved; all of them are looked at as soon as somebody needs another one.
 */
import { CandorError, type Logger } from "@candor/backend";
import { HANDOVER_VARIABLE } from "../uploader/handover.ts";
import type { Ports } from "../platform/ports.ts";
import type { AnyOptions, Config } from "./config.ts";
import { canResolveConsent } from "./consent-rules.ts";
import { isDevelopment } from "./development.ts";
import { checkOptions } from "./option-check.ts";

export interface Settings {
  /** With every default filled in, and without the options that are wrong. */
  readonly config: Config;
  /** What is wrong with the options; nothing is collected then. */
  readonly problems: readonly string[];
  /** Whether mistakes meet the tool's author. */
  readonly inDevelopment: boolean;
}

/** The settings of a tool. @throws CandorError `ERR_CANDOR_CONFIG` naming each option and its fix, in development only. */
export function createSettings(options: AnyOptions, ports: Ports, logger: Logger): Settings {
  const inDevelopment = isDevelopment(ports);
  // An uploader is not watched, whatever it loads.
  const watched = ports.host.environment[HANDOVER_VARIABLE] === undefined;
  const switched = (config: Config): Config => (watched ? config : { ...config, enabled: false });

  let checked: Settings | undefined;
  const check = (): Settings => {
    if (checked) return checked;
    const { config, problems } = checkOptions(options, ports, inDevelopment);
    if (problems.length > 0 && inDevelopment) {
      throw new CandorError("ERR_CANDOR_CONFIG", `telemetry is misconfigured:\n  ${problems.join("\n  ")}`);
    }
    for (const problem of problems) logger.debug(`telemetry is misconfigured: ${problem}`);
    return (checked = { config: switched(config), problems, inDevelopment });
  };
  if (inDevelopment || !canResolveConsent(options)) return check();

  // `canResolveConsent` has looked at these.
  const { tool, enabled = true, consent = {}, directories = {} } = options;
  const vouchedFor: Partial<Config> = { tool, enabled: enabled && watched, consent, directories };
  const onDemand = new Proxy(vouchedFor as Config, {
    get: (config, option: keyof Config) => config[option] ?? check().config[option],
    has: (_, option) => option in check().config,
    ownKeys: () => Reflect.ownKeys(check().config),
    getOwnPropertyDescriptor: (_, option) => Reflect.getOwnPropertyDescriptor(check().config, option),
  });
  return {
    get config() {
      return checked?.config ?? onDemand;
    },
    get problems() {
      return check().problems;
    },
    inDevelopment,
  };
}
