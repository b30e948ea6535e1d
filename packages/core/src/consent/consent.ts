/**
 * Consent: resolves the yes or no, and says what decided it. It reads; it never writes and never asks.
 * A value that cannot be understood is always a no.
 */
import { isContinuousIntegration, parseGoBool, parseSwitch } from "../platform/environment.ts";
import { readConsent, type StoredConsent } from "./consent-store.ts";
import type { Directories } from "../platform/paths.ts";
import type { Policy } from "../policy/policy.ts";
import type { Ports } from "../platform/ports.ts";
import { projectRefusal } from "./project-refusal.ts";
import { fromStored, isNoticeShown } from "./recorded-answer.ts";
import { type ConsentStore, readStore, type StoreReading } from "./tool-store.ts";

/** What decided, in the order in which it is asked; the first that has an answer wins. */
export type ConsentSource =
  | "policy"
  | "flag"
  | "do-not-track"
  | "project"
  | "tool-variable"
  | "gtb-variable"
  | "continuous-integration"
  | "stored-choice"
  | "author-model";

export interface ConsentDecision {
  readonly enabled: boolean;
  /** Events go to the local log only. */
  readonly localOnly: boolean;
  /** Who keeps it local, when it is. */
  readonly localBy?: "policy" | "user";
  readonly source: ConsentSource;
  /** Plain words for `telemetry status`. */
  readonly reason: string;
  /** An answer of the user's is on record, whatever decided here. */
  readonly answerRecorded?: true;
  /** Under the opt-out model: the notice has not been shown yet, and nothing stronger decided. */
  readonly noticeDue?: true;
  /** Nobody has decided under the present consent text: the user may be asked. */
  readonly questionDue?: true;
  /** Names the spool that events of this consent go to. */
  readonly consentId: string;
}

/** A variable the tool already documents. */
export interface LegacyVariable {
  readonly name: string;
  /** What a true value means. */
  readonly whenTrue: "on" | "off";
}

export interface ConsentOptions {
  /**
   * The author's default while the user has not answered. `opt-in`: off. `opt-out`: on, after a
   * notice has been shown. `enforced`: on; `disable` refuses. Default `opt-in`.
   */
  readonly model?: "opt-in" | "opt-out" | "enforced";
  /** Version of the consent text; an answer to an older version counts as none. Default 1. */
  readonly version?: number;
  /** The tool's flag that switches telemetry off, such as `--disable-telemetry`. */
  readonly disableFlag?: string;
  /** Variables the tool already documents. */
  readonly variables?: readonly LegacyVariable[];
  /** The tool's own configuration, where it keeps the answer too. Default: candor's record alone. */
  readonly store?: ConsentStore;
}

/** `<TOOL>_TELEMETRY` for a tool's name: `my-tool` has `MY_TOOL_TELEMETRY`. */
export function toolVariable(toolName: string): string {
  return `${toolName.toUpperCase().replace(/[^A-Z0-9]+/g, "_")}_TELEMETRY`;
}

/** What one source decided. */
export interface Verdict {
  readonly enabled: boolean;
  readonly localOnly?: boolean;
  readonly source: ConsentSource;
  readonly reason: string;
  readonly noticeDue?: true;
  readonly questionDue?: true;
}

/** Resolves consent for a tool at this moment. */
export function resolveConsent(
  toolName: string,
  options: ConsentOptions,
  directories: Directories,
  ports: Ports,
  policy?: Policy,
): ConsentDecision {
  const environment = ports.host.environment;
  const stored = readConsent(directories, ports);
  const kept = readStore(options.store);
  const flag = readFlag(options.disableFlag, ports.host.args);
  const verdict =
    fromPolicy(policy) ??
    (flag?.disables ? { enabled: false, source: "flag" as const, reason: `the command line says ${flag.given}` } : undefined) ??
    fromDoNotTrack(environment["DO_NOT_TRACK"]) ??
    fromToolVariable(toolVariable(toolName), environment) ??
    // `--disable-telemetry=false` lifts the tool's own variables, as the DataRobot CLI has it, and nothing stronger.
    (flag ? undefined : fromLegacyVariables(options.variables ?? [], environment)) ??
    fromGtbVariable(environment["TELEMETRY_ENABLED"]) ??
    (isContinuousIntegration(environment)
      ? { enabled: false, source: "continuous-integration" as const, reason: "this is a continuous-integration run" }
      : undefined) ??
    fromStored(stored, kept, options) ??
    fromModel(stored, options);
  // The project can only say no, so it is asked only where the answer would be yes.
  const refusal = verdict.enabled ? projectRefusal(toolName, ports) : undefined;
  const decided: Verdict = refusal ? { enabled: false, source: "project", reason: refusal } : verdict;
  const localByUser = decided.localOnly === true || keepsLocal(environment["TELEMETRY_LOCAL"], stored, kept);
  const localOnly = localByUser || policy?.telemetry === "local";
  return {
    enabled: decided.enabled,
    localOnly: decided.enabled && localOnly,
    ...(localOnly ? { localBy: localByUser ? "user" : "policy" } : {}),
    source: decided.source,
    reason: decided.reason,
    ...(stored.status === "none" ? {} : { answerRecorded: true }),
    ...(decided.noticeDue ? { noticeDue: true } : {}),
    ...(decided.questionDue ? { questionDue: true } : {}),
    consentId: `${consentIdOf(stored)}${localOnly ? LOCAL : ""}`,
  };
}

/** Whether what this decision covers stays on this machine, also while a stronger no keeps telemetry off. */
export function isLocalOnly({ consentId }: ConsentDecision): boolean {
  return consentId.endsWith(LOCAL);
}

const LOCAL = "-local";

/** The directory name for events that no recorded yes covers: a variable or the author's model said yes. */
export const UNRECORDED_CONSENT = "unrecorded";

function consentIdOf(stored: StoredConsent): string {
  return stored.status === "answered" && stored.answer.enabled ? stored.answer.consentId : UNRECORDED_CONSENT;
}

/** The policy can only say no here; what it keeps local or reroutes is not a decision about consent. */
function fromPolicy(policy: Policy | undefined): Verdict | undefined {
  return policy?.telemetry === "off" ? { enabled: false, source: "policy", reason: "the machine's policy switches it off" } : undefined;
}

/** The tool's flag as the command line gives it, the last time it does; what stands after `--` belongs to somebody else. */
export function readFlag(flag: string | undefined, args: readonly string[]): { readonly given: string; readonly disables: boolean } | undefined {
  if (!flag) return undefined;
  const end = args.indexOf("--");
  const given = (end === -1 ? args : args.slice(0, end)).findLast((arg) => arg === flag || arg.startsWith(`${flag}=`));
  if (given === undefined) return undefined;
  return { given, disables: given === flag || parseSwitch(given.slice(flag.length + 1)) !== "off" };
}

function fromDoNotTrack(value: string | undefined): Verdict | undefined {
  if (!value || value === "0" || value.toLowerCase() === "false") return undefined;
  return { enabled: false, source: "do-not-track", reason: "DO_NOT_TRACK is set" };
}

function fromToolVariable(name: string, environment: NodeJS.ProcessEnv): Verdict | undefined {
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

function fromLegacyVariables(variables: readonly LegacyVariable[], environment: NodeJS.ProcessEnv): Verdict | undefined {
  for (const { name, whenTrue } of variables) {
    const value = environment[name];
    if (value === undefined || value === "") continue;
    const parsed = parseSwitch(value);
    const enabled = parsed === "unclear" ? false : (parsed === "on") === (whenTrue === "on");
    const reason = parsed === "unclear" ? `${name} has a value that is neither on nor off` : `${name}=${value}`;
    return { enabled, source: "tool-variable", reason };
  }
  return undefined;
}

/** GTB-03: set at all decides; what Go's ParseBool does not know, the empty text included, is false. */
function fromGtbVariable(value: string | undefined): Verdict | undefined {
  if (value === undefined) return undefined;
  const enabled = parseGoBool(value) === true;
  return { enabled, source: "gtb-variable", reason: `TELEMETRY_ENABLED is set to "${value.slice(0, 20)}"` };
}

function fromModel(stored: StoredConsent, { model = "opt-in", version = 1 }: ConsentOptions): Verdict {
  const source = "author-model";
  if (model === "enforced") return { enabled: true, source, reason: "your organisation enforces it" };
  if (model === "opt-in") return { enabled: false, source, reason: "you have not been asked or have not answered", questionDue: true };
  return isNoticeShown(stored, version)
    ? { enabled: true, source, reason: "it is on by default; the notice has been shown", questionDue: true }
    : { enabled: false, source, reason: "the notice has not been shown yet", noticeDue: true, questionDue: true };
}

/** A typo in TELEMETRY_LOCAL must not send data away: only a clear false lifts a stored local-only. */
function keepsLocal(value: string | undefined, stored: StoredConsent, kept: StoreReading): boolean {
  if (value !== undefined && value !== "") return parseGoBool(value) !== false;
  // What cannot be read may say it too.
  return (stored.status === "answered" && stored.answer.localOnly) || kept.status === "unreadable" || kept.localOnly;
}
