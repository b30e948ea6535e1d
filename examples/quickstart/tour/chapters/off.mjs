/** Chapter 1: telemetry is off until the user says yes. */
import { heading, quote, tell, transcript } from "../printing.mjs";

export async function chapterOff({ run, checks, receiver, homeContents }) {
  heading("1. Off by default");
  tell("Nobody has said yes yet. Commands run, and candor leaves no trace: no file, no identifier, no request.");
  const results = [];
  for (const args of [["list"], ["search", "lemon"], ["telemetry", "status"]]) {
    const result = await run(args);
    transcript(args, result);
    results.push(result);
  }
  const contents = homeContents();
  quote([`Files below the home directory: ${contents.length === 0 ? "none" : contents.join(", ")}`, `Requests at the receiver: ${receiver.requestCount()}`]);
  checks.that("off by default: the commands work", results.every(({ exitCode }) => exitCode === 0));
  checks.that("off by default: nothing is written below the home directory", contents.length === 0, contents.join(", "));
  checks.that("off by default: nothing is sent", receiver.requestCount() === 0, `${receiver.requestCount()} requests`);
}
