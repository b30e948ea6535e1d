/** Chapter 5: the receiver is down for a while. */
import { heading, milliseconds, quote, tell, transcript } from "../printing.mjs";
import { waitUntil } from "@candor/testing";

/** A connection that is waited for would cost seconds. */
const ALLOWED_MS = 1_500;

const COMMANDS = [["list"], ["search", "lemon"], ["tag", "add", "Groceries", "urgent"]];

export async function chapterOutage({ run, status, data, quiet, checks, receiver }) {
  heading("5. The receiver is down");
  tell("Commands go on as if nothing were the matter. Their events wait on disk, and the status says so.");
  const before = receiver.events().length;
  await receiver.goDown();
  const results = [];
  for (const args of COMMANDS) results.push(await run(args));
  quote(COMMANDS.map((args, index) => `notes ${args.join(" ")}: exit ${results[index].exitCode}, ${milliseconds(results[index].durationMs)}`));

  // An upload moves files while they are read: what counts is the moment at which all are seen.
  const waiting = await waitUntil("every event waits in the spool", () => {
    const ids = new Set(data.spooledEvents().map(({ id }) => id));
    return ids.size === COMMANDS.length && ids;
  });
  const pending = (await status()).pending.events;
  transcript(["telemetry", "status"], await run(["telemetry", "status"]));

  tell("The receiver comes back on the same port. The uploader, which tries again after 1, 2 and 4 seconds, delivers what waits.");
  await receiver.comeBack();
  const backAtMs = performance.now();
  await waitUntil("every event has arrived", () => receiver.events().length >= before + COMMANDS.length, 15_000);
  await quiet();
  const arrived = receiver.events().slice(before).map(({ id }) => id);
  quote([`${arrived.length} events arrived ${milliseconds(performance.now() - backAtMs)} later; ${data.spooledEvents().length} wait.`]);

  const slowest = Math.max(...results.map(({ durationMs }) => durationMs));
  checks.that("receiver down: the commands succeed", results.every(({ exitCode }) => exitCode === 0));
  checks.that("receiver down: the commands are not held up", slowest < ALLOWED_MS, milliseconds(slowest));
  checks.that("receiver down: the status shows what waits", pending === COMMANDS.length, `${pending} pending`);
  checks.that("receiver back: nothing is lost", [...waiting].every((id) => arrived.includes(id)), `${arrived.length} of ${waiting.size}`);
  checks.that("receiver back: nothing is doubled", new Set(arrived).size === arrived.length && arrived.length === waiting.size, arrived.join(" "));
}
