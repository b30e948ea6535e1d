/**
 * The tour: shows, with a small real tool, what candor does and what it leaves alone. Every claim is checked while it is shown;
 * the exit status is 1 when one did not hold.
 */
import { chapterCommands } from "./chapters/commands.mjs";
import { chapterDisable } from "./chapters/disable.mjs";
import { chapterEnable } from "./chapters/enable.mjs";
import { chapterLocal } from "./chapters/local.mjs";
import { chapterOff } from "./chapters/off.mjs";
import { chapterOutage } from "./chapters/outage.mjs";
import { chapterSilence } from "./chapters/silence.mjs";
import { tell } from "./printing.mjs";
import { withStage } from "./stage.mjs";

const CHAPTERS = [chapterOff, chapterEnable, chapterCommands, chapterLocal, chapterOutage, chapterSilence, chapterDisable];

const startedAtMs = performance.now();

await withStage(async (stage) => {
  tell(`This is candor's tour. Its tool is "notes", which keeps notes as Markdown files (examples/quickstart/src). It runs here in
    a home directory made for the tour, and sends to a receiver on this machine, ${stage.receiver.url}.`);
  try {
    for (const chapter of CHAPTERS) await chapter(stage);
  } catch (error) {
    stage.checks.that("the tour reaches its end", false, error.message);
  }
  const failed = stage.checks.summarise();
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  tell(`${failed === 0 ? "Everything held." : `${failed} did not hold.`} The tour took ${seconds} s.`);
  if (failed > 0) process.exitCode = 1;
});
