/**
 * The commands: what `telemetry enable`, `disable`, `status`, `doctor` and `reset` do, apart from any command-line framework. Each
 * answers a report to print; none prints, none records an event of its own.
 */
import type { DeletionOutcome } from "@candor/backend";
import type { Collector } from "./collector.ts";
import { type ConsentDecision, isLocalOnly } from "./consent.ts";
import { readConsent, storeConsent, type StoreOutcome } from "./consent-store.ts";
import { requestDeletion } from "./deletion.ts";
import { examine } from "./doctor.ts";
import { findingLines } from "./finding.ts";
import type { Installation } from "./installation.ts";
import { giveUpReserve } from "./losses.ts";
import { readPrivateFile } from "./private-file.ts";
import { purgeSpools } from "./spool.ts";
import { inspect } from "./private-directory.ts";
import { readStatus, statusLines } from "./status.ts";
import { withdraw } from "./withdrawal.ts";

/** What a command has to say. */
export interface CommandReport {
  /** 0 when everything that was asked for is done. */
  readonly exitCode: 0 | 1;
  /** For people; plain text without colour. */
  readonly lines: readonly string[];
  /** The same for programs: printed by `--json`. */
  readonly data: Readonly<Record<string, unknown>>;
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
  const lines = [`Telemetry enabled. Thank you for helping improve ${config.tool}!`, "No personally identifiable information is collected."];
  const held = `Your choice is stored, but telemetry stays off for now: ${consent.reason}.`;
  return {
    exitCode: 0,
    lines: consent.enabled ? lines : [held],
    data: { stored: true, enabled: consent.enabled, source: consent.source, reason: consent.reason },
  };
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
    lines: [...done, ...emptied, ...problems, ...override],
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
  const identity = wasEverOn(installation) ? installation.peekId() : undefined;
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
  const deletion = await deletionFor(installation, before, ids);
  const cleared = problems.length > 0 ? [] : [`Local telemetry data cleared.${enforced ? "" : " Telemetry disabled."}`];
  const override = enforced ? [] : stillEnabled(installation);
  return {
    exitCode: problems.length > 0 || deletion.status === "failed" || override.length > 0 ? 1 : 0,
    lines: [...deletionLines(deletion, ids, config.supportMessage), ...problems, ...cleared, ...override],
    data: { machineId: ids[0], earlierIds: ids.slice(1), deletion, cleared: problems.length === 0, enabled: installation.consent().enabled, dataDirectory: directories.data, problems },
  };
}

/** A full disk must not keep anybody from saying no: what telemetry itself holds is given up for it. */
function refuse({ config, directories, ports }: Installation): StoreOutcome {
  const answer = { enabled: false, localOnly: false, consentVersion: config.consent.version ?? 1, givenBy: "command" } as const;
  const stored = storeConsent(answer, directories, ports);
  if (stored.status === "stored" || purgeSpools(directories, ports).status === "failed") return stored;
  giveUpReserve(directories, ports);
  return storeConsent(answer, directories, ports);
}

/** Whether anything can have been sent under this installation's id: it has been stored, or a choice has. */
function wasEverOn({ directories, ports }: Installation): boolean {
  const identity = readPrivateFile(directories.identityFile, ports.fileSystem);
  return identity.status !== "missing" || readConsent(directories, ports).status !== "none";
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
async function deletionFor(installation: Installation, consent: ConsentDecision, ids: readonly string[]): Promise<DeletionOutcome> {
  if (isLocalOnly(consent)) return { status: "impossible", reason: "events were kept on this machine only" };
  if (ids.length === 0) return { status: "impossible", reason: "telemetry was never on here, so nothing was sent" };
  const outcomes: DeletionOutcome[] = [];
  for (const id of ids) outcomes.push(await requestDeletion(installation, consent, id));
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
