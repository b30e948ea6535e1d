/**
 * The event that every candidate records: a name and ten properties, as a command-line tool would have them. One property is
 * a mark by which the receiver knows the event again in every vendor's format.
 */

/** The event's name. */
export const NAME = "export finished";

/** Events of one command. */
export const EVENTS = 3;

/** Ten properties. `run` is six characters, `sequence` below ten million; see `MARK` in the receiver. */
export function properties(run, sequence) {
  return {
    mark: `#${run}.${String(sequence).padStart(7, "0")}#`,
    command: "notes export",
    format: "pdf",
    region: "eu-west-1",
    theme: "dark",
    pages: 12,
    size_kb: 348.5,
    retries: 0,
    cached: true,
    interactive: false,
  };
}

/** As `properties`, with two secrets that a tool should not have attached. */
export function leakyProperties(run, sequence) {
  return { ...properties(run, sequence), command: "notes export --token=ghp_0123456789abcdefghijABCDEFGHIJ012345", region: "https://ada:lovelace@example.com/" };
}
