/**
 * The SDK's lines in the tool's log, each with `[amplitude] ` before it. Keeps to itself what the tool's log must not hold: the API key,
 * and the events, which the SDK would write out three times each. A line that repeats is written once.
 */
import type { SdkLogger } from "@amplitude/analytics-node";
import type { Logger } from "@candor/backend";

export interface SdkLoggerOptions {
  /** Informational lines at info instead of debug. */
  readonly verbose: boolean;
  /** Never written. */
  readonly apiKey: string;
}

/**
 * A logger for one instance of the SDK. Warnings and errors keep their level; informational lines are debug lines unless `verbose`
 * (the table of the DataRobot CLI's documentation; its code demotes warnings and errors too).
 */
export function sdkLogger(logger: Logger, { verbose, apiKey }: SdkLoggerOptions): SdkLogger {
  const written = new Set<string>();
  const at =
    (level: keyof Logger) =>
    (...parts: unknown[]): void => {
      const line = `[amplitude] ${withoutContent(parts).replaceAll(apiKey, "***")}`;
      if (written.has(line)) return;
      written.add(line);
      try {
        logger[level](line);
      } catch {
        // A log of the tool's that fails would make the SDK give up the event it was writing about.
        return;
      }
    };
  const log = at(verbose ? "info" : "debug");
  return {
    enable: () => undefined,
    disable: () => undefined,
    log(...parts) {
      // The words of our own transport, which the SDK repeats for each event; they say nothing of the server's answer.
      if (parts[0] !== "success") log(...parts);
    },
    debug: at("debug"),
    warn: at("warn"),
    error: at("error"),
  };
}

/** The words of a line, up to where it quotes an object. */
function withoutContent(parts: readonly unknown[]): string {
  const words = parts.filter((part) => typeof part === "string").join(" ");
  const start = words.indexOf("{");
  return start === -1 ? words : `${words.slice(0, start)}…`;
}
