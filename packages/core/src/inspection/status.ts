/** The status: gathers what there is to know about telemetry on this machine. Reads only. */
import type { Collector } from "../collector/collector.ts";
import type { ConsentSource } from "../consent/consent.ts";
import { type DestinationJournal, type DestinationRecord, isReady, readJournal } from "../destination/destination-journal.ts";
import { settingsOf } from "../destination/destination.ts";
import { consentTable, consentTableLines, type SignalRow } from "./consent-table.ts";
import { describeBackend, type Installation, keyOf } from "../collector/installation.ts";
import { describeLosses, type LossCounts, totalDroppedProperties, totalLosses } from "../spool/loss-counts.ts";
import { readLosses } from "../spool/losses.ts";
import { nearestPrivacy } from "../platform/private-directory.ts";
import type { Directories } from "../platform/paths.ts";
import type { Ports } from "../platform/ports.ts";
import type { Route } from "../destination/routing.ts";
import { hasDeliverable, type SpoolSize } from "../spool/spool.ts";
import { measureAll } from "../spool/total.ts";
import { waitingDeletionLines, type WaitingDeletion, waitingDeletions } from "./waiting-deletions.ts";
import { readFault, type UploaderFault } from "../uploader/uploader-fault.ts";
import { asTime } from "./time.ts";
import { currentLock, isHeld } from "../uploader/lock-record.ts";

export interface TelemetryStatus {
  readonly telemetryCommand: string;
  readonly enabled: boolean;
  readonly localOnly: boolean;
  readonly source: ConsentSource | "author";
  readonly reason: string;
  /** Everything that is asked, the strongest first, with what it says. */
  readonly signals: readonly SignalRow[];
  readonly machineId: string | undefined;
  readonly backend: string;
  readonly pending: SpoolSize;
  readonly destinations: readonly DestinationRecord[];
  /** When the first destination may be tried again; RFC 3339. Absent when the next command tries one. */
  readonly nextAttemptAt?: string;
  readonly lost: LossCounts;
  /** Whether an uploader is at work at this moment. */
  readonly uploading: boolean;
  /** Why the last uploader failed, if it did. */
  readonly fault?: UploaderFault;
  readonly dataDirectory: string;
  /** Why events cannot be kept on disk, when they cannot. */
  readonly storageProblem?: string;
  /** Where events go and who decided it. */
  readonly routes: readonly { readonly destination: string; readonly decidedBy: Route["decidedBy"] }[];
  /** The machine's policy: where it lies, and why it is ignored, if it is. */
  readonly policy?: { readonly path: string; readonly ignored?: string };
  /** Deletion requests that somebody has not confirmed. */
  readonly deletions: readonly WaitingDeletion[];
  /** What is wrong with the tool's own configuration. */
  readonly problems: readonly string[];
}

/** Reads the status; part of it may be unreadable without the rest being lost. */
export function readStatus({ installation, backendInfo }: Pick<Collector, "installation" | "backendInfo">): TelemetryStatus {
  const { config, directories, ports } = installation;
  const consent = installation.consent();
  const privacy = nearestPrivacy(directories.data, ports);
  const usable = privacy.status === "private";
  const journal = usable ? readJournal(directories, ports) : {};
  return {
    telemetryCommand: config.telemetryCommand,
    enabled: config.enabled && consent.enabled,
    localOnly: consent.localOnly,
    source: config.enabled ? consent.source : "author",
    reason: config.enabled ? consent.reason : "the tool's author has switched it off",
    signals: consentTable(installation),
    machineId: installation.peekId()?.machineId,
    backend: backendInfo(),
    pending: usable ? measureAll(installation.spoolFor(consent.consentId)) : { events: 0, bytes: 0, batches: 0 },
    destinations: installation.backendsFor(consent).flatMap((backend) => journal[keyOf(backend)] ?? []),
    ...nextAttempt(installation, journal),
    lost: usable ? readLosses(directories, ports) : {},
    uploading: usable && isUploading(directories, ports),
    dataDirectory: directories.data,
    routes: installation.routes(consent).map(({ backend, decidedBy }) => ({ destination: describeBackend(backend, directories), decidedBy })),
    ...policyOf(installation),
    ...faultOf(usable, installation),
    ...(usable ? {} : { storageProblem: privacy.reason }),
    deletions: usable ? waitingDeletions(installation) : [],
    problems: installation.problems,
  };
}

/** The status for people. The first three lines are GTB's. */
export function statusLines(status: TelemetryStatus): string[] {
  const state = status.enabled ? `enabled${status.localOnly ? " (local-only)" : ""}` : "disabled";
  const lost = totalLosses(status.lost);
  const dropped = totalDroppedProperties(status.lost);
  return [
    `Telemetry: ${state}`,
    `Machine ID: ${status.machineId ?? "none"}`,
    `Backend: ${status.backend}`,
    `Decided by: ${status.source} (${status.reason})`,
    "What was asked, the strongest first:",
    ...consentTableLines(status.signals),
    ...(status.enabled || status.routes.length === 0 ? [] : [`Would go to: ${status.routes.map(({ destination }) => destination).join(", ")}`]),
    ...status.routes.flatMap(({ destination, decidedBy }) => (decidedBy === "author" ? [] : [`Routed to ${destination} by ${DECIDERS[decidedBy]}`])),
    ...(status.policy ? [`Policy: ${status.policy.path}${status.policy.ignored ? `, ignored: ${status.policy.ignored}` : ""}`] : []),
    `Pending: ${status.pending.events} events, ${status.pending.bytes} bytes`,
    // A destination that is backing off has its own line below.
    ...(status.enabled && status.pending.events > 0 && status.nextAttemptAt === undefined ? ["Next attempt: with the next command"] : []),
    ...(status.fault ? [`The last uploader failed (${status.fault.at}): ${status.fault.message}`] : []),
    ...(status.uploading ? ["An uploader is at work."] : []),
    ...status.destinations.flatMap((record) => destinationLines(record, status.uploading)),
    ...(lost > 0 ? [`Lost: ${lost} events (${describeLosses(status.lost, "events")})`] : []),
    ...(dropped > 0 ? [`Left out: ${dropped} properties of events (${describeLosses(status.lost, "properties")})`] : []),
    ...waitingDeletionLines(status.deletions, status.telemetryCommand),
    ...(status.storageProblem ? [`Storage: events cannot be kept: ${status.storageProblem}`] : []),
    ...status.problems.map((problem) => `Misconfigured: ${problem}`),
    `Data: ${status.dataDirectory}`,
  ];
}

const DECIDERS = { policy: "the machine's policy", user: "your own setting" };

function policyOf(installation: Installation): Pick<TelemetryStatus, "policy"> {
  const file = installation.policyFile();
  if (file.status === "none") return {};
  return { policy: { path: file.path, ...(file.status === "ignored" ? { ignored: file.reason } : {}) } };
}

function faultOf(usable: boolean, { directories, ports }: Installation): Pick<TelemetryStatus, "fault"> {
  const fault = usable ? readFault(directories, ports) : undefined;
  return fault ? { fault } : {};
}

/** The first destination that may be tried decides, of those that lack something. */
function nextAttempt(installation: Installation, journal: DestinationJournal): Pick<TelemetryStatus, "nextAttemptAt"> {
  // Nobody has been asked yet, or what was asked cannot be read.
  if (Object.keys(journal).length === 0) return {};
  const nowMs = installation.ports.clock.now();
  const consent = installation.consent();
  const backends = installation.backendsFor(consent);
  const spool = installation.spoolFor(consent.consentId);
  const lacking = backends.filter((backend) => hasDeliverable(spool, (batch) => !batch.acknowledged.includes(keyOf(backend))));
  const waits = (lacking.length > 0 ? lacking : backends).map((backend) => {
    const record = journal[keyOf(backend)];
    return record && !isReady(record, nowMs, settingsOf(backend)) ? record.nextAttemptAt : 0;
  });
  const firstMs = waits.length > 0 ? Math.min(...waits) : 0;
  return firstMs > 0 ? { nextAttemptAt: asTime(firstMs) } : {};
}

function isUploading(directories: Directories, ports: Ports): boolean {
  const lock = currentLock(directories, ports);
  return lock !== undefined && isHeld(lock, ports);
}

function destinationLines(record: DestinationRecord, uploading: boolean): string[] {
  const { description, accepted, rejected, lastSuccessAt, lastError, nextAttemptAt } = record;
  return [
    `Sent to ${description}: ${accepted} events${rejected > 0 ? `, ${rejected} refused` : ""}${lastSuccessAt ? `, last ${lastSuccessAt}` : ""}`,
    ...(lastError ? [`  Last error (${lastError.status}, ${lastError.at}): ${lastError.reason}`] : []),
    // While an uploader lives it tries again within seconds; the recorded time is the next process's.
    ...(lastError && nextAttemptAt > 0 && !uploading ? [`  Next attempt: ${asTime(nextAttemptAt)}`] : []),
  ];
}
