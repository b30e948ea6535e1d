/** The printing: everything the tour says, in one form. Plain text, no colours, at most 100 columns. */

const WIDTH = 100;

/** Begins a chapter. */
export function heading(title) {
  write(`\n${title}\n${"-".repeat(title.length)}`);
}

/** Prints a paragraph, broken into lines. */
export function tell(text) {
  write("");
  let line = "";
  for (const word of text.trim().split(/\s+/)) {
    if (line && line.length + 1 + word.length > WIDTH) {
      write(line);
      line = "";
    }
    line = line ? `${line} ${word}` : word;
  }
  write(line);
}

/** Prints a command as a person would have typed it, and what it printed. `variables` are those that were set for it. */
export function transcript(args, result, variables = {}) {
  const settings = Object.entries(variables).map(([name, value]) => `${name}=${value} `);
  write(`\n  $ ${settings.join("")}notes ${args.join(" ")}`);
  for (const line of linesOf(result)) write(`    ${shortened(line, WIDTH - 4)}`);
  if (result.exitCode !== 0) write(`    [${statusOf(result)}]`);
}

/** Prints lines that stand apart from the text. */
export function quote(lines) {
  write("");
  for (const line of lines) write(`    ${shortened(line, WIDTH - 4)}`);
}

/** Prints rows of texts in columns as wide as their widest text. The first row is the head. */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const format = (row) => `  ${row.map((text, column) => text.padEnd(widths[column])).join("  ").trimEnd()}`;
  const [head, ...body] = rows;
  write("");
  for (const row of [head, widths.map((width) => "-".repeat(width)), ...body]) write(format(row));
}

/** Milliseconds for people. */
export function milliseconds(value) {
  return `${Math.round(value)} ms`;
}

/** How a process ended, as a shell shows it. */
function statusOf({ exitCode, signal }) {
  return signal === null ? `exit ${exitCode}` : `ended by ${signal}`;
}

function linesOf({ stdout, stderr }) {
  return `${stdout}${stderr}`.split("\n").filter((line) => line.trim() !== "");
}

function shortened(line, width) {
  return line.length > width ? `${line.slice(0, width - 1)}…` : line;
}

function write(line) {
  process.stdout.write(`${line}\n`);
}
