/**
 * The deletion report: puts what became of a deletion request into words, and into one status for programs. "Sent" is said only of what
 * was confirmed.
 */
import type { Installation } from "../collector/installation.ts";
import type { DeletionAnswer, PlannedDeletion } from "../deletion/deletion.ts";
import type { Asked } from "../deletion/deletion-run.ts";
import { expiresAtMs } from "../deletion/deletion-request.ts";
import { isContinuousIntegration } from "../platform/environment.ts";
import { UNAVAILABLE } from "../destination/backend-registry.ts";
import { readJournal } from "../destination/destination-journal.ts";
import type { ErasableIds } from "./erasable-ids.ts";

/**
 * How the request stands. `sent`: everybody confirmed it. `user-action`: the person has to do something. `queued`: somebody has not
 * confirmed; later runs go on. `failed`: as `queued`, but nothing will go on by itself. `impossible`: somebody cannot be asked.
 * `not-needed`: nothing has left this machine.
 */
type DeletionStatus = "sent" | "user-action" | "queued" | "failed" | "impossible" | "not-needed";

export interface DeletionReport {
  readonly status: DeletionStatus;
  readonly reason?: string;
  /** Everybody who was asked. */
  readonly destinations: readonly { readonly destination: string; readonly status: DeletionStatus; readonly reason?: string }[];
  /** Destinations that have had events and that the tool cannot ask any more. */
  readonly outOfReach: readonly string[];
  /** Until when later runs try, while they do; RFC 3339. */
  readonly retriedUntil?: string;
}

/** What is worst comes first: the whole is as bad as its worst part. */
const WORST_FIRST: readonly DeletionStatus[] = ["failed", "queued", "impossible", "user-action", "sent"];

/** The report on a request, and its lines. */
export function reportDeletion(
  installation: Installation,
  ids: ErasableIds,
  made: { readonly plan: PlannedDeletion; readonly answer: DeletionAnswer } | undefined,
): { readonly report: DeletionReport; readonly lines: readonly string[] } {
  if (!made) {
    const reason = ids.reason ?? "there is no id";
    const status = ids.incomplete ? "impossible" : "not-needed";
    return { report: { status, reason, destinations: [], outOfReach: [] }, lines: [`No deletion request was sent: ${reason}.`] };
  }
  const { plan, answer } = made;
  const outOfReach = unaskedDestinations(installation, plan);
  const asked = answer.asked.map((each) => ({ ...each, status: statusOf(each, plan) }));
  if (asked.length === 0) {
    const reason = outOfReach.length > 0 ? "nobody is configured who could be asked" : "no destination is configured, so none holds data";
    return {
      report: { status: "impossible", reason, destinations: [], outOfReach },
      lines: [`No deletion request was sent: ${reason}.`, ...unreachable(outOfReach, installation)],
    };
  }
  const status = WORST_FIRST.find((each) => asked.some((one) => one.status === each)) ?? "failed";
  const until = new Date(expiresAtMs(plan.request)).toISOString();
  return {
    report: {
      status,
      destinations: asked.map(({ description, status: own, outcome }) => ({ destination: description, status: own, ...reasonOf(outcome) })),
      outOfReach,
      ...(status === "queued" ? { retriedUntil: until } : {}),
    },
    lines: [
      ...(status === "sent" ? idsOf(asked).map((id) => `Deletion request sent for machine ID: ${id}`) : asked.flatMap(linesOf)),
      ...(asked.some((each) => each.status === "queued") ? keptLines(until, answer.hold, installation) : []),
      ...(plan.kept.status === "failed" && status === "failed" ? [`It could not be kept for later either: ${plan.kept.reason}.`] : []),
      ...answer.replaced.map((path) => `An earlier request that could not be read (${path}) is replaced by this one.`),
      ...unreachable(outOfReach, installation),
    ],
  };
}

/** Who confirmed it, for after the lines that GTB has as well. */
export function confirmedBy({ destinations }: DeletionReport): string[] {
  const names = destinations.filter(({ status }) => status === "sent").map(({ destination }) => destination);
  return names.length > 0 ? [`The request was confirmed by ${names.join(", ")}.`] : [];
}

type Judged = Asked & { readonly status: DeletionStatus };

function statusOf({ outcome }: Asked, { kept }: PlannedDeletion): DeletionStatus {
  if (outcome.status !== "failed") return outcome.status;
  return kept.status === "kept" ? "queued" : "failed";
}

function reasonOf(outcome: Asked["outcome"]): { reason?: string } {
  if (outcome.status === "sent") return {};
  return { reason: outcome.status === "user-action" ? outcome.instructions : outcome.reason };
}

function linesOf({ description, outcome, confirmed, machineIds }: Judged): string[] {
  const sent = confirmed.map((id) => `Deletion request sent to ${description} for machine ID: ${id}`);
  switch (outcome.status) {
    case "sent":
      return sent;
    case "user-action":
      return [...sent, ...outcome.instructions.split("\n")];
    case "impossible":
      return [...sent, `No deletion request was sent to ${description}: ${outcome.reason}.`];
    case "failed": {
      const open = confirmed.length > 0 ? ` (machine ID: ${machineIds.filter((id) => !confirmed.includes(id)).join(", ")})` : "";
      return [...sent, `Deletion request could not be sent: ${description}: ${outcome.reason}${open}`];
    }
  }
}

function keptLines(until: string, hold: string | undefined, { config, ports }: Installation): string[] {
  const outside = isContinuousIntegration(ports.host.environment) ? " outside continuous integration" : "";
  const when = hold === undefined ? "also while telemetry is off" : "as soon as the policy allows it";
  return [
    `It is kept on this machine; later runs of ${config.tool}${outside} try again until ${until.slice(0, 10)}, ${when}.`,
    `\`${config.telemetryCommand} status\` shows it, \`${config.telemetryCommand} reset --cancel-deletion\` calls it off.`,
  ];
}

function idsOf(asked: readonly Asked[]): string[] {
  return [...new Set(asked.flatMap(({ machineIds }) => machineIds))];
}

/** Nobody else can be blamed for silence about them: an own requestor, an address or an e-mail stands for all destinations. */
function unaskedDestinations({ config, directories, ports }: Installation, { request }: PlannedDeletion): string[] {
  const byEvents = config.deletion.every((deletion) => "use" in deletion && deletion.use === "event");
  if (!byEvents) return [];
  const asked = new Set(request.outstanding.map(({ key }) => key));
  const isElsewhere = (description: string): boolean => !/^(file|stdout|noop)\b/.test(description);
  const neverOpened = (description: string): boolean => description.endsWith(`(${UNAVAILABLE})`);
  return Object.entries(readJournal(directories, ports)).flatMap(([key, { description, accepted, lastError }]) =>
    !asked.has(key) && isElsewhere(description) && (accepted > 0 || (lastError && !neverOpened(description))) ? [description] : [],
  );
}

function unreachable(destinations: readonly string[], { config }: Installation): string[] {
  return destinations.map((destination) => `${destination} may hold events too, and ${config.tool} as it is set up now cannot ask it.`);
}
