/**
 * Author's rules: what a tool's author knows to be private and candor cannot, such as a customer's number. They are other
 * people's expressions, run in other people's commands: none of them may throw, hang or grow a text. A text that an author's
 * rule could not be applied to is not shown.
 */

/** A rule of the tool's own. */
export interface RedactionRule {
  /** Names what is found, in lower case: the match becomes `<redacted-<name>>`. */
  readonly name: string;
  /** Every match is taken out. Flags but `g` and `y` count. What must stay visible goes into a lookbehind or lookahead. */
  readonly pattern: RegExp;
}

/** Applies all rules. @throws when one of them cannot be applied to this text. */
export type AuthorRules = (text: string) => string;

/** Longest text that an author's rule is given, in UTF-16 units; events hold no longer ones. */
const MAX_LENGTH = 16_384;

/** Limit of one rule on one text. A sound rule needs microseconds. */
const LIMIT_MS = 100;

/** Up to this length even quadratic time is no time. */
const SHORT_LENGTH = 1_024;

/** A rule that ran out of time so often is not tried again: every further attempt would keep the user waiting. */
const MAX_FAULTS = 3;

/** What stands in place of something already; rules do not look into it, so that nothing grows. */
const MASKS = /(<redacted[a-z0-9-]*>|\*{3})/;

/** Compiles an author's rules. `report` is told of a rule that is given up. */
export function authorRules(rules: readonly RedactionRule[], report: (problem: string) => void = () => undefined): AuthorRules {
  const compiled = rules.map(({ name, pattern: { source, flags } }) => ({
    // Another's object may carry state, or methods of its own.
    pattern: new RegExp(source, `${flags.replace(/[gy]/g, "")}g`),
    mask: `<redacted-${name}>`,
    mayBacktrack: mayBacktrack(source),
    faults: 0,
  }));
  return (text) => {
    if (text.length > MAX_LENGTH) throw new RangeError("the text is too long for the author's rules");
    let result = text;
    for (const rule of compiled) {
      if (rule.faults >= MAX_FAULTS) throw new RangeError("a rule of the author's was given up");
      // Every second part is a mask.
      const parts = result.split(MASKS);
      const apply = (): string => parts.map((part, index) => (index % 2 === 1 ? part : withoutMatches(part, rule))).join("");
      try {
        result = rule.mayBacktrack || result.length > SHORT_LENGTH ? timed(apply) : apply();
      } catch (error) {
        rule.faults += 1;
        if (rule.faults === MAX_FAULTS) report(`redaction rule ${rule.mask} takes over ${LIMIT_MS} ms; texts are recorded as <redacted> instead`);
        throw error;
      }
    }
    return result;
  };
}

function withoutMatches(text: string, { pattern, mask }: { readonly pattern: RegExp; readonly mask: string }): string {
  return text.replace(pattern, (match) => (match === "" ? "" : mask));
}

/**
 * Tells whether an expression may take more than quadratic time. One repetition of one item cannot; anything else is not
 * looked into any further.
 */
function mayBacktrack(source: string): boolean {
  const plain = source.replace(/\\./g, "x").replace(/\[[^\]]*\]/g, "x").replace(/\(\?/g, "(");
  return /\)[*+?{]/.test(plain) || (plain.replace(/\{\d+\}/g, "").match(/[*+?{]/g) ?? []).length > 1;
}

type Timed = { run: () => void };
let room: { readonly context: Timed; readonly start: (options: { timeout: number }) => unknown } | undefined;

/**
 * Runs the work and ends it after `LIMIT_MS`: V8 can interrupt an expression, but only under the clock of `node:vm`.
 *
 * @throws when the time is over.
 */
function timed(work: () => string): string {
  const vm = process.getBuiltinModule("node:vm");
  if (!room) {
    const context: Timed = { run: () => undefined };
    const script = new vm.Script("run()");
    vm.createContext(context);
    room = { context, start: (options) => script.runInContext(context, options) };
  }
  let result: string | undefined;
  const { context } = room;
  context.run = () => {
    result = work();
  };
  try {
    room.start({ timeout: LIMIT_MS });
  } finally {
    context.run = () => undefined;
  }
  if (result === undefined) throw new RangeError("the rule did not end");
  return result;
}
