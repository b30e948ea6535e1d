/**
 * The reset: withdraws consent, discards everything local, and asks for deletion of what was sent, under every id this installation had. It
 * says what really happened to the request.
 */
import type { DeletionOutcome } from "@candor/backend";
import type { Collector } from "../collector/collector.ts";
import type { Installation } from "../collector/installation.ts";
import { type ConsentDecision, isLocalOnly } from "../consent/consent.ts";
import { withdraw } from "../consent/withdrawal.ts";
import { requestDeletion } from "../deletion/deletion.ts";
import { readJournal } from "../destination/destination-journal.ts";
import { inspect } from "../platform/private-directory.ts";
import { readPrivateFile } from "../platform/private-file.ts";
import { deleteOwnFiles } from "./own-files.ts";
import { refuse, refuseInStore, stillEnabled } from "./refusal.ts";
import type { CommandReport } from "./report.ts";

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
    ...(enforced ? [] : await refuseInStore(installation)),
    ...(withdrawal.status === "incomplete" ? [`Local telemetry data could not be cleared: ${withdrawal.reason}.`] : []),
    ...deleteLocalLog(installation),
    ...deleteOwnFiles(installation),
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

/** Whether this installation has had an id: it is stored with the first event, and only then. */
function hasIdentity({ directories, ports }: Installation): boolean {
  return readPrivateFile(directories.identityFile, ports.fileSystem).status !== "missing";
}

/** Whether a destination other than a file here has confirmed events. */
function everSent({ directories, ports }: Installation): boolean {
  const records = Object.values(readJournal(directories, ports));
  return records.some(({ accepted, description }) => accepted > 0 && !description.startsWith("file "));
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
