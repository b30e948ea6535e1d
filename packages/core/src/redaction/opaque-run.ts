/** Opaque runs: tells a long run of characters that means nothing to a reader from words written together. */

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

/** Words in a name end at punctuation, or where a capital follows a small letter. */
const BREAK = /[-_/+=]+|(?<=[a-z])(?=[A-Z])/;

/** A word with at most three digits behind it, a number, or a commit's hash. */
const WORD = /^(?:[A-Z]{0,8}[a-z]{0,24}\d{0,3}|[A-Z]{1,24}\d{0,3}|\d{1,14}|\d{8}T\d{4,9}Z?|[0-9a-f]{7,40})$/;

/**
 * `a-branch-with-a-long-name`, `AVeryLongClassName`, `session-<uuid>`: every part is a word, a number or an id. Random letters
 * may break into parts as well, but two of those in a row that have no vowel are no words.
 */
export function isMadeOfWords(run: string): boolean {
  const parts = run.replace(UUID, "").split(BREAK);
  return parts.every((part) => WORD.test(part)) && parts.filter((part) => /[a-z]{3}/.test(part) && !/[aeiouy]/i.test(part)).length < 2;
}

/** A long base64 text, as against a path: it mixes small letters, capitals and digits, and has few slashes. */
export function isOpaqueBase64(run: string): boolean {
  const slashes = run.split("/").length - 1;
  return /[a-z]/.test(run) && /[A-Z]/.test(run) && /\d/.test(run) && slashes * 10 <= run.length && !isMadeOfWords(run);
}
