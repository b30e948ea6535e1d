/**
 * The consent table: what every signal says about telemetry, in the order in which they count, and which one decides. It asks the signals
 * that consent itself is resolved from, and words what it hears; it decides nothing.
 */
import type { Installation } from "../collector/installation.ts";
import { consentSignals, type ConsentSource, fromProject, type Signal, toolVariable, type Verdict } from "../consent/consent.ts";
import { readConsent } from "../consent/consent-store.ts";
import { fromStored } from "../consent/recorded-answer.ts";
import { readFlag } from "../consent/run-signals.ts";
import { readStore } from "../consent/tool-store.ts";

export interface SignalRow {
  readonly source: ConsentSource;
  /** What was asked, for people: `DO_NOT_TRACK`, `your answer`. */
  readonly name: string;
  /** What it decides; absent where it leaves that to those below. */
  readonly verdict?: "yes" | "no";
  /** What it says, in words. */
  readonly says: string;
  /** Whether it is the one that decides: the first with a verdict. */
  readonly decides: boolean;
}

/** Longest part of a variable's value that is shown. */
const MAX_SHOWN_LENGTH = 20;

/** The table as of now, strongest signal first. */
export function consentTable(installation: Installation): readonly SignalRow[] {
  const { config, directories, ports } = installation;
  const file = installation.policyFile();
  const policy = file.status === "applies" ? file.policy : undefined;
  const signals = consentSignals(config.tool, config.consent, { stored: readConsent(directories, ports), kept: readStore(config.consent.store) }, ports, policy);
  const deciding = signals.find(({ verdict }) => verdict() !== undefined);
  return signals.map((signal) => {
    const verdict = signal.verdict();
    return {
      source: signal.source,
      name: signal.name,
      ...(verdict ? { verdict: verdict.enabled ? "yes" : "no" } : {}),
      says: wordsOf(signal, verdict, installation),
      decides: signal === deciding,
    };
  });
}

/** The table for people. */
export function consentTableLines(rows: readonly SignalRow[]): string[] {
  const width = Math.max(...rows.map(({ name }) => name.length));
  return rows.map(({ name, verdict, says, decides }) => `  ${decides ? ">" : " "} ${name.padEnd(width)}  ${verdict === undefined ? "" : `${verdict}: `}${says}`);
}

function wordsOf({ source, name }: Signal, verdict: Verdict | undefined, installation: Installation): string {
  if (source === "stored-choice") return answersOf(installation);
  if (verdict) return verdict.reason;
  const { environment } = installation.ports.host;
  switch (source) {
    case "policy":
      return policyWords(installation);
    case "flag":
      return liftingFlag(installation) ? `${liftingFlag(installation)}, which lifts the variables the tool had before` : "not given";
    case "project":
      return projectWords(installation);
    case "continuous-integration":
      return "this is not a continuous-integration run";
    default: {
      const value = environment[name];
      if (value === undefined || value === "") return "not set";
      const lifted = source === "tool-variable" && name !== toolVariable(installation.config.tool) ? liftingFlag(installation) : undefined;
      return `set to "${value.slice(0, MAX_SHOWN_LENGTH)}", ${lifted ? `lifted by ${lifted}` : "which leaves the decision to those below"}`;
    }
  }
}

function policyWords(installation: Installation): string {
  const file = installation.policyFile();
  if (file.status === "none") return "there is none";
  if (file.status === "ignored") return `${file.path} is ignored: ${file.reason}`;
  return file.policy.telemetry === "local" ? `${file.path} keeps everything on this machine` : `${file.path} leaves the decision to those below`;
}

/** The flag as given, where it does not disable. */
function liftingFlag({ config, ports }: Installation): string | undefined {
  const flag = readFlag(config.consent.disableFlag ?? "", ports.host.args);
  return flag && !flag.disables ? flag.given : undefined;
}

/** A project is not needed for a no; that it says one too is worth knowing. */
function projectWords({ config, ports }: Installation): string {
  const refusal = fromProject(config.tool, ports);
  return refusal ? `${refusal.reason}; not needed, the answer is no without it` : "no project here opts out";
}

/** Both records, because a no in either counts. */
function answersOf({ config, directories, ports }: Installation): string {
  const { store, ...withoutStore } = config.consent;
  const own = fromStored(readConsent(directories, ports), { status: "none", localOnly: false }, withoutStore);
  const kept = store ? fromStored({ status: "none", noticeVersion: 0 }, readStore(store), config.consent) : undefined;
  const silent = store ? [`nothing in ${store.name}`] : [];
  return [own?.reason ?? "nothing on record", ...(kept ? [kept.reason] : silent)].join("; ");
}
