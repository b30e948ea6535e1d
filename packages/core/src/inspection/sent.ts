/**
 * Sent: what destinations were sent, from the receipts, and how many events have none any more, from the journal. It reads what is there
 * and changes nothing.
 */
import { eventToJson, type JsonValue } from "@candor/backend";
import type { Installation } from "../collector/installation.ts";
import { readReceipts, type ReceiptBook, type ReceiptOutcome } from "../delivery/receipts.ts";
import { readJournal } from "../destination/destination-journal.ts";
import { inspect } from "../platform/private-directory.ts";

export interface SentEvent {
  /** When the outcome was known; RFC 3339. */
  readonly at: string;
  readonly destination: string;
  readonly outcome: ReceiptOutcome;
  readonly reason?: string;
  /** In the form in which the http, file and stdout backends send it, `dropped_events` included. */
  readonly event: Readonly<Record<string, JsonValue>>;
}

/** What a destination settled altogether, and how much of that is on record. */
export interface SentTotal {
  readonly destination: string;
  readonly accepted: number;
  readonly rejected: number;
  /** Settled events without a receipt: the bound made room, `reset` deleted it, or the disk did not take it. */
  readonly withoutReceipt: number;
  /** Those of them that the disk did not take. */
  readonly refusedByDisk: number;
}

export interface SentRecord {
  readonly events: readonly SentEvent[];
  readonly totals: readonly SentTotal[];
  /** Lines of the receipts that are torn or foreign. */
  readonly damaged: number;
  readonly problems: readonly string[];
}

/** Everything on record, oldest first. */
export function readSent({ directories, ports }: Installation): SentRecord {
  const privacy = inspectSafely(() => inspect(directories.data, ports));
  if (privacy.status !== "private") return { events: [], totals: [], damaged: 0, problems: privacy.problems };
  const book = readReceipts(directories, ports);
  const totals = Object.values(readJournal(directories, ports)).map(({ description, accepted, rejected, receiptsLost }) => ({
    destination: description,
    accepted,
    rejected,
    withoutReceipt: Math.max(0, accepted + rejected - settledIn(book, description)),
    refusedByDisk: receiptsLost,
  }));
  const events = book.receipts.map(({ event, ...receipt }) => ({ ...receipt, event: eventToJson(event) }));
  return { events, totals, damaged: book.damaged, problems: book.problems };
}

function settledIn({ receipts }: ReceiptBook, description: string): number {
  return receipts.filter(({ destination, outcome }) => destination === description && outcome !== "unacknowledged").length;
}

type Looked = { readonly status: "private" } | { readonly status: "none"; readonly problems: readonly string[] };

function inspectSafely(look: () => ReturnType<typeof inspect>): Looked {
  try {
    const privacy = look();
    if (privacy?.status === "private") return { status: "private" };
    return { status: "none", problems: privacy ? [privacy.reason] : [] };
  } catch (error) {
    return { status: "none", problems: [String(error)] };
  }
}
