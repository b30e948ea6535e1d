/**
 * The events of DataRobot's technical specification: their names and the properties they may carry. Pure and total. Names and
 * counts only: no value of a flag, no argument, no error message passes through here (section 7.1).
 */

/** Every event name of section 6.2.4, in its order. */
export const dataRobotEvents = [
  "command_started",
  "command_completed",
  "command_failed",
  "auth_login_started",
  "auth_login_succeeded",
  "auth_login_failed",
  "auth_logout",
  "auth_set_url",
  "template_list",
  "template_clone",
  "template_setup",
  "dotenv_setup",
  "dotenv_edit",
  "dotenv_validate",
  "task_list",
  "task_run",
  "task_success",
  "task_failed",
  "self_update",
  "self_version",
  "error",
  "tui_interaction",
] as const;

export type DataRobotEventName = (typeof dataRobotEvents)[number];

/** Longest command path that is recorded, in characters. */
const MAX_PATH_LENGTH = 256;
/** Flags recorded of one command line; a list in an event holds at most as many. */
const MAX_FLAGS = 50;

/** What `command_started` says of a command: its path, such as `dr templates list`, and how many arguments it was given. */
export function commandProperties(path: string, args: readonly unknown[]): { readonly command: string; readonly args_count: number } {
  return { command: bounded(path), args_count: Array.isArray(args) ? args.length : 0 };
}

/**
 * The names of the flags on a command line, each once, at most 50, and nothing of their values: `--output=x` is `--output`,
 * nothing counts after `--`, and of `-abc` only `-a` is sure to be a name, since `-psecret` is a flag with its value.
 * `known` limits the answer to the tool's own flags, so that a value that looks like a flag is not taken for one.
 */
export function flagNames(argv: readonly string[], known?: readonly string[]): string[] {
  if (!Array.isArray(argv)) return [];
  const end = argv.indexOf("--");
  const names = argv.slice(0, end === -1 ? argv.length : end).map((arg: unknown) => flagName(arg)).filter((name) => name !== undefined);
  const own = known === undefined ? names : names.filter((name) => known.includes(name));
  return [...new Set(own)].slice(0, MAX_FLAGS);
}

/**
 * What `error` says: the error's class and the command it happened in. The message is left out, because it may hold what the
 * user typed; section 7.1 of the specification forbids it and section 6.2.4 sends it.
 */
export function errorProperties(error: unknown, context: string): { readonly error_type: string; readonly context: string } {
  return { error_type: errorType(error), context: bounded(context) };
}

function flagName(arg: unknown): string | undefined {
  if (typeof arg !== "string") return undefined;
  return /^--[A-Za-z][\w.-]{0,63}(?==|$)/.exec(arg)?.[0] ?? /^-[A-Za-z]/.exec(arg)?.[0];
}

/** The name of the class, `string` and the like for thrown values that have none, `unknown` for what will not tell. */
function errorType(error: unknown): string {
  if (error === null) return "null";
  if (typeof error !== "object" && typeof error !== "function") return typeof error;
  try {
    const name: unknown = Reflect.get(Reflect.get(error, "constructor") as object, "name");
    return typeof name === "string" && /^[\p{L}_$][\p{L}\p{N}_$]{0,63}$/u.test(name) ? name : "unknown";
  } catch {
    // No prototype, a revoked proxy, a getter that throws.
    return "unknown";
  }
}

function bounded(text: string): string {
  return typeof text === "string" ? text.slice(0, MAX_PATH_LENGTH) : "";
}
