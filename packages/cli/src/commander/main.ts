/**
 * The main function of a tool: runs the program, says once what went wrong, and sets the exit status. It never calls
 * `process.exit`, so that all output is written; a tool that leaves something open stays alive as it would without it.
 */
import { messageOf } from "../failure.ts";
import { isSilentError } from "../silent-error.ts";
import type { CommanderCommand } from "./commander-command.ts";
import { reportFailure } from "./failure-report.ts";

export interface MainOptions {
  /** Print the stack of an error below its message. Default false: users get the message alone. */
  readonly stack?: boolean;
}

/**
 * Runs `program` with `argv` (default `process.argv`, and like it: two words before the user's). An error that reaches it is printed as
 * `Error: <message>` to the program's stderr; a silent error, and what Commander has printed already, are not. The exit status is the
 * error's `exitCode` where that is a status of failure, else 1; Commander's own errors keep theirs, help and versions their 0.
 * Never rejects.
 */
export async function runMain(program: CommanderCommand, argv?: readonly string[], { stack = false }: MainOptions = {}): Promise<void> {
  try {
    await program.parseAsync(argv);
  } catch (thrown) {
    const error = legible(thrown);
    if (isPrintedByCommander(error)) {
      process.exitCode = error.exitCode;
      return;
    }
    reportFailure(program, error);
    if (!isSilentError(error)) program.configureOutput().writeErr?.(`${textOf(error, stack)}\n`);
    process.exitCode = failureStatusOf(error);
  }
}

/** What was thrown, or an error without words where it refuses to be read, as a revoked proxy does. */
function legible(thrown: unknown): unknown {
  try {
    Reflect.has(Object(thrown), "code");
    return thrown;
  } catch {
    return new Error("");
  }
}

/**
 * Under `exitOverride` Commander throws what it has printed, with a code of its own. Only the error for an invalid argument is also
 * thrown by authors, inside an action; Commander prints that one under its own prefix, and throws it anew with it.
 */
function isPrintedByCommander(error: unknown): error is { readonly exitCode: number } {
  if (!(error instanceof Error && "code" in error && "exitCode" in error && typeof error.exitCode === "number")) return false;
  if (error.code === "commander.invalidArgument") return error.message.startsWith("error: ");
  return String(error.code).startsWith("commander.");
}

function textOf(error: unknown, stack: boolean): string {
  if (stack && error instanceof Error && typeof error.stack === "string") return error.stack;
  return `Error: ${messageOf(error) || "the command failed without saying why"}`;
}

/** Beyond 255 a shell sees other bits of the number, or a success. */
function failureStatusOf(error: unknown): number {
  const status: unknown = typeof error === "object" && error !== null && "exitCode" in error ? error.exitCode : undefined;
  return typeof status === "number" && Number.isInteger(status) && status > 0 && status < 256 ? status : 1;
}
