/**
 * The commands: what `telemetry enable`, `disable`, `status`, `inspect`, `flush`, `export`, `info`, `doctor` and `reset` do, apart from any
 * command-line framework. Each answers a report to print; none prints, none records an event of its own.
 */
import type { Collector } from "./collector/collector.ts";
import type { CommandReport } from "./commands/report.ts";
import { type Question, questionFor } from "./consent/question.ts";
import { examine } from "./inspection/doctor.ts";
import { findingLines } from "./inspection/finding.ts";
import { readStatus, statusLines } from "./inspection/status.ts";

export { type AnswerOutcome, type QuestionAnswer, recordAnswer } from "./commands/answer.ts";
export { disable, type DisableOptions, enable, notice, type NoticeOptions } from "./commands/choice.ts";
export { flush, type FlushOptions } from "./commands/delivery.ts";
export { exportData, type ExportOptions } from "./commands/export.ts";
export { inspect, type InspectOptions } from "./commands/inspection.ts";
export { info } from "./commands/information.ts";
export { type CommandReport, type OutputForm, reportText, type StreamedReport } from "./commands/report.ts";
export { reset, type ResetOptions } from "./commands/reset.ts";
export { type EventScope, scopeOf } from "./commands/scope.ts";
export type { Question } from "./consent/question.ts";
export { printableLine } from "./inspection/pieces.ts";

/** Shows what candor decided, why, and what it holds. Writes nothing. */
export function status(collector: Collector): CommandReport {
  const data = readStatus(collector);
  return { exitCode: 0, lines: statusLines(data), data: { ...data } };
}

/** Whether the user may be asked for consent, as far as the machine and the record say. Reads; never asks. */
export function question({ installation }: Collector): Question {
  return questionFor(installation);
}

/** Looks for what keeps telemetry from working, without sending usage data. The exit status is 1 when something failed. */
export async function doctor(collector: Collector): Promise<CommandReport> {
  const findings = await examine(collector);
  const failed = findings.some(({ status: outcome }) => outcome === "fail");
  return { exitCode: failed ? 1 : 0, lines: findingLines(findings), data: { healthy: !failed, findings } };
}
