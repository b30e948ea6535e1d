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

/** One of these is in every name that announces a secret; looking for them costs a short command less than an expression's first use. */
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

/** One of these is in every name of which the next expression holds. */
const IDENTIFIER_WORDS = ["id", "sha", "hash", "digest", "checksum", "fingerprint", "commit", "revision"];

/** Names whose value may be an identifier or a digest. */
const IDENTIFIER_NAME = /(?:id|sha\d{0,3}|hash|digest|checksum|fingerprint|commit|revision)$/;
const IDENTIFIER = /^(?:[0-9a-f]{7,128}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;
const VERSION = /^v?\d{1,9}(?:\.\d{1,9}){1,4}$/;

/**
 * Tells whether a property's name announces a secret: `password`, `DB_PASSWORD`, `accessToken`.
 * `plural` is for names such as `tokens`, which may also be a count.
 */
export const sensitivityOf = remembered((name): "none" | "singular" | "plural" => {
  const end = lowerEnd(name);
  const letters = lettersOf(end);
  if (!SECRET_WORDS.some((word) => letters.includes(word))) return "none";
  const match = secretName().exec(letters);
  if (!match || HARMLESS_KEY.test(end)) return "none";
  return match[1] === "s" ? "plural" : "singular";
});

const MAX_REMEMBERED = 512;

/** The same few names come with every event, so what is judged of one is kept. */
function remembered<Judgement>(judge: (name: string) => Judgement): (name: string) => Judgement {
  const judged = new Map<string, Judgement>();
  return (name) => {
    if (judged.has(name)) return judged.get(name) as Judgement;
    const judgement = judge(name);
    if (judged.size < MAX_REMEMBERED && name.length <= MAX_NAME_LENGTH) judged.set(name, judgement);
    return judgement;
  };
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
  return shapeUnder(name)?.test(value) === true;
}

/** What a value may look like under this name. No name ends in words of both kinds. */
const shapeUnder = remembered((name): RegExp | undefined => {
  const end = lowerEnd(name);
  if (end.endsWith("version")) return VERSION;
  return IDENTIFIER_WORDS.some((word) => end.includes(word)) && IDENTIFIER_NAME.test(end) ? IDENTIFIER : undefined;
});

/** A name in lower case without what is no letter and no digit. */
function lettersOf(name: string): string {
  let letters = "";
  for (const character of name) if ((character >= "a" && character <= "z") || (character >= "0" && character <= "9")) letters += character;
  return letters;
}

function lowerEnd(name: string): string {
  return name.slice(-MAX_NAME_LENGTH).toLowerCase();
}
