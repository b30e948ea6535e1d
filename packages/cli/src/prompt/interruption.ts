/**
 * The interruption: a Ctrl-C that the prompt took from the terminal is passed on as the signal it would have been, so that the tool ends,
 * or goes on, as it does for any other Ctrl-C.
 */
import { signalStatus } from "../exit.ts";

/** POSIX: 128 and the number of SIGINT, 2. */
const INTERRUPTED_STATUS = 130;

/** Raises SIGINT. Resolves only in a tool that handles the signal, once its handlers have run. */
export async function interrupt(): Promise<void> {
  if (process.platform !== "win32") process.kill(process.pid, "SIGINT");
  // There a signal to oneself ends the process past every handler.
  else if (process.listenerCount("SIGINT") > 0) process.emit("SIGINT");
  else process.exit(signalStatus("SIGINT") ?? INTERRUPTED_STATUS);
  // Handlers run when the event loop next looks for signals: between the first of these and the second at the latest.
  await turn();
  await turn();
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
