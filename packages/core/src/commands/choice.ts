/**
 * The choice: what `telemetry enable` and `disable` do, and the notice of the opt-out model. It records the user's answer, in candor's record
 * and in the tool's own configuration, and says what is true afterwards.
 */
import type { Collector } from "../collector/collector.ts";
import type { Installation } from "../collector/installation.ts";
import type { ConsentDecision } from "../consent/consent.ts";
import { storeConsent, storeNoticeShown } from "../consent/consent-store.ts";
import { writeStore } from "../consent/tool-store.ts";
import { withdraw } from "../consent/withdrawal.ts";
import { readPrivateFile } from "../platform/private-file.ts";
import { refuse, refuseInStore, stillEnabled } from "./refusal.ts";
import type { CommandReport } from "./report.ts";

export interface DisableOptions {
  /** Why, in the user's words; kept with the answer on this machine, at most 200 characters, never sent. */
  readonly reason?: string;
}

/** Under the opt-out model: what a person must have been shown before anything is collected. The run that shows it sends nothing. */
export function notice({ installation }: Collector): CommandReport {
  const { config, directories, ports } = installation;
  const stored = storeNoticeShown(directories, ports);
  if (stored.status === "failed") return { exitCode: 1, lines: [], data: { shown: false, error: stored.reason } };
  return {
    exitCode: 0,
    lines: [
      `${config.tool} collects usage data from the next run on: commands, how they ended and how long they took, under a pseudonym.`,
      `\`${config.tool} telemetry disable\` stops it, \`${config.tool} telemetry status\` shows it.`,
    ],
    data: { shown: true },
  };
}

/** Records a yes. A stronger no (a variable, the project) is named; the choice is stored all the same. */
export async function enable({ installation }: Collector): Promise<CommandReport> {
  const { config, directories, ports } = installation;
  const consentVersion = config.consent.version ?? 1;
  const stored = storeConsent({ enabled: true, localOnly: false, consentVersion, givenBy: "command" }, directories, ports);
  if (stored.status === "failed") return failure("failed to persist telemetry setting", stored.reason);
  const unwritten = await writeStore(config.consent.store, { enabled: true, answeredAt: new Date(ports.clock.now()).toISOString(), consentVersion });
  const consent = installation.consent();
  const { problems } = installation;
  const obstacle = config.enabled ? (problems[0] ?? (consent.enabled ? undefined : consent.reason)) : "the tool's author has switched it off";
  return {
    exitCode: unwritten === undefined ? 0 : 1,
    lines: [
      ...(obstacle === undefined ? welcome(installation, consent) : [`Your choice is stored, but telemetry stays off for now: ${obstacle}.`]),
      ...(unwritten === undefined ? [] : [`${unwritten}.`]),
    ],
    data: { stored: true, enabled: obstacle === undefined, source: consent.source, reason: obstacle ?? consent.reason },
  };
}

/** What a person who said yes should know: GTB's first line, and then what is true of this tool. */
function welcome({ config, directories }: Installation, consent: ConsentDecision): string[] {
  const detail = config.extendedCollection ? "with redacted arguments and errors" : "never their arguments";
  return [
    `Telemetry enabled. Thank you for helping improve ${config.tool}!`,
    `Recorded are commands, how they ended and how long they took, ${detail}; under a pseudonym, not your name.`,
    ...(consent.localOnly ? [`Everything stays on this machine, in ${directories.localLog}.`] : []),
  ];
}

/** Records a no, stops a running upload and discards everything that has not been sent. */
export async function disable(collector: Collector, { reason }: DisableOptions = {}): Promise<CommandReport> {
  const { installation } = collector;
  if (installation.config.consent.model === "enforced") {
    return {
      exitCode: 0,
      lines: ["Telemetry is enforced by your organisation and cannot be disabled."],
      data: { stored: false, enabled: installation.consent().enabled, enforced: true },
    };
  }
  const stored = refuse(installation, reason);
  collector.drop();
  const withdrawal = await withdraw(installation);
  const problems = [
    ...(stored.status === "failed" ? [`Your choice could not be stored: ${stored.reason}.`] : []),
    ...(await refuseInStore(installation, reason)),
    ...(withdrawal.status === "incomplete" ? [`Pending events could not be discarded: ${withdrawal.reason}.`] : []),
  ];
  const done = stored.status === "stored" ? ["Telemetry disabled."] : [];
  const emptied = withdrawal.status === "done" ? ["All pending events have been discarded."] : [];
  const override = stillEnabled(installation);
  return {
    exitCode: problems.length > 0 || override.length > 0 ? 1 : 0,
    lines: [...done, ...emptied, ...keptLog(installation), ...problems, ...override],
    data: { stored: stored.status === "stored", enabled: installation.consent().enabled, discarded: withdrawal.status === "done", problems },
  };
}

/** The local log and the receipts never leave the machine; they are the user's, and only `reset` deletes them. */
function keptLog({ config, directories, ports }: Installation): string[] {
  const isKept = (path: string): boolean => readPrivateFile(path, ports.fileSystem).status === "read";
  return [
    ...(isKept(directories.localLog) ? [`The local log is kept: ${directories.localLog}`] : []),
    ...(isKept(directories.receiptsFile) ? [`What was sent stays on record: \`${config.tool} telemetry inspect --sent\` shows it, \`${config.tool} telemetry reset\` deletes it.`] : []),
  ];
}

function failure(what: string, reason: string): CommandReport {
  return { exitCode: 1, lines: [`${what}: ${reason}`], data: { stored: false, error: reason } };
}
