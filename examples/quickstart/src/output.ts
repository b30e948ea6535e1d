/** The output: what the tool says to its user, on stdout. */

/** Prints one line. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
