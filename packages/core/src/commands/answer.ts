/**
 * The answer: records what a person said, by a command or when asked, in candor's record and in the tool's own configuration, and makes it
 * true at once. A yes to a question that somebody else has settled meanwhile is not recorded; a no always is.
 */
import type { Collector } from "../collector/collector.ts";
import type { Installation } from "../collector/installation.ts";
import { type GivenAnswer, readConsent, storeConsent, type StoreOutcome } from "../consent/consent-store.ts";
import { questionFor } from "../consent/question.ts";
import { writeStore } from "../consent/tool-store.ts";
import { withdraw } from "../consent/withdrawal.ts";
import { refuse, refuseInStore, type RefusalOptions } from "./refusal.ts";

/** What a person said when asked, and where. */
export interface QuestionAnswer {
  readonly enabled: boolean;
  readonly givenBy: "prompt" | "init";
}

export type AnswerOutcome =
  /** `problems`: sentences on what could not be done beside it. */
  | { readonly status: "stored"; readonly problems: readonly string[] }
  | { readonly status: "failed"; readonly reason: string }
  /** Somebody else decided while the question was open. */
  | { readonly status: "overtaken"; readonly reason: string };

/**
 * Records the answer to the question for consent. After a yes the collector collects from now on; what it had collected before is
 * discarded. After a no it is as after `disable`.
 */
export async function recordAnswer(collector: Collector, { enabled, givenBy }: QuestionAnswer): Promise<AnswerOutcome> {
  const { installation } = collector;
  if (!enabled) {
    // A no that stands already was given by somebody who knew the switch; it is not made weaker.
    if (isRefused(installation)) return { status: "stored", problems: [] };
    const { stored, problems } = await decline(collector, { givenBy });
    return stored.status === "failed" ? stored : { status: "stored", problems };
  }
  const question = questionFor(installation);
  if (question.status === "settled") return { status: "overtaken", reason: question.reason };
  const agreed = await agree(installation, givenBy);
  if (agreed.status === "failed") return agreed;
  collector.resume();
  return { status: "stored", problems: agreed.problems };
}

function isRefused({ directories, ports }: Installation): boolean {
  const stored = readConsent(directories, ports);
  return stored.status === "answered" && !stored.answer.enabled && stored.answer.givenBy === "command";
}

/** Records a yes. */
export async function agree(
  { config, directories, ports }: Installation,
  givenBy: GivenAnswer["givenBy"],
): Promise<Exclude<AnswerOutcome, { readonly status: "overtaken" }>> {
  const consentVersion = config.consent.version ?? 1;
  const stored = storeConsent({ enabled: true, localOnly: false, consentVersion, givenBy }, directories, ports);
  if (stored.status === "failed") return stored;
  const unwritten = await writeStore(config.consent.store, { enabled: true, answeredAt: new Date(ports.clock.now()).toISOString(), consentVersion, givenBy });
  return { status: "stored", problems: unwritten === undefined ? [] : [`${unwritten}.`] };
}

/** Records a no, stops a running upload and discards everything that has not been sent. */
export async function decline(
  collector: Collector,
  options: RefusalOptions,
): Promise<{ readonly stored: StoreOutcome; readonly discarded: boolean; readonly problems: readonly string[] }> {
  const { installation } = collector;
  const stored = refuse(installation, options);
  collector.drop();
  const withdrawal = await withdraw(installation);
  // Events are not what is left where only their sender could not be stopped.
  const discarded = withdrawal.status === "done" || withdrawal.workDone;
  const problems = [
    ...(stored.status === "failed" ? [`Your choice could not be stored: ${stored.reason}.`] : []),
    ...(await refuseInStore(installation, options)),
    ...(withdrawal.status === "incomplete" ? [`${discarded ? "An upload could not be stopped in time" : "Pending events could not be discarded"}: ${withdrawal.reason}.`] : []),
  ];
  return { stored, discarded, problems };
}
