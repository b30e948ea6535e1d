/**
 * The flush: what `telemetry flush` does: sends what waits, now, and says what became of it. Beside `reset` it is the only command that
 * sends anything. Under a no it sends nothing.
 */
import type { Collector } from "../collector/collector.ts";
import { type Installation, keyOf } from "../collector/installation.ts";
import type { FlushResult } from "../delivery/in-process-delivery.ts";
import { settingsOf } from "../destination/destination.ts";
import { type DestinationJournal, isReady, readJournal } from "../destination/destination-journal.ts";
import { asTime } from "../inspection/time.ts";
import { backendsUnder, nameOf, waitingEvents } from "../inspection/waiting.ts";
import { measureSpool } from "../spool/spool.ts";
import type { CommandReport } from "./report.ts";

export interface FlushOptions {
  /** Told how many events are left while it sends, whenever that changes; for a person who watches. Default: nobody is. */
  readonly progress?: (line: string) => void;
}

/** What is left for one destination. */
interface Remainder {
  readonly destination: string;
  readonly events: number;
  /** RFC 3339; absent when the next command tries it. */
  readonly nextAttemptAt?: string;
}

/** How often a person who watches is told of a change. */
const PROGRESS_MS = 200;

/** Sends what waits, within the time an uploader has. The exit status is 1 when something is left. */
export async function flush(collector: Collector, { progress }: FlushOptions = {}): Promise<CommandReport> {
  const { installation } = collector;
  const { config, directories, ports } = installation;
  const before = tally(installation).events;
  const obstacle = obstacleOf(installation);
  if (obstacle !== undefined) {
    return {
      exitCode: before > 0 ? 1 : 0,
      lines: [`Nothing was sent: ${obstacle}.`, ...(before > 0 ? [`${events(before)} left.`] : [])],
      data: { delivered: before === 0, before, left: before, refused: 0, reason: obstacle, destinations: [] },
    };
  }
  const refusedBefore = refused(readJournal(directories, ports));
  const stopWatching = progress && before > 0 ? watch(installation, progress) : undefined;
  const result = await collector.flush({ timeoutMs: config.delivery.lifetimeMs }).finally(() => stopWatching?.());
  // What waited under a consent that is gone now was discarded, not sent.
  const withdrawn = result.status === "disabled" || obstacleOf(installation) !== undefined;
  const remainder = tally(installation);
  const left = remainder.events;
  const refusals = refused(readJournal(directories, ports)) - refusedBefore;
  const reason = withdrawn ? "telemetry was switched off meanwhile" : reasonOf(result, left);
  const destinations = remaindersOf(remainder, installation);
  return {
    exitCode: left > 0 || withdrawn ? 1 : 0,
    lines: [
      summary(before, left, reason),
      ...(refusals > 0 ? [`${refusals} ${refusals === 1 ? "was" : "were"} refused for good; \`${config.telemetryCommand} inspect --sent\` says why.`] : []),
      ...destinations.map(({ destination, events: lacking, nextAttemptAt }) => `  ${destination}: ${lacking} left, next attempt ${nextAttemptAt ?? "with the next command"}`),
    ],
    data: { delivered: left === 0 && reason === undefined, before, left, refused: refusals, ...(reason === undefined ? {} : { reason }), destinations },
  };
}

function summary(before: number, left: number, reason: string | undefined): string {
  const because = reason === undefined ? "" : `: ${reason}`;
  if (before === 0 && left === 0) return `Nothing was waiting to be sent${because}.`;
  if (left === 0) return reason === undefined ? `${events(before)} sent; nothing is left.` : `Nothing is left${because}.`;
  return left >= before ? `Nothing was sent${because}. ${events(left)} left.` : `${events(before - left)} sent, ${left} left${because}.`;
}

/** Why nothing is to be sent at all. */
function obstacleOf({ config, consent, problems, backendsFor }: Installation): string | undefined {
  if (problems[0] !== undefined) return `telemetry is misconfigured: ${problems[0]}`;
  if (!config.enabled) return "the tool's author has switched telemetry off";
  const now = consent();
  if (!now.enabled) return `telemetry is off: ${now.reason}`;
  return backendsFor(now).length === 0 ? "no destination is configured" : undefined;
}

function reasonOf(result: FlushResult, left: number): string | undefined {
  if (left === 0) return undefined;
  return result.status === "pending" ? result.reason : "another process of the tool is still writing";
}

interface Tally {
  readonly events: number;
  /** Events each destination lacks, by its name. */
  readonly lacking: ReadonlyMap<string, number>;
}

/** What waits under the consent of now; the rest is not for sending now. */
function tally(installation: Installation): Tally {
  const lacking = new Map<string, number>();
  let total = 0;
  for (const { standing, lacks } of waitingEvents(installation, { missing: 0, damaged: 0, unreadable: [] })) {
    if (standing !== "current") break;
    total++;
    for (const name of lacks) lacking.set(name, (lacking.get(name) ?? 0) + 1);
  }
  return { events: total, lacking };
}

function remaindersOf({ lacking }: Tally, installation: Installation): Remainder[] {
  const { directories, ports } = installation;
  const journal = readJournal(directories, ports);
  return backendsUnder(installation.consent().consentId, installation).flatMap((backend): Remainder[] => {
    const destination = nameOf(backend, installation);
    const record = journal[keyOf(backend)];
    const waits = record && !isReady(record, ports.clock.now(), settingsOf(backend));
    const number = lacking.get(destination);
    return number === undefined ? [] : [{ destination, events: number, ...(waits ? { nextAttemptAt: asTime(record.nextAttemptAt) } : {}) }];
  });
}

/** Answers how to stop. */
function watch(installation: Installation, progress: (line: string) => void): () => void {
  let told = -1;
  const look = (): void => {
    // By the names of batches alone: nothing is read while it sends.
    const left = measureSpool(installation.spoolFor(installation.consent().consentId)).events;
    if (left !== told) progress(`Sending: ${events(left)} left.`);
    told = left;
  };
  look();
  const timer = setInterval(look, PROGRESS_MS);
  return () => clearInterval(timer);
}

function refused(journal: DestinationJournal): number {
  return Object.values(journal).reduce((sum, { rejected }) => sum + rejected, 0);
}

function events(number: number): string {
  return number === 1 ? "1 event" : `${number} events`;
}
