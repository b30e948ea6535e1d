/** JSON from outside: parsed without throwing, and judged before it is used. */

/** The value of a JSON text; undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Torn or foreign content; the caller decides what that means.
    return undefined;
  }
}

/** Whether the value is an object of properties. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
