/**
 * The signals of one run: what the command line and the environment say about telemetry. A value that cannot be understood is a no. It
 * knows nothing of what is recorded, nor in which order the signals count.
 */
import { isContinuousIntegration, parseGoBool, parseSwitch } from "../platform/environment.ts";
import type { LegacyVariable, Verdict } from "./consent.ts";

/** The flag as it stands on the command line; a value may lift it. */
export interface GivenFlag {
  readonly given: string;
  readonly disables: boolean;
}

/** The last one given before `--`; undefined when there is none, or the tool has no such flag. */
export function readFlag(flag: string, args: readonly string[]): GivenFlag | undefined {
  if (!flag) return undefined;
  const end = args.indexOf("--");
  const given = (end === -1 ? args : args.slice(0, end)).findLast((arg) => arg === flag || arg.startsWith(`${flag}=`));
  if (given === undefined) return undefined;
  return { given, disables: given === flag || parseSwitch(given.slice(flag.length + 1)) !== "off" };
}

/** The flag can only say no. */
export function fromFlag(flag: GivenFlag | undefined): Verdict | undefined {
  return flag?.disables ? { enabled: false, source: "flag", reason: `the command line says ${flag.given}` } : undefined;
}

/** https://consoledonottrack.com: anything but empty, `0` and `false`. */
export function fromDoNotTrack(value: string | undefined): Verdict | undefined {
  if (!value || value === "0" || value.toLowerCase() === "false") return undefined;
  return { enabled: false, source: "do-not-track", reason: "DO_NOT_TRACK is set" };
}

/** The tool's own variable. */
export function fromToolVariable(name: string, environment: NodeJS.ProcessEnv): Verdict | undefined {
  const value = environment[name];
  if (value === undefined || value === "") return undefined;
  const source = "tool-variable";
  switch (value.toLowerCase()) {
    case "debug":
      // It asks for lines on stderr and leaves the decision to the other sources.
      return undefined;
    case "local":
      return { enabled: true, localOnly: true, source, reason: `${name}=local` };
    default: {
      const parsed = parseSwitch(value);
      if (parsed === "unclear") {
        return { enabled: false, source, reason: `${name} has a value that is not on, off, local or debug` };
      }
      return { enabled: parsed === "on", source, reason: `${name}=${value}` };
    }
  }
}

/** A variable the tool documented before it had candor. */
export function fromLegacyVariable({ name, whenTrue }: LegacyVariable, environment: NodeJS.ProcessEnv): Verdict | undefined {
  const value = environment[name];
  if (value === undefined || value === "") return undefined;
  const parsed = parseSwitch(value);
  const enabled = parsed === "unclear" ? false : (parsed === "on") === (whenTrue === "on");
  const reason = parsed === "unclear" ? `${name} has a value that is neither on nor off` : `${name}=${value}`;
  return { enabled, source: "tool-variable", reason };
}

/** GTB-03: set at all decides; what Go's ParseBool does not know, the empty text included, is false. */
export function fromGtbVariable(value: string | undefined): Verdict | undefined {
  if (value === undefined) return undefined;
  const parsed = parseGoBool(value);
  // Whoever wrote "on" must learn why it is off.
  const unclear = parsed === undefined ? ", which is neither true nor false" : "";
  return { enabled: parsed === true, source: "gtb-variable", reason: `TELEMETRY_ENABLED is set to "${value.slice(0, 20)}"${unclear}` };
}

/** A run that no person watches says no. */
export function fromIntegration(environment: NodeJS.ProcessEnv): Verdict | undefined {
  return isContinuousIntegration(environment) ? { enabled: false, source: "continuous-integration", reason: "this is a continuous-integration run" } : undefined;
}
