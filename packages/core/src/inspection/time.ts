/** Times as people read them. */

/** RFC 3339; `unknown` for a number that no calendar has, because it comes from a file. */
export function asTime(ms: number): string {
  const time = new Date(ms);
  return Number.isNaN(time.getTime()) ? "unknown" : time.toISOString();
}
