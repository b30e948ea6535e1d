/**
 * Asking: puts the question for consent to a person, if one is there and nobody has decided, and records the answer. It writes to standard
 * error alone, and records nothing but an explicit yes or no.
 */
import type { Collector } from "@candor/core";
import { printableLine, question, recordAnswer, scopeOf } from "@candor/core/commands";
import type { AskOptions, AskOutcome } from "../ask-for-consent.ts";
import { messageOf } from "../failure.ts";
import type { DialogOptions, DialogResult } from "./dialog.ts";
import { interrupt } from "./interruption.ts";
import { datarobotText, gtbText, type PromptSubject, type PromptText } from "./prompt-text.ts";
import { obstacleTo, type PromptSituation } from "./prompt-rules.ts";
import { situationOf } from "./terminal.ts";

/** Long enough to read it all and to look something up; a terminal without a person must not hold a tool for ever. */
const TIMEOUT_MS = 120_000;

/** The person at the other end. */
export interface Respondent {
  readonly situation: PromptSituation;
  readonly converse: (text: PromptText, options: DialogOptions) => Promise<DialogResult>;
  /** Tells them something on standard error. */
  readonly tell: (line: string) => void;
  /** Passes on a Ctrl-C of theirs; resolves where the tool goes on nevertheless. */
  readonly interrupt: () => Promise<void>;
}

/** Asks the person at this process's terminal; `words` are the user's, where they are not those of the process. */
export async function askHere(collector: Collector, options: AskOptions, words?: readonly string[]): Promise<AskOutcome> {
  return ask(collector, options, {
    situation: situationOf(collector, words),
    converse: async (text, settings) => (await import("./dialog.ts")).converse(text, settings),
    tell: (line) => void process.stderr.write(`${printableLine(line)}\n`),
    interrupt,
  });
}

/** Asks, where it is allowed and of use. Never rejects. */
export async function ask(collector: Collector, options: AskOptions, respondent: Respondent): Promise<AskOutcome> {
  const { installation } = collector;
  const outcome = await askOnce(collector, options, respondent).catch((error: unknown): AskOutcome => ({ status: "failed", reason: messageOf(error) }));
  if (outcome.status !== "answered") {
    const reason = "reason" in outcome ? outcome.reason : "Ctrl-C";
    installation.logger.debug("telemetry consent prompt skipped", { status: outcome.status, reason });
  }
  return outcome;
}

async function askOnce(collector: Collector, options: AskOptions, { situation, converse, tell, interrupt: passOn }: Respondent): Promise<AskOutcome> {
  const { config } = collector.installation;
  const { skip = false, timeoutMs = TIMEOUT_MS, givenBy = "init" } = options;
  const obstacle = skip ? "the tool's author says so" : obstacleTo(situation);
  if (obstacle !== undefined) return { status: "not-asked", reason: obstacle };
  const asked = question(collector);
  if (asked.status === "settled") return { status: "not-asked", reason: asked.reason };

  // A default yes needs an author who has chosen to collect without a yes.
  const said = await converse(textFor(collector, options), { standard: config.consent.model === "opt-out", timeoutMs });
  if (said.status === "interrupted") {
    await passOn();
    return said;
  }
  if (said.status === "skipped") return said;
  const recorded = await recordAnswer(collector, { enabled: said.enabled, givenBy });
  switch (recorded.status) {
    case "stored":
      for (const problem of recorded.problems) tell(problem);
      return { status: "answered", enabled: said.enabled };
    case "failed":
      tell(`Your answer could not be stored: ${recorded.reason}.`);
      return recorded;
    case "overtaken":
      tell(`Your answer was not stored: ${recorded.reason}.`);
      return { status: "not-asked", reason: recorded.reason };
  }
}

function textFor(collector: Collector, { text, product, telemetryCommand, example, learnMore }: AskOptions): PromptText {
  if (typeof text === "object") return text;
  const { tool, consent } = collector.installation.config;
  const subject: PromptSubject = { tool, product: product ?? `${tool} CLI`, telemetryCommand: telemetryCommand ?? `${tool} telemetry`, scope: scopeOf(collector), example, learnMore };
  const style = text ?? (consent.model === "opt-out" ? "datarobot" : "gtb");
  return style === "datarobot" ? datarobotText(subject) : gtbText(subject);
}
