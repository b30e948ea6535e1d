/**
 * The reset: withdraws consent, stops a running upload, discards everything local, asks for deletion of what was sent under every id this
 * installation had, and gives later events another id. It says what really happened to the request.
 */
import type { Collector } from "../collector/collector.ts";
import type { Installation } from "../collector/installation.ts";
import { withdraw } from "../consent/withdrawal.ts";
import { askNow, type PlannedDeletion, planDeletion } from "../deletion/deletion.ts";
import type { Renewal } from "../identity/renewal.ts";
import { providerOf } from "../identity/installation-id.ts";
import { deleteOwnRecord } from "../inspection/holdings.ts";
import { cancelDeletion } from "./cancellation.ts";
import { confirmedBy, reportDeletion } from "./deletion-report.ts";
import { erasableIds } from "./erasable-ids.ts";
import { chosenLogs, deleteOwnFiles } from "./own-files.ts";
import { refuse, refuseInStore, stillEnabled } from "./refusal.ts";
import type { CommandReport } from "./report.ts";

export interface ResetOptions {
  /** Only call off a deletion request that nobody has confirmed yet. Default false. */
  readonly cancelDeletion?: boolean;
}

/**
 * Withdraws consent, discards everything local, and asks for deletion of what was sent. The exit status is 0 when all of it is done or in
 * the person's own hands (an e-mail to send), and 1 when something is left: a request that waits, one that is impossible although data was
 * sent, or local data that could not be cleared.
 */
export async function reset(collector: Collector, { cancelDeletion: cancels = false }: ResetOptions = {}): Promise<CommandReport> {
  const { installation } = collector;
  if (cancels) return cancelDeletion(installation);
  const { config, directories } = installation;
  const before = installation.consent();
  const ids = erasableIds(installation, before);
  const enforced = config.consent.model === "enforced";
  let stored = enforced ? undefined : refuse(installation);
  // On disk before anything is cleared: from here on the request is made at least once, whatever ends this process.
  const plan = ids.machineIds.length > 0 ? planDeletion(installation, before, ids.machineIds) : undefined;
  collector.drop();
  const withdrawal = await withdraw(installation);
  // Data is not what is left where only its sender could not be stopped.
  const stuck = withdrawal.status === "incomplete" && withdrawal.workDone;
  const uncleared = [
    ...(withdrawal.status === "incomplete" && !stuck ? [`Local telemetry data could not be cleared: ${withdrawal.reason}.`] : []),
    ...deleteOwnRecord(installation),
    ...deleteOwnFiles(installation),
    ...chosenLogs(installation),
  ];
  // Where the disk was full there is room now.
  if (stored?.status === "failed") stored = refuse(installation);
  const renewal = installation.renewId();
  const problems = [
    ...(stored?.status === "failed" ? [`Your choice could not be stored: ${stored.reason}.`] : []),
    ...(enforced ? [] : await refuseInStore(installation)),
    ...uncleared,
    ...(stuck ? [`An upload could not be stopped in time: ${withdrawal.reason}.`] : []),
    ...(ids.incomplete && plan ? [`The request may not cover everything: ${ids.reason}.`] : []),
    ...(renewal === "failed" ? ["The id could not be renewed: events after a later yes would carry the same one."] : []),
  ];
  const { report, lines } = reportDeletion(installation, ids, plan && { plan, answer: await askNow(installation, plan) });
  const override = enforced ? [] : stillEnabled(installation);
  const settled = report.status === "sent" || report.status === "user-action" || report.status === "not-needed" || isMoot(plan, report.outOfReach);
  const isOff = stored?.status === "stored";
  const manual = !settled && config.supportMessage ? [`For manual deletion: ${config.supportMessage}`] : [];
  return {
    exitCode: problems.length > 0 || !settled || report.outOfReach.length > 0 || override.length > 0 ? 1 : 0,
    lines: [
      ...lines,
      ...manual,
      ...problems,
      ...(uncleared.length > 0 ? [] : [`Local telemetry data cleared.${isOff ? " Telemetry disabled." : ""}`]),
      ...confirmedBy(report),
      ...(enforced && installation.consent().enabled ? ["Telemetry stays on: it is enforced by your organisation."] : renewalLines(renewal, installation)),
      ...override,
    ],
    data: {
      machineId: ids.machineIds[0],
      earlierIds: ids.machineIds.slice(1),
      deletion: report,
      cleared: uncleared.length === 0,
      idRenewed: renewal === "renewed" || renewal === "unused",
      enabled: installation.consent().enabled,
      dataDirectory: directories.data,
      problems: [...problems, ...override],
    },
  };
}

/** Without a destination, now or before, there was nobody to send anything to. */
function isMoot(plan: PlannedDeletion | undefined, outOfReach: readonly string[]): boolean {
  return plan !== undefined && plan.request.outstanding.length === 0 && outOfReach.length === 0;
}

function renewalLines(renewal: Renewal, { config }: Installation): string[] {
  if (renewal === "renewed") return ["If telemetry is enabled again, events carry a new id."];
  if (renewal !== "fixed") return [];
  return [`If telemetry is enabled again, events carry the same id: ${providerOf(config.identity)} ids come from the machine and cannot be renewed.`];
}
