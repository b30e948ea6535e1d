/** A background task that leaves word of itself beside its module's options: that it began, with what, and why it ended. */
import { writeFileSync } from "node:fs";

/** @param {{ notes: string, forever?: boolean }} options */
export default async function leaveWord(options, { toolName, toolVersion, signal }) {
  const note = (name, text) => writeFileSync(`${options.notes}/${name}`, text);
  note("began", JSON.stringify({ options, toolName, toolVersion }));
  if (!options.forever) return note("finished", "");
  // Keeps the process as a request without an answer would.
  const pulse = setInterval(() => undefined, 1_000);
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  clearInterval(pulse);
  note("stopped", "");
}
