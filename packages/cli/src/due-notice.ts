/**
 * The due notice: under the opt-out model a person is told before anything is collected. It goes to stderr, only to a terminal, once;
 * what nobody could read does not count as shown.
 */
import type { Collector } from "@candor/core";

/** Shows the notice, if it is due and a person can see it. */
export function showDueNotice(collector: Collector): void {
  const { config, consent } = collector.installation;
  if (config.consent.model === "opt-out" && process.stderr.isTTY && consent().noticeDue) void show(collector);
}

async function show(collector: Collector): Promise<void> {
  try {
    const { notice } = await import("@candor/core/commands");
    const { lines } = notice(collector);
    if (lines.length > 0) process.stderr.write(`${lines.join("\n")}\n`);
  } catch (error) {
    // What was not shown is due again the next time.
    collector.installation.logger.debug("the notice could not be shown", { error: String(error) });
  }
}
