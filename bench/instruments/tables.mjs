/** The tables: figures as Markdown, the same in the terminal, in results.md and in the README. */

/** A Markdown table; every column but the first is aligned to the right. */
export function markdownTable(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => String(cell ?? "").replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}

/** Milliseconds, with as many places as they bear; seconds where they are many. */
export function ms(value) {
  if (value === undefined || value === null) return "";
  if (Math.abs(value) >= 1_000) return `${(value / 1_000).toFixed(1)} s`;
  return value.toFixed(Math.abs(value) >= 100 ? 0 : 1);
}

/** As `ms`, with its sign. */
export function signedMs(value) {
  return value < 0 ? ms(value) : `+${ms(value)}`;
}

/** The quartiles of a summary. */
export function spread({ low, high }) {
  return `${ms(low)} to ${ms(high)}`;
}

/** A whole number with separators. */
export function count(value) {
  return value === undefined || value === null ? "" : Math.round(value).toLocaleString("en-US");
}
