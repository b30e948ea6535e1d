/**
 * The silent error: a failure whose words the user has already seen. Throwing it fails the command without a second message.
 * It prints nothing itself; whoever reports errors asks `isSilentError` first, as `runMain` does.
 */

const CODE = "ERR_CANDOR_SILENT";

export interface SilentErrorOptions extends ErrorOptions {
  /** The exit status of the tool, 1 to 255. Default 1. */
  readonly exitCode?: number;
}

/** An error that has been shown. Its message, if any, is for the tool's own log. */
export class SilentError extends Error {
  readonly code: typeof CODE;
  readonly exitCode: number;

  constructor(message?: string, { exitCode = 1, ...options }: SilentErrorOptions = {}) {
    super(message, options);
    this.name = "SilentError";
    this.code = CODE;
    this.exitCode = exitCode;
  }
}

/** Whether the error has been shown already, whichever copy of this package made it. */
export function isSilentError(error: unknown): error is SilentError {
  return error instanceof Error && "code" in error && error.code === CODE;
}
