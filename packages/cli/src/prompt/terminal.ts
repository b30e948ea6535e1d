/**
 * The terminal: whether a person can be asked here. It looks at the process without touching its input, so that a tool whose user is not
 * asked reads the same bytes as ever.
 */
import type { Collector } from "@candor/core";
import type { PromptSituation } from "./prompt-rules.ts";

/** Looks at the terminal of this process. `words` are the user's; default: the process's own. */
export function situationOf({ installation }: Collector, words?: readonly string[]): PromptSituation {
  const { fileSystem, host } = installation.ports;
  const { isatty } = process.getBuiltinModule("node:tty");
  return {
    stdinIsTerminal: isatty(0),
    stderrIsTerminal: isatty(2),
    inBackground: isInBackground(() => fileSystem.readFileSync("/proc/self/stat", "utf8")),
    environment: host.environment,
    words: words ?? host.args,
  };
}

/**
 * Whether another process group has the terminal: fields 5 and 8 of proc_pid_stat(5), counted after the name in parentheses, which may
 * hold anything. Where there is no /proc it is not known; a background job there stops when it is asked.
 */
export function isInBackground(readStat: () => string): boolean {
  try {
    const stat = readStat();
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const group = fields[2];
    const foreground = fields[5];
    return group !== undefined && foreground !== undefined && foreground !== "-1" && group !== foreground;
  } catch {
    return false;
  }
}
