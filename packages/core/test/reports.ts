/** Streamed reports as tests read them: the pieces put together, and the exit status. */
import type { CommandReport, OutputForm, StreamedReport } from "../src/commands/report.ts";

export interface Collected {
  readonly text: string;
  readonly exitCode: 0 | 1;
  /** Length of the longest piece. */
  readonly longest: number;
}

/** Everything a streamed report has to say. */
export function collect(report: StreamedReport | CommandReport, form: OutputForm = "json"): Collected {
  if (!("pieces" in report)) throw new Error(`not streamed: ${report.lines.join(" ")}`);
  const pieces = report.pieces(form);
  let text = "";
  let longest = 0;
  for (;;) {
    const next = pieces.next();
    if (next.done) return { text, exitCode: next.value, longest };
    text += next.value;
    longest = Math.max(longest, next.value.length);
  }
}

/** The JSON document of a streamed report. */
export function documentOf(report: StreamedReport | CommandReport): unknown {
  return JSON.parse(collect(report).text);
}
