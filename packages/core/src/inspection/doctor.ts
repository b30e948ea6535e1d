/**
 * The doctor: looks at everything that can keep telemetry from working, without sending usage data, and says what to do about
 * each fault. It changes nothing.
 */
import type { Backend } from "@candor/backend";
import type { Collector } from "../collector/collector.ts";
import { checkDestination } from "./destination-check.ts";
import { type BackendChoice, isBackend, settingsOf } from "../destination/destination.ts";
import { isReady, readJournal } from "../destination/destination-journal.ts";
import type { Finding } from "./finding.ts";
import { openDestinations } from "../delivery/in-process-delivery.ts";
import { describeBackend, type Installation, keyOf } from "../collector/installation.ts";
import { describeLosses, type LossCounts, totalDroppedProperties, totalLosses } from "../spool/loss-counts.ts";
import { readLosses } from "../spool/losses.ts";
import { nearestPrivacy } from "../platform/private-directory.ts";
import { isNowhere } from "../platform/paths.ts";
import { asTime } from "./time.ts";
import { waitingDeletionLines, waitingDeletions } from "./waiting-deletions.ts";
import { measureAll } from "../spool/total.ts";
import { readFault } from "../uploader/uploader-fault.ts";

/** Looks at consent, policy, storage, the spool and every destination of this consent. Never rejects. */
export async function examine({ installation }: Pick<Collector, "installation">): Promise<Finding[]> {
  const consent = installation.consent();
  const findings = [...configurationFindings(installation), ...policyFindings(installation), ...storageFindings(installation)];
  if (!installation.config.enabled || !consent.enabled) {
    const unclear = /has a value that/.test(consent.reason);
    const advice = unclear ? { advice: "Use on, off, local or debug; what cannot be understood means off." } : {};
    return [
      { subject: "consent", status: unclear ? "warn" : "skip", message: `telemetry is off: ${consent.reason}; no destination is contacted`, ...advice },
      ...findings,
    ];
  }
  findings.unshift({ subject: "consent", status: "pass", message: `telemetry is on${consent.localOnly ? ", local only" : ""}: ${consent.reason}` });
  const routes = installation.routes(consent);
  if (routes.length === 0) findings.push({ subject: "destinations", status: "warn", message: "none is configured: events go to the debug log only" });
  const destinations = await openDestinations(installation, consent, installation.ports.host.script);
  for (const [index, destination] of destinations.entries()) {
    const choice = routes[index]?.backend;
    if (!choice) continue;
    findings.push(...(await checkDestination(choice, destination)), ...journalFindings(installation, choice));
  }
  // A live backend is the author's, for as long as the collector lives.
  const built = destinations.filter((_, index) => !isBackend(routes[index]?.backend));
  await Promise.allSettled(built.map(({ backend }) => backend.close()));
  return findings;
}

function configurationFindings({ problems }: Installation): Finding[] {
  return problems.map((problem) => ({ subject: "configuration", status: "fail", message: problem, advice: "Tell the tool's author." }));
}

function policyFindings(installation: Installation): Finding[] {
  const file = installation.policyFile();
  if (file.status === "none") return [];
  if (file.status === "applies") return [{ subject: "policy", status: "pass", message: `${file.path} applies` }];
  return [
    {
      subject: "policy",
      status: "fail",
      message: `${file.path} is ignored: ${file.reason}`,
      advice: "The administrator should own the file and its directory, with no write permission for others, and mend what is named.",
    },
  ];
}

function storageFindings(installation: Installation): Finding[] {
  const { directories, ports } = installation;
  const privacy = nearestPrivacy(directories.data, ports);
  if (privacy.status === "unusable") {
    const advice = isNowhere(directories.data)
      ? `Set ${ports.host.platform === "win32" ? "USERPROFILE" : "HOME"} to a directory of your own.`
      : `Make ${directories.data} a directory of your own (0700), or remove what stands there.`;
    return [{ subject: "storage", status: "fail", message: privacy.reason, advice }];
  }
  const spool = measureAll(installation.spoolFor(installation.consent().consentId));
  const fault = readFault(directories, ports);
  return [
    ...(fault
      ? [{ subject: "uploader", status: "fail", message: `the last one failed (${fault.at}): ${fault.message}`, advice: "Tell the tool's author; events stay on disk." } as const]
      : []),
    { subject: "storage", status: "pass", message: `${directories.data} is private and can be written` },
    { subject: "spool", status: "pass", message: `${spool.events} events in ${spool.batches} batches wait, ${spool.bytes} bytes` },
    ...lossFindings(readLosses(directories, ports)),
    ...deletionFindings(installation),
  ];
}

/** In the words of `status`. */
function deletionFindings(installation: Installation): Finding[] {
  return waitingDeletions(installation).map((deletion) => {
    const [message = "", ...more] = waitingDeletionLines([deletion], installation.config.telemetryCommand);
    // Instructions are sentences already.
    const advice = more.map((line) => line.trim()).join(deletion.status === "waiting" ? ". " : " ");
    return { subject: "deletion", status: "warn", message, ...(advice === "" ? {} : { advice }) };
  });
}

/** What the catalog kept out is no fault of the machine's, and nothing its user can mend. */
function lossFindings({ undeclared = 0, ...lost }: LossCounts): Finding[] {
  const [events, properties] = [totalLosses(lost), totalDroppedProperties(lost)];
  return [
    ...(events > 0
      ? [{ subject: "spool", status: "warn", message: `${events} events were lost so far: ${describeLosses(lost, "events")}`, advice: "Free disk space, or mend the destination named below." } as const]
      : []),
    ...(undeclared + properties > 0
      ? [{ subject: "catalog", status: "warn", message: `${undeclared} events and ${properties} properties do not fit the tool's catalog and were dropped`, advice: "Tell the tool's author." } as const]
      : []),
  ];
}

/** What delivery remembers: the last error, when it will try again, and what the destination refused. */
function journalFindings({ directories, ports }: Installation, choice: BackendChoice | Backend): Finding[] {
  const record = readJournal(directories, ports)[keyOf(choice)];
  if (!record) return [];
  const { lastError, nextAttemptAt, rejected } = record;
  const subject = describeBackend(choice, directories);
  const waiting = !isReady(record, ports.clock.now(), settingsOf(choice));
  const next = waiting ? ` Next attempt: ${asTime(nextAttemptAt)}.` : "";
  return [
    ...(lastError ? [{ subject, status: "warn", message: `last error (${lastError.at}): ${lastError.reason}.${next}` } as const] : []),
    ...(rejected > 0 ? [{ subject, status: "warn", message: `it has refused ${rejected} events for good`, advice: `Tell the tool's author; the latest are in ${directories.rejectedFile}.` } as const] : []),
  ];
}
