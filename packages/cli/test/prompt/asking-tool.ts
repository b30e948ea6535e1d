/** The tool of `fixtures/asking.mjs` on a terminal, in a home of its own, and what it keeps there. */
import { join } from "node:path";
import { temporaryHome, type TemporaryHome } from "@candor/testing";
import { openTerminal, type TerminalOptions, type TestTerminal } from "./terminal.ts";

export const SCRIPT = join(__dirname, "../fixtures/asking.mjs");
export const GTB_QUESTION = "Send usage statistics? [y/N]";
export const DATAROBOT_QUESTION = "Allow usage tracking? [Y/n]";

export interface ToolOptions extends Partial<Pick<TerminalOptions, "columns" | "type">> {
  /** See the fixture. */
  readonly asking?: Readonly<Record<string, unknown>>;
  readonly variables?: Readonly<Record<string, string>>;
  /** A shell's command line, in which `$TOOL` is the tool, instead of running it directly. */
  readonly shell?: string;
}

export interface AskingTool {
  readonly home: TemporaryHome;
  /** Starts the tool on a new terminal. */
  open(words: readonly string[], options?: ToolOptions): TestTerminal;
  /** The recorded answer; undefined while there is no record. */
  record(): Readonly<Record<string, unknown>> | undefined;
  dispose(): void;
}

/** Makes a home for the tool. */
export function askingTool(): AskingTool {
  const home = temporaryHome();
  const terminals: TestTerminal[] = [];
  return {
    home,
    open(words, { asking = {}, variables = {}, shell, ...rest } = {}) {
      const environment = {
        ...home.environment,
        ASKING: JSON.stringify(asking),
        TOOL: `${process.execPath} ${SCRIPT} ${words.join(" ")}`,
        ...variables,
      };
      const [command, args] = shell === undefined ? [process.execPath, [SCRIPT, ...words]] : ["bash", ["-c", shell]];
      const terminal = openTerminal(command, args, { environment, cwd: home.path, ...rest });
      terminals.push(terminal);
      return terminal;
    },
    record() {
      const file = home.list().find((path) => path.endsWith("telemetry.json"));
      return file === undefined ? undefined : (JSON.parse(home.read(file)) as Readonly<Record<string, unknown>>);
    },
    dispose() {
      for (const { pty } of terminals) killQuietly(pty.pid);
      home.dispose();
    },
  };
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended, as it should have.
    return;
  }
}
