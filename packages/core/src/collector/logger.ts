/**
 * The logger: the author's own, and stderr for a user who asked for it with `<TOOL>_TELEMETRY=debug`; in the uploader, which has no
 * terminal, a file. Never throws.
 */
import { type LogFields, type Logger, silentLogger } from "@candor/backend";
import { toolVariable } from "../consent/consent.ts";
import type { HostProcess, Ports } from "../platform/ports.ts";

/** The logger for a tool. The options have not been looked at yet. */
export function loggerFor(options: unknown, { host }: Ports): Logger {
  const { tool, logger } = (options ?? {}) as { readonly tool?: unknown; readonly logger?: Logger };
  const own = logger ? harmless(logger) : undefined;
  return typeof tool === "string" && isDebugging(tool, host) ? lineLogger(print, own) : (own ?? silentLogger);
}

/** Whether the user asked to see what happens. */
export function isDebugging(tool: string, { environment }: HostProcess): boolean {
  return environment[toolVariable(tool)]?.toLowerCase() === "debug";
}

/** Hands every line to `write`, and passes it on to the author's logger. */
export function lineLogger(write: (line: string) => void, next?: Logger): Logger {
  const at =
    (level: keyof Logger) =>
    (message: string, fields?: LogFields): void => {
      next?.[level](message, fields);
      write(`[candor] ${level}: ${message}${fields ? ` ${asText(fields)}` : ""}\n`);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function asText(fields: LogFields): string {
  try {
    return JSON.stringify(fields);
  } catch {
    // Cyclic fields: the message alone has to do.
    return "";
  }
}

function print(line: string): void {
  try {
    // Synchronous, so that lines written while the process ends are seen.
    process.getBuiltinModule("node:fs").writeSync(2, line);
  } catch {
    // A closed or full stderr must not disturb the tool; there is nowhere else to say so.
    return;
  }
}

/** The author's logger is other people's code: what it throws must not reach the tool. */
function harmless(logger: Logger): Logger {
  const at =
    (level: keyof Logger): Logger["debug"] =>
    (message, fields) => {
      try {
        logger[level](message, fields);
      } catch {
        // There is nowhere left to say so.
        return;
      }
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
