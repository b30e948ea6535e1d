/**
 * Sensitive names: tells from a name alone whether its value is a secret, or is known to be none. A name counts by how it
 * ends, since `authToken` holds a token and `tokenCount` does not.
 */
import { once } from "./once.ts";

/** A name longer than this is judged by its end. */
const MAX_NAME_LENGTH = 128;

/** Keys that are secrets when one of these words comes first: `api_key`, `AccountKey`. A bare `key` mostly is not. */
const KEY_KINDS =
  "api|access|account|admin|app(?:lication)?|auth|client|deploy|encryption|hmac|license|master|pass|private|secret|service|session|" +
  "shared|signing|ssh|storage|subscription|write";

/** Whose `pass` is a password without a separator before it: `storepass` (Java's keytool), `dbpass`. */
const PASS_KINDS = "admin|db|ftp|key|mail|mysql|pg|proxy|redis|root|smtp|ssh|store|sudo|user";

/** One of these is in every name that announces a secret; looking for them costs less than compiling the expression below. */
const SECRET_WORDS = ["pass", "secret", "token", "credential", "key", "authorization", "cookie", "jwt", "pwd", "bearer", "mnemonic", "seedphrase"];

/** Compared with the name in lower case and without punctuation. */
const secretName = once(() => {
  const words = `pass(?:word|wd|phrase|code)|(?:${PASS_KINDS})pass|secret|token|credentials?|(?:${KEY_KINDS})key|authorization|cookie|jwt|pwd`;
  return new RegExp(`(?:${words}|bearer|mnemonic|seedphrase)(s?)(?:value|base64|b64|hash)?\\d{0,3}$`);
});

/** Words that count only as a word of their own, since `author`, `monkey` and `bypass` end in them. */
const SHORT_WORD = /(?:^|[_.-])(?:auth|key|otp|pass|pat|sig)\d{0,3}$/;

/** Keys that open nothing: `--sort-key`, `primary_key=`. */
const HARMLESS_KEY = /(?:^|[_.-])(?:cache|foreign|group|index|object|partition|primary|public|row|sort)[_.-]?keys?$/;

/** A switch that turns something off has no value: `--no-password`. */
const SWITCHED_OFF = /^(?:no|without|skip|disable)-/;

/** Names whose value may be an identifier or a digest. */
const IDENTIFIER_NAME = /(?:id|sha\d{0,3}|hash|digest|checksum|fingerprint|commit|revision)$/i;
const IDENTIFIER = /^(?:[0-9a-f]{7,128}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;
const VERSION_NAME = /version$/i;
const VERSION = /^v?\d{1,9}(?:\.\d{1,9}){1,4}$/;

/**
 * Tells whether a property's name announces a secret: `password`, `DB_PASSWORD`, `accessToken`.
 * `plural` is for names such as `tokens`, which may also be a count.
 */
export function sensitivityOf(name: string): Sensitivity {
  const known = judged.get(name);
  if (known !== undefined) return known;
  const sensitivity = judge(name);
  if (judged.size < MAX_REMEMBERED && name.length <= MAX_NAME_LENGTH) judged.set(name, sensitivity);
  return sensitivity;
}

type Sensitivity = "none" | "singular" | "plural";

/** The same few names come with every event. */
const judged = new Map<string, Sensitivity>();
const MAX_REMEMBERED = 512;

function judge(name: string): Sensitivity {
  const end = lowerEnd(name);
  const letters = end.replace(/[^a-z0-9]/g, "");
  if (!SECRET_WORDS.some((word) => letters.includes(word))) return "none";
  const match = secretName().exec(letters);
  if (!match || HARMLESS_KEY.test(end)) return "none";
  return match[1] === "s" ? "plural" : "singular";
}

/** As `sensitivityOf`, for flags and assignments: `--key`, `--pass` and `signature=` count too, as in GTB; plurals do not. */
export function isSensitiveFlag(name: string): boolean {
  const end = lowerEnd(name);
  if (SWITCHED_OFF.test(end) || HARMLESS_KEY.test(end)) return false;
  return sensitivityOf(end) === "singular" || SHORT_WORD.test(end) || end.endsWith("signature");
}

/** As `sensitivityOf`, for `name: value` in text; headers that have a form of their own are left to their rules. */
export function isSensitiveLabel(name: string): boolean {
  return sensitivityOf(name) === "singular" && !/(?:authorization|cookie)$/i.test(name);
}

/**
 * Tells whether a name vouches for a value that would otherwise look like a secret or an address: `device_id` for a long
 * hexadecimal text, `app_version` for `1.2.3.4`. Any other value under such a name is not vouched for.
 */
export function vouchesFor(name: string, value: string): boolean {
  const end = name.slice(-MAX_NAME_LENGTH);
  return (IDENTIFIER_NAME.test(end) && IDENTIFIER.test(value)) || (VERSION_NAME.test(end) && VERSION.test(value));
}

function lowerEnd(name: string): string {
  return name.slice(-MAX_NAME_LENGTH).toLowerCase();
}
