/**
 * The stake: events that are given away before they are sent, because at most one attempt is allowed. They count as lost until it is known
 * better, so that no kill hides what it has cost.
 */
import type { TelemetryEvent } from "@candor/backend";
import type { Destination } from "../destination/destination.ts";
import type { Claims } from "../spool/claim.ts";
import { recordLosses } from "../spool/losses.ts";
import type { Spool } from "../spool/spool.ts";

interface StakeContext {
  readonly claims: Claims;
  readonly destinations: readonly Destination[];
  readonly spool: Spool;
}

export interface Stake {
  /** The attempt settled these. */
  win(events: readonly TelemetryEvent[]): void;
  /** These have not been tried. */
  giveBack(events: readonly TelemetryEvent[]): void;
}

/** Gives away the first of these requests with `settle`, and puts the others back: a kill costs one request. */
export function stakeEvents({ key }: Destination, cut: readonly (readonly TelemetryEvent[])[], settle: (events: readonly TelemetryEvent[]) => void, { claims, destinations, spool }: StakeContext): Stake {
  const others = destinations.flatMap((destination) => (destination.key === key ? [] : [destination.key]));
  const record = (events: number): boolean => recordLosses({ "at-most-once": events }, spool.directories, spool.ports, others);
  const events = cut.flat();
  // What a full disk did not take must not be taken back later: it would hide other losses.
  const isCounted = record(events.length);
  const uncount = (settled: readonly TelemetryEvent[]): void => {
    if (isCounted && settled.length > 0) record(-settled.length);
  };
  const stake: Stake = {
    win: uncount,
    giveBack(untried) {
      claims.putBack(untried, key, destinations.map((destination) => destination.key));
      uncount(untried);
    },
  };
  settle(events);
  stake.giveBack(cut.slice(1).flat());
  return stake;
}
