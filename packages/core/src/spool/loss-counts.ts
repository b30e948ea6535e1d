/** The loss counts: how many events were lost, and properties left out, by the reason. It counts and describes; `losses` writes them down. */

/** Why an event was lost. */
export type LossReason =
  /** The buffer was full and there was no disk to spill to. */
  | "buffer-full"
  /** The spool reached its bound; the oldest batch made room. */
  | "evicted"
  /** A line in the spool could not be read. */
  | "corrupt"
  /** One event is larger than a batch may be. */
  | "too-large"
  /** At-most-once delivery: the one attempt failed. */
  | "at-most-once"
  /** The disk refused, and the process ended. */
  | "not-stored"
  /** The author's catalog does not declare it. */
  | "undeclared";

/** Why an event was recorded without one of its properties. */
export type PropertyLossReason =
  /** The author's catalog does not declare it for this event. */
  | "undeclared-property"
  /** Its value does not fit the declaration. */
  | "invalid-property";

/** Events, and properties of events, by the reason. */
export type LossCounts = Partial<Record<LossReason | PropertyLossReason, number>>;

const PROPERTY_REASONS: ReadonlySet<string> = new Set<PropertyLossReason>(["undeclared-property", "invalid-property"]);

const EVENT_REASONS: ReadonlySet<string> = new Set<LossReason>([
  "buffer-full", "evicted", "corrupt", "too-large", "at-most-once", "not-stored", "undeclared",
]);

/** Whether a text names a reason of either kind. */
export function isLossReason(text: string): text is keyof LossCounts {
  return EVENT_REASONS.has(text) || PROPERTY_REASONS.has(text);
}

/** Adds `count` under `reason`, in place. */
export function addLosses(counts: LossCounts, reason: keyof LossCounts, count: number): void {
  if (count > 0) counts[reason] = (counts[reason] ?? 0) + count;
}

/** Lost events, over all reasons. A property that was dropped is no event. */
export function totalLosses(counts: LossCounts): number {
  return sumOver(counts, EVENT_REASONS);
}

/** Dropped properties, over all reasons. */
export function totalDroppedProperties(counts: LossCounts): number {
  return sumOver(counts, PROPERTY_REASONS);
}

/** `2 evicted, 1 undeclared`: the counts of events, or those of properties, for people. */
export function describeLosses(counts: LossCounts, of: "events" | "properties"): string {
  const reasons = of === "events" ? EVENT_REASONS : PROPERTY_REASONS;
  return Object.entries(counts).flatMap(([reason, count]) => (reasons.has(reason) ? `${count} ${reason}` : [])).join(", ");
}

function sumOver(counts: LossCounts, reasons: ReadonlySet<string>): number {
  return Object.entries(counts).reduce((total, [reason, count]) => (reasons.has(reason) ? total + count : total), 0);
}
