/**
 * The retry: later runs of the tool see to a deletion request that has not been confirmed, although telemetry is off. It costs a run
 * nothing unless the user's answer is on record, and one look at the disk then. It collects nothing and starts at most one process.
 */
import type { Installation } from "../collector/installation.ts";
import { onProcessEnd } from "../collector/process-end.ts";
import type { ConsentDecision } from "../consent/consent.ts";
import { childManner, delivererFor, startUploader } from "../uploader/detachment.ts";
import { asksHere } from "./asks-here.ts";
import { expiresAtMs, readRequests } from "./deletion-request.ts";
import { holdsRetries } from "./hold.ts";
import { type AskedBy, isDue } from "./outstanding.ts";

/** What the end of the process does by itself, for whoever ends earlier. Neither step fails. */
export interface DeletionRetry {
  /** Asks those whom only this process can ask. */
  readonly askHere: () => Promise<void>;
  /** Leaves the others to an uploader, and is done. */
  readonly handOver: () => void;
  /** Does nothing more. */
  readonly stop: () => void;
}

const NOTHING: DeletionRetry = { askHere: () => Promise.resolve(), handOver: () => undefined, stop: () => undefined };

/**
 * Sees to pending requests when the process ends. While telemetry is on, the uploader that takes the events does it; then only what
 * nobody but the tool's process can ask is left to do.
 */
export function retryDeletionsAtEnd(installation: Installation, consent: ConsentDecision): DeletionRetry {
  if (!consent.enabled && consent.answerRecorded !== true) return NOTHING;
  const { directories, ports, logger } = installation;
  const manner = childManner(installation);
  const here = asksHere(installation);
  if (consent.enabled && !here) return NOTHING;

  // An uploader for the events sees to the requests as well, and must not find one at work for the requests alone.
  const handsOver = !consent.enabled || delivererFor(installation, consent) === "this-process";
  let stopped = false;

  const isDueFor = (by: AskedBy): boolean => {
    const nowMs = ports.clock.now();
    const { requests } = readRequests(directories, ports);
    return requests.some((request) => expiresAtMs(request) > nowMs && request.outstanding.some((each) => isDue(each, by, nowMs)));
  };
  /** Faults of the disk, the spawn or a requestor cost this run's attempt and nothing else. */
  const guarded = (work: () => void): void => {
    try {
      if (!stopped && !holdsRetries(installation)) work();
    } catch (error) {
      logger.debug("a deletion request could not be retried", { error: String(error) });
    }
  };
  const askHere = async (): Promise<void> => {
    let due = false;
    if (here) guarded(() => (due = isDueFor("tool") || (manner === undefined && isDueFor("uploader"))));
    if (!due) return;
    try {
      const { retryDeletionsHere } = await import("../background.ts");
      await retryDeletionsHere(installation);
    } catch (error) {
      logger.debug("a deletion request could not be retried", { error: String(error) });
    }
  };
  const startForRequests = (): void =>
    guarded(() => {
      if (!handsOver || manner === undefined || !isDueFor("uploader")) return;
      logger.debug(`a deletion request is waiting; uploader: ${startUploader(installation, consent, manner, "deletions")}`);
    });

  const beforeExit = (): void => void askHere();
  if (here) process.once("beforeExit", beforeExit);
  const stopListening = onProcessEnd(startForRequests, { signals: false });
  const stop = (): void => {
    stopped = true;
    process.removeListener("beforeExit", beforeExit);
    stopListening();
  };
  return {
    askHere,
    handOver() {
      startForRequests();
      stop();
    },
    stop,
  };
}
