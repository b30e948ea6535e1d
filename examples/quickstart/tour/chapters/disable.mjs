/** Chapter 7: the user says no, in the middle of an upload, and has everything deleted. */
import { heading, milliseconds, quote, tell, transcript } from "../printing.mjs";

/** `disable` stops an upload within a fraction of this; one that outlasts it has not been stopped. */
const ALLOWED_MS = 2_000;

export async function chapterDisable({ run, status, data, quiet, checks, receiver }) {
  heading("7. Saying no");
  tell("The upload of chapter 6 still hangs. When `disable` returns it has been stopped, and what waited is gone.");
  const disabled = await run(["telemetry", "disable"]);
  transcript(["telemetry", "disable"], disabled);
  const stopped = data.uploaderLock().released;
  const spooled = data.spooledEvents().length;
  receiver.answerAgain();
  const before = { requests: receiver.requestCount(), uploads: data.uploaderLock().generation };

  for (const args of [["list"], ["check"], ["search", "lemon"]]) await run(args);
  await quiet();
  const after = { requests: receiver.requestCount(), uploads: data.uploaderLock().generation };
  quote([
    `The command took ${milliseconds(disabled.durationMs)}.`,
    `Three commands later: ${after.uploads - before.uploads} uploads, ${after.requests - before.requests} requests at the receiver, ${data.spooledEvents().length} events on disk.`,
  ]);
  checks.that("disable: it says so and returns at once", disabled.exitCode === 0 && disabled.durationMs < ALLOWED_MS, milliseconds(disabled.durationMs));
  checks.that("disable: the upload under way is stopped, the spool is empty", stopped && spooled === 0, `${spooled} events`);
  checks.that("disable: later commands send nothing", after.requests === before.requests && after.uploads === before.uploads, JSON.stringify({ before, after }));
  checks.that("disable: later commands leave nothing on disk", data.spooledEvents().length === 0);

  tell("`reset` deletes what is kept here and asks the receiver to delete what it has. It says what became of that request.");
  const reset = await run(["telemetry", "reset"]);
  transcript(["telemetry", "reset"], reset);
  const request = receiver.events().at(-1);
  quote([`At the receiver: ${request.type}, machine id ${request.machine_id}`]);
  checks.that("reset: it says what it did", reset.exitCode === 0 && /Deletion request sent/.test(reset.stdout) && /cleared/.test(reset.stdout), reset.stdout);
  const one = receiver.requestCount() === after.requests + 1 && request.type === "data.deletion_request";
  checks.that("reset: the deletion request has arrived, and nothing else", one, JSON.stringify(request));
  checks.that("reset: telemetry is off", (await status()).enabled === false);
}
