/**
 * The due notice: under the opt-out model a person is told before anything is collected. It goes to stderr, only to a terminal, once for
 * each version of the consent text; what nobody could read does not count as shown.
 */
import type { Collector } from "@candor/core";

/** What an adapter knows about the notice's words; what is undefined is candor's to say. */
interface NoticeWords {
  readonly lines: readonly string[] | undefined;
  readonly telemetryCommand: string | undefined;
}

/** Shows the notice, if it is due and a person can see it. `words` are asked for only then. */
export function showDueNotice(collector: Collector, words: () => NoticeWords): void {
  if (process.stderr.isTTY && collector.due.notice) void show(collector, words);
}

async function show(collector: Collector, words: () => NoticeWords): Promise<void> {
  try {
    const [{ notice }, { isAgent }] = await Promise.all([import("@candor/core/commands"), import("./prompt/prompt-rules.ts")]);
    if (isAgent(collector.installation.ports.host.environment)) return;
    const { lines: own, telemetryCommand } = words();
    const { lines } = notice(collector, { ...(own ? { lines: own } : {}), ...(telemetryCommand === undefined ? {} : { telemetryCommand }) });
    if (lines.length > 0) process.stderr.write(`${lines.join("\n")}\n`);
  } catch (error) {
    // What was not shown is due again the next time.
    collector.installation.logger.debug("the notice could not be shown", { error: String(error) });
  }
}
