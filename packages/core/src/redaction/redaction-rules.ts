/**
 * The redaction rules, as data: what announces a secret, what a secret looks like by itself, and what
 * stands in its place. Rules run in the order written; `hint` is a cheap sign without which a rule
 * cannot apply, so that ordinary text does not pay for compiling it; and a command that redacts
 * nothing does not pay for the table. Every expression is linear in
 * the text: nothing unbounded begins where an unbounded scan may already have begun. It applies
 * nothing; `redaction` does. Names that announce secrets are the business of `sensitive-name`.
 */
import { once } from "./once.ts";
import { isSensitiveFlag, isSensitiveLabel } from "./sensitive-name.ts";

/** A secret known by its shape. */
export interface ShapeRule {
  readonly name: string;
  readonly hint?: RegExp;
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

/** Stands in place of a secret whose name or prefix stays readable. */
export const MASK = "***";

/** Stands in place of a value that cannot be shown at all. */
export const REDACTED = "<redacted>";

const TOKEN_MASK = "<redacted-token>";

/** The closing quote of a name, which may itself stand in escaped JSON. */
const QUOTE = "(?:\\\\{0,3}[\"'])?";
/** A quoted value up to its closing quote; an unclosed one reaches to the end of the text. */
const QUOTED = `"[\\s\\S]*?(?:(?<!\\\\)"|$)|'[\\s\\S]*?(?:(?<!\\\\)'|$)`;
/** A value inside escaped JSON: `\"…\"`. */
const ESCAPED = `\\\\{1,3}"[^"]*(?:"|$)|\\\\{1,3}'[^']*(?:'|$)`;
/** A value: what is glued to a closing quote belongs to it, unless it is the punctuation of JSON. */
const VALUE = `(?:${ESCAPED}|${QUOTED})[^\\s,;)}\\]]*|\\S+`;
const SCHEMES = "bearer|basic|digest|apikey|negotiate|token";
/** A scheme belongs to the credential that follows it. */
const SCHEME = `(?:(?:${SCHEMES})[ \\t]+(?![-&])){0,2}`;

/** Prefixes that vendors put on credentials, and the shortest body that makes one. */
const PREFIXES: readonly (readonly [prefixes: string, body: string])[] = [
  ["sk-|gl(?:pat|rt|dt|cbt|ptt|ft|soat|oas|agent|imt|ffct)-|pypi-|hv[sb]\\.", "[\\w-]{16,}"],
  ["github_pat_", "[A-Za-z0-9_]{30,}"],
  ["gh[opsur]_|npm_|hf_|do[op]_v1_|shp(?:at|ca|pa|ss)_|ph[cx]_|lin_api_|figd_", "[A-Za-z0-9]{30,}"],
  ["xox[a-z]-|xapp-|xwfp-", "[A-Za-z0-9-]{10,}"],
  ["AIza|ya29\\.", "[\\w-]{30,}"],
  ["AKIA|ASIA", "[A-Z0-9]{16,}"],
  ["[srp]k_(?:live|test)_|whsec_", "[A-Za-z0-9]{10,}"],
  ["SG\\.", "[\\w-]{16,}\\.[\\w-]{16,}"],
  ["AGE-SECRET-KEY-", "[A-Z0-9]{30,}"],
];
const alreadyMasked = once(() => new RegExp(`^(?:(?:${PREFIXES.map(([prefixes]) => prefixes).join("|")})?\\*{3}|<redacted[a-z-]*>)[.:!?]*$`));

/** Words of prose that follow `bearer` and are no credential. */
const BEARER_PROSE = /^(?:auth\w*|credentials?|format|header|of|schemes?|tokens?|type)[.:!?]?$/i;

function maskScheme(match: string, scheme = "", space = "", value = ""): string {
  if (alreadyMasked().test(value) || BEARER_PROSE.test(value)) return match;
  return `${scheme}${space}${/^[\w-]{41,}$/.test(value) ? TOKEN_MASK : MASK}`;
}

/** Keeps the quotes of a value, so that JSON stays JSON. */
function maskQuoted(value: string): string {
  const quote = /^\\{0,3}["']/.exec(value)?.[0] ?? "";
  return `${quote}${MASK}${quote}`;
}

/** Secrets that carry no name, in places that end clearly; they go first, because names may stand inside them. */
export const ENCLOSED_RULES: readonly ShapeRule[] = [
  {
    name: "private key block",
    hint: /-----BEGIN/,
    pattern: /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g,
    replace: "<redacted-private-key>",
  },
  {
    name: "URL user and password",
    hint: /:\/\//,
    // A password may hold `@`, and an unescaped `/` when its URL is the very thing an error complains about.
    pattern: /:\/\/[^\s/:@]*:(?:[^\s/]*|(?!\d{1,5}\/)[^\s@]{0,128})@/g,
    replace: `://${REDACTED}@`,
  },
  { name: "URL token", hint: /:\/\//, pattern: /:\/\/[^\s/?#"'`,;()]+@/g, replace: `://${REDACTED}@` },
];

/** Any of the words that a name must hold to announce something; the hint of all rules below. */
const ANNOUNCER = /auth|cookie|credential|jwt|key|otp|pass|pwd|secret|sig|token/i;
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
    sign: new RegExp(`(?<![\\w.-])([\\w.-]+)${QUOTE}\\]?=(?=[^\\s&])`, "g"),
    announces: isSensitiveFlag,
    value: new RegExp(`${SCHEME}(?:(?:${QUOTED})[^&\\s]*|[^&\\s]+)`, "iy"),
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
    sign: /(?<![\w-])--?(\w[\w.-]*)[ \t]+(?!\s|--|-[A-Za-z](?:\s|$))/g,
    announces: isSensitiveFlag,
    value: new RegExp(`${SCHEME}(${VALUE})`, "iy"),
    mask: (_value, kept) => maskQuoted(kept),
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
export const nameAsValue = once(() => new RegExp(`${SCHEME}${QUOTE}(-{0,2})([\\w.-]+)${QUOTE}([ \\t]{0,8}(?:[:=](?:[ \\t]|\\\\{0,3}["'])|:=|=>|:$)|[ \\t])`, "iy"));

/** Secrets and people known by their shape alone. What GTB recognises is answered as GTB answers it. */
export const shapeRules = once((): readonly ShapeRule[] => [
  { name: "JSON web token", hint: /eyJ/, pattern: /(?<![\w-])eyJ[\w-]+\.[\w-]*\.[\w-]*(?:\.[\w-]+){0,2}/g, replace: TOKEN_MASK },
  ...PREFIXES.map(([prefixes, body]) => ({
    name: `prefix ${prefixes}`,
    hint: /[\w.-]{14}/,
    pattern: new RegExp(`(?<![A-Za-z0-9])(${prefixes})${body}`, "g"),
    replace: `$1${MASK}`,
  })),
  { name: "bearer token", hint: /bearer/i, pattern: /\b(bearer)([ \t]+)(?!(?:bearer|basic)\s)([^\s"',;)\]}]{4,})/gi, replace: maskScheme },
  {
    name: "basic credentials",
    hint: /basic/i,
    pattern: /\b([Bb]asic|BASIC)([ \t]+)([A-Za-z0-9+/_-]{6,}={0,2})/g,
    // A capital inside the word, a digit or padding tells base64 from prose such as "basic example".
    replace: (match, scheme, space, value = "") => (/\d|=|[a-z][A-Z]/.test(value) ? maskScheme(match, scheme, space, value) : match),
  },
  { name: "long opaque run", hint: /[\w-]{41}/, pattern: /\b[\w-]{41,}\b/g, replace: TOKEN_MASK },
  {
    name: "e-mail address",
    hint: /@|%40/,
    // Not the `git@` of a repository's address, nor the `name@1.2.3` of a package.
    pattern: /(?<![\p{L}\p{N}._+-])(?!git@)[\p{L}\p{N}._+-]+(?:@|%40)(?!\d+\.\d)[\p{L}\p{N}.-]+\.\p{L}{2,}/gu,
    replace: "<redacted-email>",
  },
  {
    name: "home directory",
    hint: /\/(?:home|Users)\//,
    pattern: /(?<![\w.~@\]-])(?<!:\/)(?:\/(?:var|usr|export|mnt\/[a-z]|[a-z]))?\/(?:home|Users)\/+[^\s/\\:"'`<>|,;)\]}]+/g,
    replace: "~",
  },
  {
    name: "Windows home directory",
    hint: /[\\/]users[\\/]/i,
    // A name may hold spaces where a further folder shows that it is still the path.
    pattern: /\b[A-Za-z]:[\\/]{1,4}Users[\\/]{1,4}(?:[^\\/:*?"<>|\r\n]{1,64}(?=[\\/])|[^\s\\/:*?"'<>|,;)\]}]+)/gi,
    replace: "~",
  },
]);
