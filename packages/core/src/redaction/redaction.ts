/**
 * Redaction: takes secrets and people out of text before an event is kept. It is total (never throws), idempotent, and
 * linear in the length of the text. It knows no rule itself; they are data in the files beside it. It cannot recognise a
 * secret that neither its name nor its shape gives away.
 */
import { redactArgument, isAnnounced } from "./argument-redaction.ts";
import { type AuthorRules, authorRules, type RedactionRule } from "./author-rules.ts";
import { MASK, REDACTED } from "./masks.ts";
import { once } from "./once.ts";
import { type Person, shapesOf } from "./personal-shapes.ts";
import { withoutRecognised } from "./recognition.ts";
import type { ShapeRule } from "./redaction-rules.ts";
import { hasSign } from "./sign.ts";

/** Takes secrets and people out of what an event is to hold. None of its functions throws. */
export interface Redactor {
  /** The text without what the rules recognise; `<redacted>` when they cannot settle it, "" for anything but a string. */
  readonly text: (text: string) => string;
  /**
   * A command's arguments as one list of the same length: a secret's name and its value may be two elements, as in
   * `--token x`, `Bearer x`, `password: x` or `config set password x`.
   */
  readonly args: (args: readonly string[]) => string[];
  /** A text that its name vouches for, such as an id: only the tool's own rules look at it. */
  readonly vouched: (text: string) => string;
  /**
   * An error's message, without the stack, which names the user's files. A thrown text or number is its own message;
   * anything else has none and answers "".
   */
  readonly error: (error: unknown) => string;
}

export interface RedactorSettings {
  /** The tool's own rules, besides the built-in ones. Default: none. */
  readonly rules?: readonly RedactionRule[];
  /** Asked once, with the first text that holds a path. Default: nobody is known. */
  readonly person?: () => Person;
  /** Told, once a rule, of a rule that had to be given up. */
  readonly report?: (problem: string) => void;
}

/** Passes until the text no longer changes; ordinary text needs one, redacted text two. */
const MAX_PASSES = 8;

const PATH_SIGN = /[\\/]/;

/** Makes a redactor. Compiles nothing and asks nothing until it is used. */
export function createRedactor({ rules = [], person, report }: RedactorSettings = {}): Redactor {
  const own: AuthorRules | undefined = rules.length > 0 ? authorRules(rules, report) : undefined;
  const personRules = once((): readonly ShapeRule[] => {
    try {
      return person ? shapesOf(person()) : [];
    } catch {
      // The user database may not know the user; the places where homes usually lie are still known.
      return [];
    }
  });
  const pass = (text: string): string => {
    const rest = own ? own(text) : text;
    return hasSign(rest) ? withoutRecognised(rest, PATH_SIGN.test(rest) ? personRules() : []) : rest;
  };
  const isSame = (left: string, right: string): boolean => left === right;
  const redactText = (text: string): string => (typeof text === "string" ? settled(text, pass, isSame, REDACTED) : "");
  const passArgs = (list: string[]): string[] =>
    list.map((arg, index) => (isAnnounced(list, index) ? MASK : redactArgument(arg, list[index - 1], redactText)));
  const areSame = (left: string[], right: string[]): boolean => left.every((arg, index) => arg === right[index]);

  return {
    text: redactText,
    args: (args) => settled([...args], passArgs, areSame, args.map(() => REDACTED)),
    vouched: (text) => (own ? settled(text, own, isSame, REDACTED) : text),
    error: (error) => {
      try {
        const message: unknown = typeof error === "object" && error !== null && "message" in error ? error.message : error;
        if (typeof message === "string") return redactText(message);
        return typeof message === "number" || typeof message === "bigint" ? String(message) : "";
      } catch {
        // A thrown thing may be hostile to every question; that it was thrown is all that can be told.
        return REDACTED;
      }
    },
  };
}

/** Repeats `pass` until nothing changes any more, which is what makes redaction idempotent. */
function settled<Value>(
  start: Value,
  pass: (value: Value) => Value,
  same: (left: Value, right: Value) => boolean,
  otherwise: Value,
): Value {
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
