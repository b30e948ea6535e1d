/**
 * The pieces: output that may be as large as the spool, made one entry at a time. It knows nothing of what the entries mean, and lets no
 * character through that a terminal would obey.
 */

const ENTRIES = Symbol("entries");

interface Entries {
  readonly [ENTRIES]: Iterable<unknown>;
}

/** A member whose value is a list that is made while it is printed. */
export function entries(items: Iterable<unknown>): Entries {
  return { [ENTRIES]: items };
}

/** One JSON document in pieces; put together, they are what `JSON.stringify(…, null, 2)` would print, with a newline at the end. */
export function* documentPieces(members: Iterable<readonly [name: string, value: unknown]>): Generator<string> {
  let before = "{";
  for (const [name, value] of members) {
    if (value === undefined) continue;
    yield `${before}\n  ${JSON.stringify(name)}: `;
    before = ",";
    if (isEntries(value)) yield* listPieces(value[ENTRIES]);
    else yield indented(value, 2);
  }
  yield before === "{" ? "{}\n" : "\n}\n";
}

/** JSON as people read it, every line after the first moved in by `depth` spaces. */
export function indented(value: unknown, depth: number): string {
  return printable(JSON.stringify(value, undefined, 2)).replaceAll("\n", `\n${" ".repeat(depth)}`);
}

/** JSON in one line. */
export function inOneLine(value: unknown): string {
  return `${printable(JSON.stringify(value))}\n`;
}

/**
 * The same text with everything escaped, as JSON escapes, that a terminal obeys or that changes how a line reads: what is shown was
 * collected from command lines and may have been put there for whoever looks.
 */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what is looked for
  return text.replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, escaped);
}

/** As `printable`, for what has to stay one line: a newline in it would begin a line that candor did not write. */
export function printableLine(text: string): string {
  return printable(text).replaceAll("\n", escaped("\n"));
}

function* listPieces(items: Iterable<unknown>): Generator<string> {
  let before = "[";
  for (const item of items) {
    yield `${before}\n    ${indented(item, 4)}`;
    before = ",";
  }
  yield before === "[" ? "[]" : "\n  ]";
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function isEntries(value: unknown): value is Entries {
  return typeof value === "object" && value !== null && ENTRIES in value;
}
