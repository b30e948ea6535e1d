/**
 * The commands: what `telemetry enable`, `disable`, `status`, `doctor` and `reset` do, apart from any command-line framework. Each
 * answers a report to print; none prints, none records an event of its own.
 */
import type { DeletionOutcome } from "@candor/backend";
import type { Collector } from "./collector/collector.ts";
import { type ConsentDecision, isLocalOnly } from "./consent/consent.ts";
import { storeConsent, storeNoticeShown, type StoreOutcome } from "./consent/consent-store.ts";
import { readJournal } from "./destination/destination-journal.ts";
import { requestDeletion } from "./deletion/deletion.ts";
import { examine } from "./inspection/doctor.ts";
import { findingLines } from "./inspection/finding.ts";
import type { Installation } from "./collector/installation.ts";
import { giveUpReserve } from "./spool/losses.ts";
import { readPrivateFile } from "./platform/private-file.ts";
import { purgeSpools } from "./spool/spool.ts";
import { inspect } from "./platform/private-directory.ts";
import { readStatus, statusLines } from "./inspection/status.ts";
import { withdraw } from "./consent/withdrawal.ts";

/** What a command has to say. */
export interface CommandReport {
  /** 0 when everything that was asked for is done. */
  readonly exitCode: 0 | 1;
  /** For people; plain text without colour. */
  readonly lines: readonly string[];
  /** The same for programs: printed by `--json`. */
  readonly data: Readonly<Record<string, unknown>>;
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
export function enable({ installation }: Collector): CommandReport {
  const { config, directories, ports } = installation;
  const stored = storeConsent(
    { enabled: true, localOnly: false, consentVersion: config.consent.version ?? 1, givenBy: "command" },
    directories,
    ports,
  );
  if (stored.status === "failed") return failure("failed to persist telemetry setting", stored.reason);
  const consent = installation.consent();
  const { problems } = installation;
  const obstacle = config.enabled ? (problems[0] ?? (consent.enabled ? undefined : consent.reason)) : "the tool's author has switched it off";
  return {
    exitCode: 0,
    lines: obstacle === undefined ? welcome(installation, consent) : [`Your choice is stored, but telemetry stays off for now: ${obstacle}.`],
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
export async function disable(collector: Collector): Promise<CommandReport> {
  const { installation } = collector;
  if (installation.config.consent.model === "enforced") {
    return {
      exitCode: 0,
      lines: ["Telemetry is enforced by your organisation and cannot be disabled."],
      data: { stored: false, enabled: installation.consent().enabled, enforced: true },
    };
  }
  const stored = refuse(installation);
  collector.drop();
  const withdrawal = await withdraw(installation);
  const problems = [
    ...(stored.status === "failed" ? [`Your choice could not be stored: ${stored.reason}.`] : []),
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

/** Shows what candor decided, why, and what it holds. Writes nothing. */
export function status(collector: Collector): CommandReport {
  const data = readStatus(collector);
  return { exitCode: 0, lines: statusLines(data), data: { ...data } };
}

/** Looks for what keeps telemetry from working, without sending usage data. The exit status is 1 when something failed. */
export async function doctor(collector: Collector): Promise<CommandReport> {
  const findings = await examine(collector);
  const failed = findings.some(({ status: outcome }) => outcome === "fail");
  return { exitCode: failed ? 1 : 0, lines: findingLines(findings), data: { healthy: !failed, findings } };
}

/**
 * Withdraws consent, discards everything local, and asks for deletion of what was sent. Says what really happened to the
 * request; the exit status is 1 when it did not arrive.
 */
export async function reset(collector: Collector): Promise<CommandReport> {
  const { installation } = collector;
  const { config, directories } = installation;
  const before = installation.consent();
  // Looked at before anything is deleted.
  const hasSent = everSent(installation);
  const identity = hasSent || hasIdentity(installation) ? installation.peekId() : undefined;
  const ids = identity ? [identity.machineId, ...identity.earlier] : [];
  const enforced = config.consent.model === "enforced";
  const stored = enforced ? undefined : refuse(installation);
  collector.drop();
  const withdrawal = await withdraw(installation);
  const problems = [
    ...(stored?.status === "failed" ? [`Your choice could not be stored: ${stored.reason}.`] : []),
    ...(withdrawal.status === "incomplete" ? [`Local telemetry data could not be cleared: ${withdrawal.reason}.`] : []),
    ...deleteLocalLog(installation),
  ];
  const deletion = await deletionFor(installation, before, ids, hasSent);
  const cleared = problems.length > 0 ? [] : [`Local telemetry data cleared.${enforced ? "" : " Telemetry disabled."}`];
  const override = enforced ? [] : stillEnabled(installation);
  return {
    exitCode: problems.length > 0 || deletion.status === "failed" || override.length > 0 ? 1 : 0,
    lines: [...deletionLines(deletion, ids, config.supportMessage), ...problems, ...cleared, ...override],
    data: { machineId: ids[0], earlierIds: ids.slice(1), deletion, cleared: problems.length === 0, enabled: installation.consent().enabled, dataDirectory: directories.data, problems },
  };
}

/** The local log never leaves the machine; it is the user's, and only `reset` deletes it. */
function keptLog({ directories, ports }: Installation): string[] {
  const kept = readPrivateFile(directories.localLog, ports.fileSystem).status === "read";
  return kept ? [`The local log is kept: ${directories.localLog}`] : [];
}

/** A full disk must not keep anybody from saying no: what telemetry itself holds is given up for it. */
function refuse({ config, directories, ports }: Installation): StoreOutcome {
  const answer = { enabled: false, localOnly: false, consentVersion: config.consent.version ?? 1, givenBy: "command" } as const;
  const stored = storeConsent(answer, directories, ports);
  if (stored.status === "stored" || purgeSpools(directories, ports).status === "failed") return stored;
  giveUpReserve(directories, ports);
  return storeConsent(answer, directories, ports);
}

/** Whether this installation has had an id: it is stored with the first event, and only then. */
function hasIdentity({ directories, ports }: Installation): boolean {
  return readPrivateFile(directories.identityFile, ports.fileSystem).status !== "missing";
}

/** Whether a destination other than a file here has confirmed events. */
function everSent({ directories, ports }: Installation): boolean {
  const records = Object.values(readJournal(directories, ports));
  return records.some(({ accepted, description }) => accepted > 0 && !description.startsWith("file "));
}

/** A variable may say yes above the stored no; whoever disables must hear it. */
function stillEnabled(installation: Installation): string[] {
  const { enabled, reason } = installation.consent();
  return enabled ? [`Telemetry is still on for this environment: ${reason}.`] : [];
}

function deleteLocalLog({ directories, ports }: Installation): string[] {
  const logs = [directories.localLog, ...Array.from({ length: 9 }, (_, index) => `${directories.localLog}.${index + 1}`)];
  try {
    const privacy = inspect(directories.data, ports);
    if (!privacy) return [];
    if (privacy.status === "unusable") return [`${directories.localLog} was left alone: ${privacy.reason}.`];
    for (const path of logs) ports.fileSystem.rmSync(path, { force: true });
    return [];
  } catch (error) {
    return [`${directories.localLog} could not be deleted: ${String(error)}.`];
  }
}

/** Asks for every id this installation ever had. One request that fails makes the whole a failure. */
async function deletionFor(installation: Installation, consent: ConsentDecision, ids: readonly string[], hasSent: boolean): Promise<DeletionOutcome> {
  if (isLocalOnly(consent) && !hasSent) return { status: "impossible", reason: "events were kept on this machine only" };
  if (ids.length === 0) return { status: "impossible", reason: "telemetry was never on here, so nothing was sent" };
  const outcomes: DeletionOutcome[] = [];
  for (const id of ids) outcomes.push(await requestDeletion(installation, { ...consent, localOnly: false }, id));
  const instructions = outcomes.flatMap((outcome) => (outcome.status === "user-action" ? [outcome.instructions] : []));
  if (instructions.length > 0) return { status: "user-action", instructions: instructions.join("\n\n") };
  return outcomes.find(({ status: outcome }) => outcome === "failed") ?? outcomes[0] ?? { status: "impossible", reason: "there is no id" };
}

function deletionLines(outcome: DeletionOutcome, ids: readonly string[], supportMessage: string | undefined): string[] {
  switch (outcome.status) {
    case "sent":
      return ids.map((id) => `Deletion request sent for machine ID: ${id}`);
    case "user-action":
      return [outcome.instructions];
    case "impossible":
      return [`No deletion request was sent: ${outcome.reason}.`];
    case "failed":
      return [
        `Deletion request could not be sent: ${outcome.reason}`,
        ...(supportMessage ? [`For manual deletion: ${supportMessage}`] : []),
      ];
  }
}

function failure(what: string, reason: string): CommandReport {
  return { exitCode: 1, lines: [`${what}: ${reason}`], data: { stored: false, error: reason } };
}
