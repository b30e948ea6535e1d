/**
 * The failure: what telemetry may know of something thrown. Its type names a kind of error and never holds what the error says;
 * the message is for extended collection alone. Reading it never throws, whatever was thrown.
 */

export interface Failure {
  /** The error's own words, as they are; the collector keeps them only under extended collection, redacted. */
  readonly message: string;
  /** The error's `name` or its class, `string` and the like for what is no object; absent where neither reads as a name. */
  readonly type?: string;
}

/** A name of a program's text. What is longer, or holds anything else, may be somebody's data. */
const TYPE_NAME = /^[A-Za-z_$][\w$.]{0,63}$/;

/** Describes what was thrown. */
export function failureOf(thrown: unknown): Failure {
  const type = typeOf(thrown);
  return { message: messageOf(thrown), ...(type === undefined ? undefined : { type }) };
}

/** The words of what was thrown; "" where it cannot be read. */
export function messageOf(thrown: unknown): string {
  try {
    return String(typeof thrown === "object" && thrown !== null && "message" in thrown ? thrown.message : thrown);
  } catch {
    // What was thrown refuses to be read; an error in here would replace the tool's own.
    return "";
  }
}

function typeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== "object" || thrown === null) return thrown === null ? "null" : typeof thrown;
  const name = read(() => Reflect.get(thrown, "name"));
  const className = read(() => Reflect.get(Object(thrown.constructor), "name"));
  // A class that extends Error without setting a name has `Error` as its name, which tells less than the class.
  return name === "Error" || name === undefined ? (className ?? name) : name;
}

function read(question: () => unknown): string | undefined {
  try {
    const answer = question();
    return typeof answer === "string" && TYPE_NAME.test(answer) ? answer : undefined;
  } catch {
    // As for the message.
    return undefined;
  }
}
