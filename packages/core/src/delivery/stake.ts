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
  const count = (events: number): void => void (events !== 0 && recordLosses({ "at-most-once": events }, spool.directories, spool.ports, others));
  const stake: Stake = {
    win: (events) => count(-events.length),
    giveBack(events) {
      claims.putBack(events, key, destinations.map((destination) => destination.key));
      count(-events.length);
    },
  };
  const events = cut.flat();
  count(events.length);
  settle(events);
  stake.giveBack(cut.slice(1).flat());
  return stake;
}
