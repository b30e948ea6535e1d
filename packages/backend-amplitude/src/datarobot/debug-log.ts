/** The debug log: candor's lines on stderr, for a user who asked for them by `DR_TELEMETRY_DEBUG`. */
import type { Logger } from "@candor/backend";

/** A logger that writes one line a message. */
export function stderrLogger(): Logger {
  const at =
    (level: keyof Logger): Logger["debug"] =>
    (message, fields) =>
      void process.stderr.write(`telemetry ${level}: ${message}${fields ? ` ${JSON.stringify(fields)}` : ""}\n`);
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
