/**
 * The outlet: passes an answer on to the program's output as fast as it is taken, and finds out whether it arrived. A reader that has seen
 * enough and leaves, as in `notes telemetry inspect | head`, ends the answer and is no error; an output that refuses it is one.
 */

export interface Outlet {
  /** Writes a piece. False when no more of the answer is taken. */
  write(text: string): Promise<boolean>;
  /** To be called after the last piece. Answers why the answer is not complete; undefined also where its reader left. */
  end(): Promise<string | undefined>;
}

/** How systems say that nobody reads a pipe any more; EOF is what Windows says. */
const DEPARTURES: ReadonlySet<string> = new Set(["EPIPE", "EOF"]);

/** This process's standard output; there is one for all outlets. */
const output: { watched: boolean; fault: string | undefined } = { watched: false, fault: undefined };

/** Makes the outlet of one answer. From here on nothing that happens to standard output or standard error ends the tool. */
export function createOutlet(writeOut: (text: string) => void): Outlet {
  watch();
  output.fault = undefined;
  let held = "";

  const isTaken = (): boolean => output.fault === undefined;
  const pass = (text: string): void => {
    if (text !== "" && isTaken()) writeOut(text);
  };

  return {
    async write(text) {
      const whole = held + text;
      // Node.js drops what a full disk does not take of a write, and only the write after it fails: the last newline is that one.
      held = whole.endsWith("\n") ? "\n" : "";
      pass(whole.slice(0, whole.length - held.length));
      if (process.stdout.writableNeedDrain && isTaken()) await drained(process.stdout);
      return isTaken();
    },
    async end() {
      // A fault of the pieces before is told a turn later.
      await settled(process.stdout);
      pass(held);
      await settled(process.stdout);
      const { fault } = output;
      return fault === undefined || DEPARTURES.has(fault) ? undefined : `standard output cannot be written (${fault})`;
    },
  };
}

/** The listeners stay: a fault may be told while the last piece is on its way, and Node.js would end the tool with an uncaught error. */
function watch(): void {
  if (output.watched) return;
  output.watched = true;
  process.stdout.on("error", ({ code, message }: NodeJS.ErrnoException) => {
    output.fault ??= code ?? message;
  });
  // Whoever reads both is gone from both, and nobody is left who could be told.
  process.stderr.on("error", () => undefined);
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

/** Resolves when the system has taken or refused all that was written, and listeners have heard of it. */
async function settled(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.writableLength > 0) await new Promise<void>((resolve) => void stream.write("", () => resolve()));
  await new Promise((resolve) => void setImmediate(resolve));
}
