/** Reading options: a backend's option checked for what any backend may ask of one, with errors that name the field and the fix. */
import { CandorError } from "./errors.ts";

/** They say what the body is, which is not a matter of configuration: a body announced as another one is refused, and its events with it. */
const BODY_HEADERS: ReadonlySet<string> = new Set(["content-type", "content-encoding"]);

/** PATH_MAX of Linux. */
const MAX_PATH_LENGTH = 4_096;

/** The longest a timer of Node.js runs. */
const MAX_TIMEOUT_MS = 2_147_483_647;

/** The error for a field that cannot be used; `problem` goes on from its name: `must be true or false`. */
export function invalidOption(field: string, problem: string): CandorError {
  return new CandorError("ERR_CANDOR_CONFIG", `${field} ${problem}`);
}

/**
 * Refuses an option that the backend does not have: a misspelt one must not pass unnoticed. `known` is typed so that it names every
 * option there is. @throws CandorError `ERR_CANDOR_CONFIG` naming `<field>.<option>`.
 */
export function refuseUnknown<Options extends object>(options: Options, known: Readonly<Record<keyof NoInfer<Options>, true>>, field = "backend"): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (unknown === undefined) return;
  const names = Object.keys(known);
  throw invalidOption(`${field}.${unknown}`, `is not an option; ${names.length > 0 ? `the options are ${names.join(", ")}` : "there is none"}`);
}

/** @throws CandorError `ERR_CANDOR_CONFIG` naming `backend.<option>` for anything but true, false and nothing. */
export function readFlag(option: string, value: unknown, otherwise: boolean): boolean {
  if (value === undefined) return otherwise;
  if (typeof value !== "boolean") throw invalidOption(`backend.${option}`, "must be true or false");
  return value;
}

/** A whole number from 1 to `most`. @throws CandorError `ERR_CANDOR_CONFIG` naming `backend.<option>` for any other. */
export function readWhole(option: string, value: unknown, otherwise: number, most: number): number {
  if (value === undefined) return otherwise;
  if (isWhole(value, most)) return value;
  throw invalidOption(`backend.${option}`, `must be a whole number from 1 to ${most}`);
}

/**
 * The option `path`: absolute, because the uploader does not run in the directory the tool was started in.
 *
 * @param otherwise Where the file lies when the option is left out, for the fix: `telemetry.log in the data directory`.
 * @throws CandorError `ERR_CANDOR_CONFIG` for a relative path, one over 4,096 characters, and one with control characters.
 */
export function readPath(path: unknown, otherwise: string): string {
  const refusal = (problem: string): CandorError => invalidOption("backend.path", `${problem}; give an absolute path, or leave it out for ${otherwise}`);
  if (typeof path !== "string" || !process.getBuiltinModule("node:path").isAbsolute(path)) throw refusal("must be an absolute path");
  if (path.length > MAX_PATH_LENGTH) throw refusal(`is longer than ${MAX_PATH_LENGTH} characters`);
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(path)) throw refusal("holds a control character");
  return path;
}

/** The option `timeoutMs`, in milliseconds. @throws CandorError `ERR_CANDOR_CONFIG` for what no timer can wait. */
export function readTimeout(value: unknown, otherwise: number): number {
  if (value === undefined || value === null) return otherwise;
  if (isWhole(value, MAX_TIMEOUT_MS)) return value;
  throw invalidOption("backend.timeoutMs", `must be a whole number of milliseconds from 1 to ${MAX_TIMEOUT_MS}`);
}

/**
 * The option `headers`: what HTTP can carry, without the headers that say what the body is.
 *
 * @throws CandorError `ERR_CANDOR_CONFIG` naming the header, never its value.
 */
export function readHeaders(headers: unknown): Readonly<Record<string, string>> {
  if (headers === undefined) return {};
  if (!isRecord(headers)) throw invalidOption("backend.headers", "must be an object of names and values");
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const field = `backend.headers ${JSON.stringify(name)}`;
      if (!/^[\w!#$%&'*+\-.^`|~]+$/.test(name)) throw invalidOption(field, "is not a header name: use letters, digits and hyphens");
      if (BODY_HEADERS.has(name.toLowerCase())) throw invalidOption(field, "is set by the backend itself: leave it out");
      if (typeof value !== "string" || !/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(value)) {
        throw invalidOption(field, "has a value that HTTP does not allow: give text of one line");
      }
      return [name, value];
    }),
  );
}

/** Whether a value is an object of names and values. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isWhole(value: unknown, most: number): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 1 && value <= most;
}
