/**
 * The choice: what `telemetry enable` and `disable` do, and the notice of the opt-out model. It records the user's answer, in candor's record
 * and in the tool's own configuration, and says what is true afterwards.
 */
import type { Collector } from "../collector/collector.ts";
import type { Installation } from "../collector/installation.ts";
import { type ConsentDecision, isLocalOnly } from "../consent/consent.ts";
import { storeNoticeShown } from "../consent/consent-store.ts";
import { projectRefusal } from "../consent/project-refusal.ts";
import { receiptFiles } from "../delivery/receipts.ts";
import { readPrivateFile } from "../platform/private-file.ts";
import { agree, decline } from "./answer.ts";
import type { CommandReport } from "./report.ts";

export interface DisableOptions {
  /** Why, in the user's words; kept with the answer on this machine, at most 200 characters, never sent. */
  readonly reason?: string;
}

export interface NoticeOptions {
  /** The author's own words, one entry a line, instead of candor's. */
  readonly lines?: readonly string[];
  /** How the user reaches the `telemetry` command. Default: the tool's name and `telemetry`. */
  readonly telemetryCommand?: string;
}

/**
 * Under the opt-out model: what a person must have been shown before anything is collected. The run that shows it sends nothing. There are
 * no lines, and nothing is recorded, where no notice is due: it was shown, or the user, the project or anything stronger has decided.
 */
export function notice({ installation }: Collector, { lines, telemetryCommand }: NoticeOptions = {}): CommandReport {
  const { config, directories, ports } = installation;
  const consent = installation.consent();
  if (!consent.noticeDue || projectRefusal(config.tool, ports) !== undefined) return { exitCode: 0, lines: [], data: { shown: false } };
  const stored = storeNoticeShown(directories, ports, config.consent.version);
  if (stored.status === "failed") return { exitCode: 1, lines: [], data: { shown: false, error: stored.reason } };
  return { exitCode: 0, lines: lines ?? noticeLines(installation, consent, telemetryCommand ?? config.telemetryCommand), data: { shown: true } };
}

function noticeLines({ config, directories }: Installation, consent: ConsentDecision, command: string): string[] {
  const detail = config.extendedCollection ? ", their arguments and errors with what looks like a secret taken out" : "";
  return [
    `${config.tool} collects usage data from the next run on: commands, how they ended and how long they took${detail}, and what \`${command} info\` lists; under a pseudonym.`,
    ...(isLocalOnly(consent) ? [`Everything stays on this machine, in ${directories.localLog}.`] : []),
    `\`${command} disable\` stops it, \`${command} status\` shows it.`,
  ];
}

/** Records a yes. A stronger no (a variable, the project) is named; the choice is stored all the same. */
export async function enable({ installation }: Collector): Promise<CommandReport> {
  const { config, problems } = installation;
  const agreed = await agree(installation, "command");
  if (agreed.status === "failed") {
    return { exitCode: 1, lines: [`failed to persist telemetry setting: ${agreed.reason}`], data: { stored: false, error: agreed.reason } };
  }
  const consent = installation.consent();
  const obstacle = config.enabled ? (problems[0] ?? (consent.enabled ? undefined : consent.reason)) : "the tool's author has switched it off";
  return {
    exitCode: agreed.problems.length > 0 ? 1 : 0,
    lines: [
      ...(obstacle === undefined ? welcome(installation, consent) : [`Your choice is stored, but telemetry stays off for now: ${obstacle}.`]),
      ...agreed.problems,
    ],
    data: { stored: true, enabled: obstacle === undefined, source: consent.source, reason: obstacle ?? consent.reason },
  };
}

/** What a person who said yes should know: GTB's first line, and then what is true of this tool. */
function welcome({ config, directories }: Installation, consent: ConsentDecision): string[] {
  const detail = config.extendedCollection ? ", with redacted arguments and errors" : "";
  return [
    `Telemetry enabled. Thank you for helping improve ${config.tool}!`,
    `Recorded are commands, how they ended and how long they took${detail}, and what \`${config.telemetryCommand} info\` lists; under a pseudonym.`,
    ...(consent.localOnly ? [`Everything stays on this machine, in ${directories.localLog}.`] : []),
  ];
}

/** Records a no, stops a running upload and discards everything that has not been sent. */
export async function disable(collector: Collector, { reason: given }: DisableOptions = {}): Promise<CommandReport> {
  const { installation } = collector;
  if (installation.config.consent.model === "enforced") {
    return {
      exitCode: 0,
      lines: ["Telemetry is enforced by your organisation and cannot be disabled."],
      data: { stored: false, enabled: installation.consent().enabled, enforced: true },
    };
  }
  const { stored, discarded, problems } = await decline(collector, { reason: given });
  const { enabled, source, reason } = installation.consent();
  const isStored = stored.status === "stored";
  const override = enabled ? [`${isStored ? "Your choice is stored, but telemetry" : "Telemetry"} is still on for this environment: ${reason}.`] : [];
  return {
    exitCode: problems.length > 0 || enabled ? 1 : 0,
    lines: [
      // What is the case now comes first.
      ...(isStored && !enabled ? ["Telemetry disabled."] : override),
      ...(discarded ? ["All pending events have been discarded."] : []),
      ...keptLog(installation),
      ...problems,
    ],
    data: { stored: isStored, enabled, source, reason, discarded, problems: [...problems, ...override] },
  };
}

/** The local log and the receipts never leave the machine; they are the user's, and only `reset` deletes them. */
function keptLog({ config, directories, ports }: Installation): string[] {
  const isKept = (path: string): boolean => readPrivateFile(path, ports.fileSystem).status === "read";
  return [
    ...(isKept(directories.localLog) ? [`The local log is kept: ${directories.localLog}`] : []),
    ...(receiptFiles(directories).some(isKept) ? [`What was sent stays on record: \`${config.telemetryCommand} inspect --sent\` shows it, \`${config.telemetryCommand} reset\` deletes it.`] : []),
  ];
}
