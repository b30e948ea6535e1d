/**
 * Waiting: the events on this machine that have not reached every destination, with those that lack them, in the order of delivery. It
 * reads what is there and changes nothing.
 */
import { type Backend, eventToJson, type JsonValue } from "@candor/backend";
import { isLocalOnly } from "../consent/consent.ts";
import { describeBackend, type Installation, keyOf } from "../collector/installation.ts";
import { type BackendChoice, isBackend } from "../destination/destination.ts";
import { type DestinationJournal, readJournal } from "../destination/destination-journal.ts";
import { inspect } from "../platform/private-directory.ts";
import { systemErrorCode } from "../platform/ports.ts";
import { type InventoryFaults, storedLines, type StoredLine } from "../spool/inventory.ts";
import { totalLosses } from "../spool/loss-counts.ts";
import { readLosses } from "../spool/losses.ts";
import { namesIn } from "../platform/entries.ts";
import { type Standing, standingOf } from "../spool/standing.ts";

export interface WaitingEvent {
  readonly standing: Standing;
  /** The consent under which it was collected. */
  readonly consentId: string;
  /** Destinations that have not acknowledged it; none for what is never sent. */
  readonly lacks: readonly string[];
  /** In the form in which the http, file and stdout backends send it. */
  readonly event: Readonly<Record<string, JsonValue>>;
}

/** A destination of now, and what it is told beside the events. */
export interface WaitingDestination {
  readonly destination: string;
  /** Losses it has not heard of: the first event of the next request carries the number. */
  readonly droppedEvents: number;
}

const ORDER: readonly Standing[] = ["current", "dormant", "withdrawn"];

/** A spool of this installation: the consent it belongs to, and whether it can still be sent. */
export interface StandingSpool {
  readonly consentId: string;
  readonly standing: Standing;
  readonly lines: (faults: InventoryFaults) => Iterable<StoredLine>;
}

/** Every spool there is, the one that is sent next before the others. */
export function spoolsOf(installation: Installation, faults: InventoryFaults): readonly StandingSpool[] {
  const { directories, ports } = installation;
  const current = installation.consent();
  try {
    const privacy = inspect(directories.data, ports);
    if (privacy?.status === "unusable") faults.unreadable.push(privacy.reason);
    if (privacy?.status !== "private") return [];
    const spools = namesIn(directories.spool, ports).flatMap((consentId): StandingSpool[] => {
      const standing = standingOf(consentId, current);
      return standing ? [{ consentId, standing, lines: (to) => storedLines(installation.spoolFor(consentId), to) }] : [];
    });
    return spools.sort((a, b) => ORDER.indexOf(a.standing) - ORDER.indexOf(b.standing) || (a.consentId < b.consentId ? -1 : 1));
  } catch (error) {
    faults.unreadable.push(`${directories.spool} (${systemErrorCode(error) ?? String(error)})`);
    return [];
  }
}

/** Every event that waits, one at a time; what cannot be shown goes into `faults`. */
export function* waitingEvents(installation: Installation, faults: InventoryFaults & { damaged: number }): Generator<WaitingEvent> {
  for (const { consentId, standing, lines } of spoolsOf(installation, faults)) {
    const destinations = standing === "withdrawn" ? [] : destinationsOf(installation, consentId);
    for (const line of lines(faults)) {
      if (line.status === "damaged") faults.damaged++;
      else yield { standing, consentId, lacks: lacking(destinations, line.acknowledged), event: eventToJson(line.event) };
    }
  }
}

/** The destinations of now. */
export function waitingDestinations(installation: Installation): readonly WaitingDestination[] {
  const { directories, ports } = installation;
  const journal: DestinationJournal = readJournal(directories, ports);
  const lost = totalLosses(readLosses(directories, ports));
  return backendsUnder(installation.consent().consentId, installation).map((backend) => ({
    destination: nameOf(backend, installation),
    droppedEvents: Math.max(0, lost - (journal[keyOf(backend)]?.reportedLosses ?? 0)),
  }));
}

/** A destination's name for people; a live backend has one of its own. */
export function nameOf(backend: BackendChoice | Backend, { directories }: Pick<Installation, "directories">): string {
  return isBackend(backend) ? `${backend.name} (${backend.destination})` : describeBackend(backend, directories);
}

/** The backends that events of a consent go to; also while a stronger no keeps telemetry off. */
export function backendsUnder(consentId: string, installation: Installation): readonly (BackendChoice | Backend)[] {
  const now = { ...installation.consent(), consentId };
  return installation.backendsFor({ ...now, localOnly: isLocalOnly(now) });
}

interface KeyedDestination {
  readonly key: string;
  readonly name: string;
}

/** Where the spool's events go, or would go if its setting stood again. */
function destinationsOf(installation: Installation, consentId: string): KeyedDestination[] {
  return backendsUnder(consentId, installation).map((backend) => ({ key: keyOf(backend), name: nameOf(backend, installation) }));
}

function lacking(destinations: readonly KeyedDestination[], acknowledged: readonly string[]): string[] {
  return destinations.flatMap(({ key, name }) => (acknowledged.includes(key) ? [] : [name]));
}
