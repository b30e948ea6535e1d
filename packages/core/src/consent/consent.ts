/**
 * Consent: resolves the yes or no, and says what decided it. It reads; it never writes and never asks.
 * A value that cannot be understood is always a no.
 */
import { parseGoBool } from "../platform/environment.ts";
import { consentIdOf, isLocalConsent } from "./consent-id.ts";
import { readConsent, type StoredConsent } from "./consent-store.ts";
import type { Directories } from "../platform/paths.ts";
import type { Policy } from "../policy/policy.ts";
import type { Ports } from "../platform/ports.ts";
import { PROJECT_FILE, projectRefusal } from "./project-refusal.ts";
import { fromStored, isNoticeShown } from "./recorded-answer.ts";
import { fromDoNotTrack, fromFlag, fromGtbVariable, fromIntegration, fromLegacyVariable, fromToolVariable, readFlag } from "./run-signals.ts";
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
  let name = "";
  // Not an expression: its first use costs every command more than the rest of this.
  for (const character of toolName.toUpperCase()) {
    const isKept = (character >= "A" && character <= "Z") || (character >= "0" && character <= "9");
    if (isKept) name += character;
    else if (!name.endsWith("_")) name += "_";
  }
  return `${name}_TELEMETRY`;
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
  const stored = readConsent(directories, ports);
  const kept = readStore(options.store);
  const signals = consentSignals(toolName, options, { stored, kept }, ports, policy);
  const decided = firstVerdict(signals) ?? NOBODY;
  const localByUser = decided.localOnly === true || keepsLocal(ports.host.environment["TELEMETRY_LOCAL"], stored, kept);
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
    consentId: consentIdOf(recordedId(stored), localOnly),
  };
}

/** One of those that are asked whether telemetry is on. */
export interface Signal {
  readonly source: ConsentSource;
  /** For people, and different for each: a variable's name, a flag. */
  readonly name: string;
  /** What it decides; undefined where it leaves that to those below. */
  readonly verdict: () => Verdict | undefined;
}

/** What is on record: in candor's store and in the tool's own. */
export interface Records {
  readonly stored: StoredConsent;
  readonly kept: StoreReading;
}

/** Every signal, the strongest first: the first with a verdict decides. `telemetry status` shows the same list. */
export function consentSignals(toolName: string, options: ConsentOptions, { stored, kept }: Records, ports: Ports, policy?: Policy): readonly Signal[] {
  const { environment, args } = ports.host;
  const { disableFlag = "", variables = [], model = "opt-in" } = options;
  const flag = readFlag(disableFlag, args);
  const signal = (source: ConsentSource, name: string, ask: () => Verdict | undefined): Signal => ({ source, name, verdict: remembered(ask) });
  const below = [
    signal("tool-variable", toolVariable(toolName), () => fromToolVariable(toolVariable(toolName), environment)),
    // `--disable-telemetry=false` lifts the tool's own variables, as the DataRobot CLI has it, and nothing stronger.
    ...variables.map((variable) => signal("tool-variable", variable.name, () => (flag ? undefined : fromLegacyVariable(variable, environment)))),
    signal("gtb-variable", "TELEMETRY_ENABLED", () => fromGtbVariable(environment["TELEMETRY_ENABLED"])),
    signal("continuous-integration", "CI", () => fromIntegration(environment)),
    signal("stored-choice", "your answer", () => fromStored(stored, kept, options)),
    signal("author-model", `the author's model (${model})`, () => fromModel(stored, options)),
  ];
  return [
    signal("policy", "the machine's policy", () => fromPolicy(policy)),
    ...(disableFlag ? [signal("flag", disableFlag, () => fromFlag(flag))] : []),
    signal("do-not-track", "DO_NOT_TRACK", () => fromDoNotTrack(environment["DO_NOT_TRACK"])),
    // The project can only say no, so it is asked only where the answer would be yes.
    signal("project", PROJECT_FILE, () => (firstVerdict(below)?.enabled ? fromProject(toolName, ports) : undefined)),
    ...below,
  ];
}

function firstVerdict(signals: readonly Signal[]): Verdict | undefined {
  for (const { verdict } of signals) {
    const found = verdict();
    if (found) return found;
  }
  return undefined;
}

/** What nobody allowed is not allowed. The author's model always has a verdict, so this one is never seen. */
const NOBODY: Verdict = { enabled: false, source: "author-model", reason: "nobody has decided" };

/** Asked once: the tool's own store is other people's code. */
function remembered(ask: () => Verdict | undefined): () => Verdict | undefined {
  let answer: { readonly verdict: Verdict | undefined } | undefined;
  return () => (answer ??= { verdict: ask() }).verdict;
}

/** Whether what this decision covers stays on this machine, also while a stronger no keeps telemetry off. */
export function isLocalOnly({ consentId }: ConsentDecision): boolean {
  return isLocalConsent(consentId);
}

function recordedId(stored: StoredConsent): string | undefined {
  return stored.status === "answered" && stored.answer.enabled ? stored.answer.consentId : undefined;
}

/** The policy can only say no here; what it keeps local or reroutes is not a decision about consent. */
function fromPolicy(policy: Policy | undefined): Verdict | undefined {
  return policy?.telemetry === "off" ? { enabled: false, source: "policy", reason: "the machine's policy switches it off" } : undefined;
}

/** What a project says, whether it is needed or not. */
export function fromProject(toolName: string, ports: Ports): Verdict | undefined {
  const refusal = projectRefusal(toolName, ports);
  return refusal === undefined ? undefined : { enabled: false, source: "project", reason: refusal };
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
