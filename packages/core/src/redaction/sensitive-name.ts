/**
 * Sensitive names: tells from a name alone whether its value is a secret. A name counts by how it
 * ends, since `authToken` holds a token and `tokenCount` does not. It looks at no value.
 */
import { once } from "./once.ts";

/** A name longer than this is judged by its end. */
const MAX_NAME_LENGTH = 128;

/** Keys that are secrets when one of these words comes first: `api_key`, `AccountKey`. A bare `key` mostly is not. */
const KEY_KINDS = "api|access|account|auth|client|encryption|license|master|private|secret|session|shared|signing|ssh|storage|subscription";

/** Compared with the name in lower case and without punctuation. */
const secretName = once(() => new RegExp(
  `(?:pass(?:word|wd|phrase|code)|secret|token|credentials?|(?:${KEY_KINDS})key|authorization|cookie|jwt|pwd)(s?)(?:value|base64|b64|hash)?\\d{0,3}$`,
));

/** Words that count only as a word of their own, since `author`, `monkey` and `bypass` end in them. */
const SHORT_WORD = /(?:^|[_.-])(?:auth|key|otp|pass|sig)\d{0,3}$/;

/**
 * Tells whether a property's name announces a secret: `password`, `DB_PASSWORD`, `accessToken`.
 * `plural` is for names such as `tokens`, which may also be a count.
 */
export function sensitivityOf(name: string): "none" | "singular" | "plural" {
  const match = secretName().exec(lowerEnd(name).replace(/[^a-z0-9]/g, ""));
  if (!match) return "none";
  return match[1] === "s" ? "plural" : "singular";
}

/** As `sensitivityOf`, for flags and assignments: `--key`, `--pass` and `signature=` count too, as in GTB; plurals do not. */
export function isSensitiveFlag(name: string): boolean {
  const end = lowerEnd(name);
  return sensitivityOf(end) === "singular" || SHORT_WORD.test(end) || end.endsWith("signature");
}

/** As `sensitivityOf`, for `name: value` in text; headers that have a form of their own are left to their rules. */
export function isSensitiveLabel(name: string): boolean {
  return sensitivityOf(name) === "singular" && !/(?:authorization|cookie)$/i.test(name);
}

function lowerEnd(name: string): string {
  return name.slice(-MAX_NAME_LENGTH).toLowerCase();
}
