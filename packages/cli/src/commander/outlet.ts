/**
 * The outlet: passes a long answer on to the program's output as fast as it is taken. A reader that has seen enough and leaves, as in
 * `notes telemetry inspect | head`, ends the answer and is no error.
 */

/** Whoever reads this process's output; there is one for all outlets. */
const reader = { watched: false, gone: false };

/** Answers a function that writes a piece, and answers false when nobody reads any more. */
export function createOutlet(writeOut: (text: string) => void): (text: string) => Promise<boolean> {
  return async (text) => {
    watchReader();
    writeOut(text);
    if (process.stdout.writableNeedDrain && !reader.gone) await drained(process.stdout);
    return !reader.gone;
  };
}

/** The listener stays: the reader may go while the last piece is on its way, and Node.js would end the tool with an uncaught error. */
function watchReader(): void {
  if (reader.watched) return;
  reader.watched = true;
  process.stdout.on("error", () => {
    reader.gone = true;
  });
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  const ends = ["drain", "error", "close"] as const;
  return new Promise((resolve) => {
    const done = (): void => {
      for (const end of ends) stream.removeListener(end, done);
      resolve();
    };
    for (const end of ends) stream.on(end, done);
  });
}
