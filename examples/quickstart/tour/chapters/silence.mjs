/** Chapter 6: the receiver takes requests and never answers. It leaves an upload hanging, for the last chapter. */
import { heading, milliseconds, quote, tell } from "../printing.mjs";
import { waitUntil } from "@candor/testing";

/** The uploader gives up after 5 s; a command that waited with it would take that long. */
const ALLOWED_MS = 1_500;

export async function chapterSilence({ run, data, checks, receiver }) {
  heading("6. The receiver never answers");
  tell("It accepts the connection and reads the request, and that is all. The uploader waits, in the background; the command does not.");
  const before = receiver.requestCount();
  receiver.fallSilent();
  const result = await run(["list"]);
  await waitUntil("the request has arrived", () => receiver.requestCount() > before);
  const waiting = data.spooledEvents().length;
  quote([`notes list: exit ${result.exitCode}, ${milliseconds(result.durationMs)}. The request is still unanswered; ${waiting} event is kept.`]);
  checks.that("receiver silent: the command succeeds", result.exitCode === 0);
  checks.that("receiver silent: the command is not held up", result.durationMs < ALLOWED_MS, milliseconds(result.durationMs));
  checks.that("receiver silent: the event is kept until it is acknowledged", waiting === 1, `${waiting} events`);
}
