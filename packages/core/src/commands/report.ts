/** The report: what a `telemetry` command answers. It is printed elsewhere. */

/** What a command has to say. */
export interface CommandReport {
  /** 0 when everything that was asked for is done. */
  readonly exitCode: 0 | 1;
  /** For people; plain text without colour. */
  readonly lines: readonly string[];
  /** The same for programs: printed by `--json`. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** How a streamed report is printed: for people, as one JSON document, or as one JSON object a line. */
export type OutputForm = "text" | "json" | "jsonl";

/** What a command has to say when it may be as large as all that is kept: made while it is printed, never held as a whole. */
export interface StreamedReport {
  /** The output in pieces; what the generator returns at its end is the exit status. */
  readonly pieces: (form: OutputForm) => Generator<string, 0 | 1>;
}
