/** The output: what the tool says to its user. */

/** Prints one line on stdout. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Prints one line on stderr. */
export function complain(line: string): void {
  process.stderr.write(`${line}\n`);
}
