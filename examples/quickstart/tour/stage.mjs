/**
 * The stage: where the tour plays. A home of its own, a directory with notes, a receiver, and the tool. Nothing of the
 * reader's own home or environment is seen or touched; closing the stage leaves nothing behind.
 */
import { readdirSync } from "node:fs";
import { temporaryHome, waitUntil } from "@candor/testing";
import { createChecks } from "./checks.mjs";
import { openDataDirectory } from "./data-directory.mjs";
import { openReceiver } from "./receiver.mjs";
import { assertBuilt, openTool } from "./tool.mjs";

/** What the notes directory holds at first: two notes, and a file that is none. */
const NOTES = {
  "notes/groceries.md": "# Groceries\n\nTags: home\n\nBread, milk, a lemon.\n",
  "notes/reading-list.md": "# Reading list\n\nTags: books\n\nThe Left Hand of Darkness\n",
  "notes/scribble.md": "no heading here\n",
};

/** Plays on a stage: calls `play` with it, and clears it away whatever happens, also when the reader presses Ctrl-C. */
export async function withStage(play) {
  assertBuilt();
  const home = temporaryHome();
  const desk = temporaryHome(NOTES);
  const receiver = await openReceiver();
  const environment = {
    ...home.environment,
    NOTES_TELEMETRY_ENDPOINT: receiver.url,
    // A person's machine uploads at most every ten seconds; a tour has no time for that.
    NOTES_UPLOAD_INTERVAL_MS: "0",
  };
  const place = { environment, cwd: desk.path };
  const tool = openTool(place);
  let data;
  const quiet = () => waitUntil("no upload is under way", () => data.uploaderLock().released);

  let cleared;
  const clear = () => (cleared ??= clearAway());

  async function clearAway() {
    tool.close();
    try {
      // Ends an upload that may be under way, too.
      await openTool(place).run(["telemetry", "disable"]);
      if (data) await quiet();
    } finally {
      await receiver.close();
      desk.dispose();
      home.dispose();
    }
  }
  const leave = () => {
    const end = () => process.exit(1);
    clear().then(end, end);
  };

  process.once("SIGINT", leave);
  process.once("SIGTERM", leave);
  try {
    data = openDataDirectory((await tool.status()).dataDirectory);
    await play({
      ...tool,
      receiver,
      data,
      quiet,
      checks: createChecks(),
      /** Everything below the home, directories included. */
      homeContents: () => readdirSync(home.path, { recursive: true }).sort((a, b) => (a < b ? -1 : 1)),
    });
  } finally {
    process.removeListener("SIGINT", leave);
    process.removeListener("SIGTERM", leave);
    await clear();
  }
}
