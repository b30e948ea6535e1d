/**
 * The option check: looks at every option, and says what is left of them when some are wrong.
 */
import type { Ports } from "../platform/ports.ts";
import { type AnyOptions, type Config, withDefaults } from "./config.ts";
import { findProblems } from "./config-rules.ts";
import { findAuthorProblems } from "./author-check.ts";
import { findUnknownNames } from "./option-names.ts";

export interface CheckedOptions {
  /** Each names the option and the fix. */
  readonly problems: readonly string[];
  /** What is left of the options: all of them where nothing is wrong. */
  readonly config: Config;
}

/** Looks at every option; in development also for what takes longer to find out, and for names that no option has. */
export function checkOptions(options: AnyOptions, ports: Ports, isDevelopment: boolean): CheckedOptions {
  const problems = findProblems(options);
  if (isDevelopment) problems.push(...findUnknownNames(options));
  if (problems.length === 0 && isDevelopment) problems.push(...findAuthorProblems(options, ports));
  return { problems, config: withDefaults(problems.length > 0 ? usable(options, problems) : options) };
}

/**
 * What is left of options with mistakes: enough for the `telemetry` commands to work, because a no must be recorded for the
 * right tool and in the right place whatever else is wrong.
 */
function usable(options: AnyOptions, problems: readonly string[]): AnyOptions {
  const isSound = (option: keyof AnyOptions): boolean => !problems.some((problem) => problem.startsWith(option) || problem.startsWith("options"));
  return {
    tool: isSound("tool") ? options.tool : "misconfigured",
    version: isSound("version") ? options.version : "0",
    ...(isSound("consent") && options.consent ? { consent: options.consent } : {}),
    ...(isSound("directories") && options.directories ? { directories: options.directories } : {}),
    ...(isSound("identity") && options.identity ? { identity: options.identity } : {}),
    // What was sent before the mistake can still be erased.
    ...(isSound("backend") && options.backend ? { backend: options.backend } : {}),
    ...(isSound("backends") && options.backends ? { backends: options.backends } : {}),
    ...(isSound("deletion") && options.deletion ? { deletion: options.deletion } : {}),
    ...(isSound("userId") && options.userId ? { userId: options.userId } : {}),
    ...(isSound("supportMessage") && options.supportMessage ? { supportMessage: options.supportMessage } : {}),
  };
}
