/**
 * Redaction: takes secrets and people out of text before an event is kept. It is total (never
 * throws), idempotent, and linear in the length of the text. It knows no rule itself; they are data
 * in `redaction-rules`. It cannot recognise a secret that neither its name nor its shape gives away.
 */
import {
  announcedRules,
  type AnnouncedRule,
  ENCLOSED_RULES,
  MASK,
  nameAsValue,
  REDACTED,
  shapeRules,
  type ShapeRule,
} from "./redaction-rules.ts";
import { isSensitiveFlag } from "./sensitive-name.ts";

/** Passes until the text no longer changes; ordinary text needs one, redacted text two. */
const MAX_PASSES = 8;

/** An argument that is an option, so that the flag before it has no value. */
const OPTION = /^--[A-Za-z][\w.-]*(?:=|$)|^-[A-Za-z]$|^--$/;
const ASSIGNMENT = /^(-{0,2}([\w.-]{1,128}))=/;
const HEADER = /^((?:[\w-]{1,64}=["']?)?([\w-]{1,64}):\s*)(?=\S)/;
const AUTHORIZATION = /^((?:[\w.-]{1,64}=["']?)?(?:proxy-)?authorization:\s*)((?:bearer|basic|digest|apikey|negotiate|token)\s+)?\S/i;
const SCHEME = /^(?:bearer|basic|digest|apikey|negotiate)$/i;
/** Verbs whose next two words are a name and its value: `config set password x`. */
const SETTERS = new Set(["set", "add", "put", "store"]);

/**
 * Answers the text without what the rules recognise. A text the rules cannot settle is answered as
 * `<redacted>` altogether, and anything but a string as "".
 */
export function redact(text: string): string {
  return typeof text === "string" ? settled(text, applyRules, (left, right) => left === right, REDACTED) : "";
}

/**
 * Redacts a command's arguments as one list: a secret's name and its value may be two elements, as in
 * `--token x`, `Bearer x`, `password: x` or `config set password x`. Short flags such as `-p` mean
 * something else in every tool and announce nothing.
 */
export function redactArguments(args: readonly string[]): string[] {
  const pass = (list: string[]): string[] => list.map((arg, index) => (isAnnounced(list, index) ? MASK : redactArgument(arg)));
  const same = (left: string[], right: string[]): boolean => left.every((arg, index) => arg === right[index]);
  return settled([...args], pass, same, args.map(() => REDACTED));
}

/**
 * Redacts an error for an event: its message, without the stack, which names the user's files. A
 * thrown text or number is its own message; anything else has none and answers "".
 */
export function redactError(error: unknown): string {
  try {
    const message: unknown = typeof error === "object" && error !== null && "message" in error ? error.message : error;
    if (typeof message === "string") return redact(message);
    return typeof message === "number" || typeof message === "bigint" ? String(message) : "";
  } catch {
    // A thrown thing may be hostile to every question; that it was thrown is all that can be told.
    return REDACTED;
  }
}

/** Repeats `pass` until nothing changes any more, which is what makes redaction idempotent. */
function settled<Value>(start: Value, pass: (value: Value) => Value, same: (left: Value, right: Value) => boolean, otherwise: Value): Value {
  try {
    let current = start;
    for (let count = 0; count < MAX_PASSES; count += 1) {
      const next = pass(current);
      if (same(next, current)) return current;
      current = next;
    }
  } catch {
    // The regular expression engine can run out of stack on huge input; showing nothing is safe.
    return otherwise;
  }
  return otherwise;
}

function applyRules(text: string): string {
  const outside = ENCLOSED_RULES.reduce(applyShape, text);
  const named = announcedRules().reduce(applyAnnounced, outside);
  return shapeRules().reduce(applyShape, named);
}

function applyShape(text: string, { hint, pattern, replace }: ShapeRule): string {
  if (hint && !hint.test(text)) return text;
  // The two overloads of `replace` do not take the union.
  return typeof replace === "string" ? text.replace(pattern, replace) : text.replace(pattern, replace);
}

function applyAnnounced(text: string, { hint, sign, announces, value, mask }: AnnouncedRule): string {
  if (!hint.test(text)) return text;
  let result = "";
  let copied = 0;
  sign.lastIndex = 0;
  for (let found = sign.exec(text); found; found = sign.exec(text)) {
    const start = sign.lastIndex;
    if (!announces(found[1] ?? "") || isName(text, start)) continue;
    value.lastIndex = start;
    const secret = value.exec(text);
    if (!secret) continue;
    result += text.slice(copied, start) + mask(secret[0], secret[1] ?? "");
    copied = value.lastIndex;
    sign.lastIndex = copied;
  }
  return result + text.slice(copied);
}

/** Tells whether the value at `start` is the name of another secret, which the search then finds by itself. */
function isName(text: string, start: number): boolean {
  const pattern = nameAsValue();
  pattern.lastIndex = start;
  const [, dashes = "", name = "", separator = ""] = pattern.exec(text) ?? [];
  return (separator.trim() !== "" || dashes !== "") && isSensitiveFlag(name);
}

/** An argument ends where its value ends, so that a value with spaces goes as a whole. */
function redactArgument(arg: string): string {
  if (typeof arg !== "string") return "";
  const assignment = ASSIGNMENT.exec(arg);
  if (assignment?.[2] !== undefined && isSensitiveFlag(assignment[2])) return `${redact(assignment[1] ?? "")}=${MASK}`;
  const authorization = AUTHORIZATION.exec(arg);
  if (authorization) return `${authorization[1] ?? ""}${authorization[2] ?? ""}${MASK}`;
  const header = HEADER.exec(arg);
  if (header?.[2] !== undefined && isSensitiveFlag(header[2])) return `${header[1] ?? ""}${MASK}`;
  return redact(arg);
}

/** Tells whether the arguments before `index` say that a secret stands there. */
function isAnnounced(args: readonly string[], index: number): boolean {
  const [verb, name, value] = [args[index - 2], args[index - 1], args[index]];
  if (typeof name !== "string" || typeof value !== "string" || value === "" || OPTION.test(value)) return false;
  if (/^--?[A-Za-z][\w.-]*$/.test(name)) return name.length > 2 && isSensitiveFlag(name);
  if (SCHEME.test(name)) return true;
  if (/^-{0,2}[\w.-]{1,128}[:=]$/.test(name)) return isSensitiveFlag(name.slice(0, -1)) && !SCHEME.test(value);
  return verb !== undefined && SETTERS.has(verb) && isSensitiveFlag(name) && /^[\w.-]+$/.test(name);
}
