/**
 * The redaction rules, as data: what announces a secret, and what stands in its place. Secrets known by their shape are in
 * `credential-shapes`, people in `personal-shapes`. Rules run in the order written; `hint` is a cheap sign without which a
 * rule cannot apply, and neighbours that share one ask it once. Every expression is linear in the text: nothing unbounded
 * begins where an unbounded scan may already have begun. A command that redacts nothing compiles none of them.
 */
import { MASK, REDACTED } from "./masks.ts";
import { once } from "./once.ts";
import { isSensitiveFlag, isSensitiveLabel } from "./sensitive-name.ts";

/** A secret known by its shape. */
export interface ShapeRule {
  readonly name: string;
  readonly hint: RegExp;
  readonly pattern: RegExp;
  /** As for `String.prototype.replace`. */
  readonly replace: string | ((match: string, ...groups: (string | undefined)[]) => string);
}

/** A secret known by the name before it. */
export interface AnnouncedRule {
  readonly name: string;
  readonly hint: RegExp;
  /** Finds a name (group 1) and what separates it from its value. Global. */
  readonly sign: RegExp;
  readonly announces: (name: string) => boolean;
  /** The value, right after the sign; group 1 is a part to keep. Sticky. */
  readonly value: RegExp;
  readonly mask: (value: string, kept: string) => string;
}

/** The closing quote of a name, which may itself stand in escaped JSON. */
const QUOTE = "(?:\\\\{0,3}[\"'])?";
/** A quoted value up to its closing quote; an unclosed one reaches to the end of the text. */
const QUOTED = `"[\\s\\S]*?(?:(?<!\\\\)"|$)|'[\\s\\S]*?(?:(?<!\\\\)'|$)`;
/** A value inside escaped JSON: `\"…\"`. */
const ESCAPED = `\\\\{1,3}"[^"]*(?:"|$)|\\\\{1,3}'[^']*(?:'|$)`;
/** Where a quote was never closed, the next one opens a name, which has a value of its own. */
const NEXT_NAME = `[\\w.-]{1,128}\\\\{0,3}["'][ \\t]{0,8}[:=]`;
/** A value: what is glued to a closing quote belongs to it, unless it is the punctuation of JSON. */
const VALUE = `(?:${ESCAPED}|${QUOTED})(?:(?!${NEXT_NAME})[^\\s,;)}\\]]+)?|\\S+`;
const SCHEMES = "bearer|basic|digest|apikey|negotiate|token";
/** A scheme belongs to the credential that follows it. */
const SCHEME = `(?:(?:${SCHEMES})[ \\t]+(?![-&])){0,2}`;

/** Keeps the quotes of a value, so that JSON stays JSON. */
function maskQuoted(value: string): string {
  const quote = /^\\{0,3}["']/.exec(value)?.[0] ?? "";
  return `${quote}${MASK}${quote}`;
}

const URL_SIGN = /:\/\//;

/** Secrets that carry no name, in places that end clearly; they go first, because names may stand inside them. */
export const enclosedRules = once((): readonly ShapeRule[] => [
  {
    name: "private key block",
    hint: /-----BEGIN/,
    pattern: /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g,
    replace: "<redacted-private-key>",
  },
  {
    name: "URL user and password",
    hint: URL_SIGN,
    // A password may hold `@`, and an unescaped `/` when its URL is the very thing an error complains about.
    pattern: /:\/\/[^\s/:@]*:(?:[^\s/]*|(?!\d{1,5}\/)[^\s@]{0,128})@/g,
    replace: `://${REDACTED}@`,
  },
  { name: "URL token", hint: URL_SIGN, pattern: /:\/\/[^\s/?#"'`,;()]+@/g, replace: `://${REDACTED}@` },
  {
    // As in `user:p$ss@tcp(db:3306)/x`, `admin:x@proxy:8080` and `jdbc:oracle:thin:scott/tiger@db`.
    name: "user and password before a host",
    hint: /@/,
    pattern: new RegExp(
      `(?<![\\w@./+-])(?!(?:npm|workspace|mailto|file|git|npx|jsr|sip|acct|xmpp):)` +
        `(jdbc:oracle:\\w{1,10}:)?[\\w.+-]{1,64}[:/][^\\s@/:"'\`<>]{1,128}@(?!sha\\d)` +
        `(?=[a-z][\\w.-]{0,253}(?:\\(|:\\d|\\.[a-z]{2})|localhost\\b|\\[|(?:\\d{1,3}\\.){3}\\d)`,
      "gi",
    ),
    replace: (match, oracle) => (oracle === undefined && !match.includes(":") ? match : `${oracle ?? ""}${REDACTED}@`),
  },
]);

/** Any of the words that a name must hold to announce something; the hint of most rules below. */
const ANNOUNCER = /auth|bearer|cookie|credential|jwt|key|mnemonic|otp|pass|pat(?!h)|phrase|pwd|secret|sig|token/i;
const AUTHORIZATION = /authorization/i;
const always = (): boolean => true;

export const announcedRules = once((): readonly AnnouncedRule[] => [
  {
    name: "authorization header with a scheme",
    hint: AUTHORIZATION,
    sign: new RegExp(`(authorization)${QUOTE}\\s{0,8}:\\s{0,8}${QUOTE}(?:${SCHEMES})\\s{1,8}(?:(?:bearer|basic)\\s{1,8}){0,2}`, "gi"),
    announces: always,
    value: /\w{1,20}=["'][^\r\n]*|[^\s"',;)\]}]+/y,
    mask: (value) => (value.endsWith(":") ? `${MASK}:` : MASK),
  },
  {
    name: "authorization header without a scheme",
    hint: AUTHORIZATION,
    sign: new RegExp(`(authorization)${QUOTE}[ \\t]{0,8}:[ \\t]{0,8}${QUOTE}(?!\\\\|\\*{3}|<redacted|(?:${SCHEMES})\\s)`, "gi"),
    announces: always,
    value: /[^\s"',;]+/y,
    mask: () => MASK,
  },
  {
    name: "assignment",
    hint: ANNOUNCER,
    sign: new RegExp(`(?<![\\w.-])([\\w.-]+)${QUOTE}\\]?(?:=|%3D)(?=[^\\s&])`, "gi"),
    announces: isSensitiveFlag,
    value: new RegExp(`${SCHEME}(?:(?:${QUOTED})(?:(?!${NEXT_NAME})[^&\\s]+)?|[^&\\s]+)`, "iy"),
    mask: () => MASK,
  },
  {
    name: "labelled value",
    hint: ANNOUNCER,
    sign: new RegExp(
      `(?<![\\w.-])([\\w.-]+)${QUOTE}(?:[ \\t]{0,8}:[ \\t]{0,8}|[ \\t]{1,8}(?::=|=>|={1,3})[ \\t]{0,8}|=[ \\t]{1,8})(?![\\s=:])`,
      "g",
    ),
    announces: isSensitiveLabel,
    value: new RegExp(`${SCHEME}(${VALUE})`, "iy"),
    mask: (_value, kept) => maskQuoted(kept),
  },
  {
    name: "flag and value",
    hint: ANNOUNCER,
    sign: /(?<![\w-])--?(\w[\w.-]{0,63})[ \t]+(?!\s|--|-[A-Za-z](?:\s|$))/g,
    announces: isSensitiveFlag,
    value: new RegExp(`${SCHEME}(${VALUE})`, "iy"),
    mask: (_value, kept) => maskQuoted(kept),
  },
  {
    name: "element",
    hint: ANNOUNCER,
    sign: /<(?!redacted)([A-Za-z][\w.-]{0,127})>(?=[^<\s])/g,
    announces: isSensitiveLabel,
    value: /[^<]+(?=<\/)/y,
    mask: () => MASK,
  },
  {
    name: "user and password flag",
    hint: /-u/,
    sign: /(?<![\w-])(-u|--(?:proxy-)?user)[ \t=]{1,8}["']?(?!\d+:\d+|\w+:\/\/|\*{3}|\+)(?=[^\s:/"']{0,64}["']?:)/g,
    announces: always,
    value: /(?:[^\s"']|["'](?=:)|(?<=:)["'])+/y,
    mask: () => MASK,
  },
  {
    name: "cookie header",
    hint: /cookie/i,
    sign: new RegExp(`(?<![a-z])((?:set-)?cookie)${QUOTE}[ \\t]{0,8}:[ \\t]{0,8}${QUOTE}`, "gi"),
    announces: always,
    value: /[^\s"'][^\r\n"']*/y,
    mask: () => MASK,
  },
]);

/**
 * A name with its separator where a value should be: in `bad token: password: x` the secret is `x`,
 * and masking `password:` would lose that sign. Groups: the dashes, the name, the separator.
 */
export const nameAsValue = once(
  () => new RegExp(`${SCHEME}${QUOTE}(-{0,2})([\\w.-]+)${QUOTE}([ \\t]{0,8}(?:[:=](?:[ \\t]|\\\\{0,3}["'])|:=|=>|:$)|[ \\t])`, "iy"),
);
