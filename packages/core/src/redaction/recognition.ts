/**
 * Recognition: applies the built-in rules to a text in which one of them might find something. Most of what events hold has no sign of
 * any of them, and never gets here.
 */
import { credentialShapes } from "./credential-shapes.ts";
import { personalShapes } from "./personal-shapes.ts";
import { announcedRules, type AnnouncedRule, enclosedRules, nameAsValue, type ShapeRule } from "./redaction-rules.ts";
import { isSensitiveFlag } from "./sensitive-name.ts";

/** The text without what the rules recognise, in one pass; `known` are the shapes of what is known of the user, which go first. */
export function withoutRecognised(text: string, known: readonly ShapeRule[]): string {
  const unnamed = applyAll(enclosedRules(), applyAll(known, text, applyShape), applyShape);
  const named = applyAll(announcedRules(), unnamed, applyAnnounced);
  return applyAll(personalShapes(), applyAll(credentialShapes(), named, applyShape), applyShape);
}

/** Neighbours that share a hint ask it once; what an earlier one's mask might have added to it the next pass sees. */
function applyAll<Rule extends { readonly hint: RegExp }>(
  rules: readonly Rule[],
  text: string,
  apply: (text: string, rule: Rule) => string,
): string {
  let result = text;
  let [asked, isHinted]: [RegExp | undefined, boolean] = [undefined, false];
  for (const rule of rules) {
    if (rule.hint !== asked) {
      asked = rule.hint;
      isHinted = asked.test(result);
    }
    if (isHinted) result = apply(result, rule);
  }
  return result;
}

function applyShape(text: string, { pattern, replace }: ShapeRule): string {
  // The two overloads of `replace` do not take the union.
  return typeof replace === "string" ? text.replace(pattern, replace) : text.replace(pattern, replace);
}

function applyAnnounced(text: string, { sign, announces, value, mask }: AnnouncedRule): string {
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
