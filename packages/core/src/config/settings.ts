/**
 * The settings: the author's options as the rest of candor sees them. In a user's hands a run that records nothing looks only at those
 * by which consent is resolved; all of them are looked at as soon as somebody needs another one.
 */
import { CandorError, type Logger } from "@candor/backend";
import { HANDOVER_VARIABLE } from "../uploader/handover.ts";
import type { Ports } from "../platform/ports.ts";
import { type AnyOptions, type Config, withDefaults } from "./config.ts";
import { canResolveConsent } from "./consent-rules.ts";
import { isDevelopment } from "./development.ts";
import { checkOptions } from "./option-check.ts";

export interface Settings {
  /** With every default filled in, and without the options that are wrong. */
  readonly config: Config;
  /** What is wrong with the options; nothing is collected then. */
  readonly problems: readonly string[];
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
    return (checked = { config: switched(config), problems });
  };
  if (inDevelopment || !canResolveConsent(options)) return check();

  const unchecked = switched(withDefaults(options));
  const onDemand = new Proxy(unchecked, {
    get: (config, option: keyof Config) => (VOUCHED_FOR.has(option) ? config[option] : check().config[option]),
  });
  return {
    get config() {
      return checked?.config ?? onDemand;
    },
    get problems() {
      return check().problems;
    },
  };
}

/** The options that `canResolveConsent` has looked at. */
const VOUCHED_FOR: ReadonlySet<keyof Config> = new Set(["tool", "enabled", "consent", "directories"]);
