/** The checks: what the tour claims, and whether it held. A check that cannot be made is a failed one. */
import { heading, table } from "./printing.mjs";

/** Starts an empty list of checks. */
export function createChecks() {
  const made = [];
  return {
    /** Records one check. `detail` says what was seen instead; it is printed only when the check failed. */
    that(claim, holds, detail = "") {
      made.push({ claim, holds: Boolean(holds), detail });
    },
    /** Prints every check on a line; answers how many failed. */
    summarise() {
      heading("What this tour checked");
      table([["", "check"], ...made.map(({ claim, holds, detail }) => [holds ? "ok" : "FAILED", holds || !detail ? claim : `${claim}: ${detail}`])]);
      return made.filter(({ holds }) => !holds).length;
    },
  };
}
