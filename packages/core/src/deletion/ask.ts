/** Asking: one attempt to have some ids erased, and what came of it. Each way of asking is a function of this shape. */
import type { DeletionOutcome, DeletionRequestor, DeletionSubject } from "@candor/backend";

/** Asks for all subjects, which are ids of one installation. Never rejects. */
export type Ask = (subjects: readonly DeletionSubject[], context: { readonly signal: AbortSignal }) => Promise<AskAnswer>;

export interface AskAnswer {
  /** The ids that were confirmed, also where the whole came to nothing. */
  readonly confirmed: readonly string[];
  /** `sent` only when every id was confirmed; otherwise the first answer that was another. */
  readonly outcome: DeletionOutcome;
}

/** Time for whoever is asked to settle after an abort. */
const SETTLE_MS = 250;

/** Asks a requestor for one id after another. It may be the author's own, which may throw, never answer, or answer anything. */
export function askRequestor(requestor: DeletionRequestor): Ask {
  return async (subjects, { signal }) => {
    const confirmed: string[] = [];
    let last: DeletionOutcome = failed("nothing was asked");
    for (const subject of subjects) {
      last = signal.aborted ? failed("there was no time left") : await settled(requestor, subject, signal);
      if (last.status !== "sent") return { confirmed, outcome: last };
      confirmed.push(subject.machineId);
    }
    return { confirmed, outcome: last };
  };
}

/** The outcome that is tried again. */
export function failed(reason: string): DeletionOutcome {
  return { status: "failed", reason };
}

async function settled(requestor: DeletionRequestor, subject: DeletionSubject, signal: AbortSignal): Promise<DeletionOutcome> {
  const givenUp = endOf(signal, SETTLE_MS);
  try {
    const tooLate = givenUp.reached.then(() => failed("no answer in time"));
    const outcome: unknown = await Promise.race([requestor.requestDeletion(subject, { signal }), tooLate]);
    return isOutcome(outcome) ? outcome : failed("its answer is none of the contract's");
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  } finally {
    givenUp.forget();
  }
}

/** The moment `settleMs` after the signal's abort; `forget` leaves nothing behind at the signal. */
export function endOf(signal: AbortSignal, settleMs: number): { readonly reached: Promise<void>; readonly forget: () => void } {
  let timer: NodeJS.Timeout | undefined;
  let arm = (): void => undefined;
  const reached = new Promise<void>((resolve) => {
    arm = () => void (timer = setTimeout(resolve, settleMs));
    if (signal.aborted) arm();
    else signal.addEventListener("abort", arm, { once: true });
  });
  return {
    reached,
    forget() {
      clearTimeout(timer);
      signal.removeEventListener("abort", arm);
    },
  };
}

function isOutcome(value: unknown): value is DeletionOutcome {
  const { status, destination, instructions, reason } = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  if (status === "sent") return typeof destination === "string";
  if (status === "user-action") return typeof instructions === "string";
  return (status === "failed" || status === "impossible") && typeof reason === "string";
}
