/**
 * Bounded text: makes any string fit for an event. Redacting comes before cutting, so that a cut never
 * leaves half a secret, which has no shape to know it by. It knows no rule of redaction itself.
 */

/** What is read of a huge text at all, in UTF-16 units; redaction takes time in its length. */
const READ_LENGTH = 16_384;

/**
 * Answers the text redacted, without lone surrogates, and cut with `…` to `maxLength` UTF-16 units. Of
 * a text over 16 KiB only the start is read, up to its last space; without any space, nothing.
 *
 * @throws what `redactText` throws.
 */
export function boundedText(text: string, maxLength: number, redactText: (text: string) => string): string {
  return cut(redactText(readable(text)), maxLength);
}

/** What is read of a text at all, without lone surrogates: all of it up to 16 KiB, else the start up to its last space, and `…`. */
export function readable(text: string): string {
  if (text.length <= READ_LENGTH) return wellFormed(text);
  const head = text.slice(0, READ_LENGTH);
  let end = READ_LENGTH;
  // A search for the last space from the front would begin a scan at each.
  while (end > 0 && !/\s/.test(head.charAt(end - 1))) end -= 1;
  return `${wellFormed(head.slice(0, Math.max(0, end - 1)))}…`;
}

/** Answers the text without lone surrogates, cut with `…` to `maxLength` UTF-16 units. */
export function shortened(text: string, maxLength: number): string {
  return cut(wellFormed(text), maxLength);
}

function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const kept = text.slice(0, maxLength - 1);
  // Half of a character outside the basic plane goes with its other half.
  return `${/[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept}…`;
}

function wellFormed(text: string): string {
  return text.isWellFormed() ? text : text.toWellFormed();
}
