/** The logger that prints to stderr, for a user who asked for it with `<TOOL>_TELEMETRY=debug`. Never throws. */
import type { LogFields, Logger } from "@candor/backend";

/** Writes every line to stderr, and passes it on to the author's logger. */
export function stderrLogger(next?: Logger): Logger {
  const at =
    (level: keyof Logger) =>
    (message: string, fields?: LogFields): void => {
      next?.[level](message, fields);
      print(`[candor] ${level}: ${message}${fields ? ` ${asText(fields)}` : ""}\n`);
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
