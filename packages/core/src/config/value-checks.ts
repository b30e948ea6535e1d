/**
 * The value checks: what a single option's value may be, whichever option it is. Each reports in one sentence how to mend it, and never
 * repeats the value.
 */

export type Report = (option: string, problem: string) => void;

const MAX_TEXT_LENGTH = 2_048;

/** Deeper option values are cyclic or a mistake. */
const MAX_OPTION_DEPTH = 8;

// oxlint-disable-next-line no-control-regex -- control characters are exactly what is looked for
export const CONTROL = /[\u0000-\u001f\u007f]/;

/** What keeps a value from going to another process as it is, or from being sent as a header. */
export function problemIn(value: unknown, depth = 0): string | undefined {
  if (value === null || value === undefined || typeof value === "boolean") return undefined;
  if (typeof value === "string") {
    if (CONTROL.test(value)) return "remove the control characters";
    return value.length > MAX_TEXT_LENGTH ? `make it at most ${MAX_TEXT_LENGTH} characters` : undefined;
  }
  if (typeof value === "number" && Number.isFinite(value)) return undefined;
  if (depth < MAX_OPTION_DEPTH && (Array.isArray(value) || isPlainObject(value))) {
    for (const inner of Object.values(value)) {
      const problem = problemIn(inner, depth + 1);
      if (problem) return problem;
    }
    return undefined;
  }
  return "use only what JSON can hold; another process builds the backend. Or pass a live backend";
}

function isPlainObject(value: unknown): value is object {
  if (!isObject(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function checkText(option: string, value: unknown, report: Report): void {
  if (typeof value !== "string" || value === "") report(option, "give a text that is not empty");
  else if (value.length > MAX_TEXT_LENGTH) report(option, `make it at most ${MAX_TEXT_LENGTH} characters`);
  else if (CONTROL.test(value)) report(option, "remove the control characters");
}

export function checkBoolean(option: string, value: unknown, report: Report): void {
  if (value !== undefined && typeof value !== "boolean") report(option, "give true or false");
}

export function checkChoice(option: string, value: unknown, choices: readonly string[], report: Report): void {
  if (value !== undefined && !choices.includes(value as string)) report(option, `choose one of ${choices.join(", ")}`);
}

export function checkWhole(option: string, value: unknown, least: number, most: number, report: Report): void {
  if (value === undefined) return;
  if (!Number.isSafeInteger(value) || Number(value) < least || Number(value) > most) {
    report(option, `give a whole number from ${least} to ${most}`);
  }
}

/** Reports every name that nobody reads; a typing error would otherwise lose what it was meant for in silence. */
export function checkNames(place: string, given: Readonly<Record<string, unknown>>, known: readonly string[], report: Report): void {
  for (const name of Object.keys(given)) {
    if (!known.includes(name)) report(place === "" ? name : `${place}.${name}`, `leave it out, or write one of ${known.join(", ")}`);
  }
}
