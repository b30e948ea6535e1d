/**
 * The log: the tool's own. `--debug` writes everything into `.dr-tui-debug.log` in the working directory, `--verbose` shows on stderr what is
 * worth knowing. candor's lines and Amplitude's go here too.
 */
import { appendFileSync } from "node:fs";
import type { Logger } from "@candor/core";

const DEBUG_LOG = ".dr-tui-debug.log";

/** The log for a command line. Asked before it is parsed, because telemetry is set up before. */
export function createLog(args: readonly string[]): Logger {
  const debug = args.includes("--debug");
  const verbose = debug || args.includes("--verbose");
  const at =
    (level: keyof Logger, visible: boolean): Logger["debug"] =>
    (message, fields) => {
      const line = `${level.toUpperCase()} ${message}${fields ? ` ${JSON.stringify(fields)}` : ""}\n`;
      if (debug) appendFileSync(DEBUG_LOG, line, { mode: 0o600 });
      if (visible) process.stderr.write(line);
    };
  return { debug: at("debug", false), info: at("info", verbose), warn: at("warn", verbose), error: at("error", verbose) };
}
