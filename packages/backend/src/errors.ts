/** Errors an author can see. They are recognised by `code`, never by `instanceof`. */

const CODES = ["ERR_CANDOR_CONFIG", "ERR_CANDOR_BACKEND_MISSING"] as const;

/** Codes of every error candor throws at an author. */
export type CandorErrorCode = (typeof CODES)[number];

/** An error meant for the tool's author: the message names the field and the fix. */
export class CandorError extends Error {
  readonly code: CandorErrorCode;

  constructor(code: CandorErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CandorError";
    this.code = code;
  }
}

/** Tells whether `error` is candor's, whichever copy of the package made it. */
export function isCandorError(error: unknown): error is CandorError {
  return error instanceof Error && "code" in error && CODES.some((code) => code === error.code);
}
