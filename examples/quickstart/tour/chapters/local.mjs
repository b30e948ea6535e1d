/** Chapter 4: events for the user's eyes only. */
import { eventsIn } from "../data-directory.mjs";
import { heading, quote, tell, transcript } from "../printing.mjs";
import { waitUntil } from "@candor/testing";

const LOCAL = { NOTES_TELEMETRY: "local" };

export async function chapterLocal({ run, data, quiet, checks, receiver }) {
  heading("4. Keeping events on this machine");
  tell("NOTES_TELEMETRY=local writes events to a log file instead of sending them, for whoever wants to see what there would be to send.");
  const before = receiver.requestCount();
  const args = ["list", "--tag", "books"];
  transcript(args, await run(args, LOCAL), LOCAL);
  const [event] = await waitUntil("the local log holds an event", () => {
    const events = eventsIn(data.localLog);
    return events.length > 0 && events;
  });
  await quiet();
  quote([data.localLog, ...JSON.stringify(event, undefined, 2).split("\n")]);
  checks.that("local: the event stands in the log file", event.name === "notes list", JSON.stringify(event));
  checks.that("local: the receiver got nothing", receiver.requestCount() === before, `${receiver.requestCount() - before} requests`);
}
