/**
 * The report: what a `telemetry` command answers, and how that reads. It is printed elsewhere. What others have named or said (a directory,
 * a variable, a server) may stand in it as it is: here, where a report becomes text, no character of theirs is obeyed.
 */
import { printable, printableLine } from "../inspection/pieces.ts";

/** What a command has to say. */
export interface CommandReport {
  /** 0 when everything that was asked for is done. */
  readonly exitCode: 0 | 1;
  /** For people; plain text without colour. One that holds a newline stays one line. */
  readonly lines: readonly string[];
  /** The same for programs: printed by `--json`. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** The report as text: its lines, or its data as one JSON document; with a newline at its end, and empty where there is nothing to say. */
export function reportText({ lines, data }: CommandReport, form: "text" | "json"): string {
  if (form === "json") return `${printable(JSON.stringify(data, null, 2))}\n`;
  return lines.map((line) => `${printableLine(line)}\n`).join("");
}

/** How a streamed report is printed: for people, as one JSON document, or as one JSON object a line. */
export type OutputForm = "text" | "json" | "jsonl";

/** What a command has to say when it may be as large as all that is kept: made while it is printed, never held as a whole. */
export interface StreamedReport {
  /** The output in pieces; what the generator returns at its end is the exit status. */
  readonly pieces: (form: OutputForm) => Generator<string, 0 | 1>;
}
