/**
 * The counters: how often each command has ended with each exit status, in the form of the PACE CLI (PACE-02). Pure. They hold no time,
 * no argument and no flag, and nothing that somebody could be told by but the installation's id.
 */

/** Counts by command path and exit status, and whose they are. */
export interface Counters {
  /** By command path, then by exit status; each count is a whole number of at least 1. */
  readonly points: ReadonlyMap<string, ReadonlyMap<number, number>>;
  /** The tool's version at the last count. */
  readonly version: string;
  /** Go's name of the operating system at the last count. */
  readonly os: string;
  /** The installation's pseudonymous id; another id begins other counters. */
  readonly id: string;
}

/** The counters as JSON: the body of an upload, and what stands in the file. */
export interface CountersDocument {
  readonly metric_points: Readonly<Record<string, Readonly<Record<string, { readonly cumulative_count: number }>>>>;
  readonly cli_version: string;
  readonly operating_system: string;
  readonly id: string;
}

/** Paths in the order of their text, each with its counts in the order of the exit status. */
export function sortedPoints({ points }: Counters): (readonly [path: string, counts: readonly (readonly [exitCode: number, count: number])[]])[] {
  return [...points]
    .toSorted(([left], [right]) => compare(left, right))
    .map(([path, counts]) => [path, [...counts].toSorted(([left], [right]) => left - right)]);
}

/** The counters in PACE's form, keys in its order. */
export function toDocument(counters: Counters): CountersDocument {
  // Unlike assignments, these keep a command called __proto__ a command.
  const points = sortedPoints(counters).map(([path, counts]) => [path, Object.fromEntries(counts.map(([code, count]) => [code, { cumulative_count: count }]))]);
  return { metric_points: Object.fromEntries(points), cli_version: counters.version, operating_system: counters.os, id: counters.id };
}

/** By code units, as every reader of the file would sort it. */
function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
