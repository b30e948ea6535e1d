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
