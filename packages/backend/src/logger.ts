/** Where candor's own diagnostic lines go: the tool's log, if the author wants them there. */

export type LogFields = Readonly<Record<string, unknown>>;

/** A place for diagnostic lines. Implementations must not throw. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

const ignore = (): void => undefined;

/** A logger that keeps nothing. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
