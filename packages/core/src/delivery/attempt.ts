/**
 * The attempt: one request to one destination, within its limit, whatever the backend does. It says along with the first event what was lost
 * since the destination last heard of it.
 */
import { anySignal, type DeliveryResult, type Logger, type TelemetryEvent } from "@candor/backend";
import { isDeliveryResult } from "./delivery.ts";
import type { Lane } from "./lane.ts";
import { type LossAccount, lossesTo } from "../spool/losses.ts";

/** A backend settles within 100 ms of an abort; this is that and some patience. */
const ABORT_GRACE_MS = 250;

export interface AttemptContext {
  readonly logger: Logger;
  /** Absolute limit of one attempt. */
  readonly sendTimeoutMs: number;
  /** Ends the run: lifetime over, lock taken by somebody else, consent withdrawn. */
  readonly signal: AbortSignal;
  /** What was lost before this run. */
  readonly lossesBefore: LossAccount;
}

/** How one request ended. */
interface Attempt {
  readonly result: DeliveryResult;
  /** The events as they stood in the request. */
  readonly sent: readonly TelemetryEvent[];
}

/** Sends the events in one request. What a backend throws counts as a refusal for now. */
export async function attempt(lane: Lane, events: readonly TelemetryEvent[], request: AttemptContext): Promise<Attempt> {
  const { backend } = lane.destination;
  const limit = AbortSignal.timeout(request.sendTimeoutMs);
  const signal = anySignal(request.signal, limit);
  const lost = lossesTo(lane.destination.key, request.lossesBefore) - lane.record.reportedLosses;
  const [first, ...rest] = events;
  const sent = first && lost > 0 ? [{ ...first, droppedEvents: lost }, ...rest] : events;
  try {
    // A list of its own: a backend that takes it apart must not take from what is to be settled.
    const answer = async (): Promise<unknown> => {
      const result: unknown = await backend.send([...sent], { signal });
      return limit.aborted && !request.signal.aborted ? inOwnWords(result, request) : result;
    };
    const result = await stoppable(answer(), signal);
    if (!isDeliveryResult(result)) throw new TypeError("its answer is none of the contract's");
    const heard = result.status === "accepted" || (result.status === "partial" && !result.rejected.some(({ id }) => id === first?.id));
    if (lost > 0 && heard) lane.record = { ...lane.record, reportedLosses: lane.record.reportedLosses + lost };
    return { result, sent };
  } catch (error) {
    request.logger.error(`the ${backend.name} backend threw, which is a defect of it`, { error: String(error) });
    return { sent, result: { status: "retry", reason: `the ${backend.name} backend failed: ${String(error)}` } };
  }
}

/** To a backend the end of its time is somebody's wish, and it says so; to a person it is a destination that does not answer. */
function inOwnWords(result: unknown, { sendTimeoutMs }: AttemptContext): unknown {
  return isDeliveryResult(result) && result.status === "retry" ? { ...result, reason: `no complete answer within ${sendTimeoutMs} ms` } : result;
}

/** A backend that does not obey its signal must not hold up the others, nor the end of the run. */
function stoppable(sending: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const givenUp = new Promise<unknown>((resolve) => {
    const arm = (): void => {
      timer = setTimeout(resolve, ABORT_GRACE_MS, { status: "retry", reason: "no answer in time, and it did not stop when asked" });
    };
    if (signal.aborted) arm();
    else signal.addEventListener("abort", arm, { once: true });
  });
  return Promise.race([sending, givenUp]).finally(() => clearTimeout(timer));
}
