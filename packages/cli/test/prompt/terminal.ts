/** A real terminal for tests: a program on a pseudo-terminal, a keyboard for it, and everything it showed. */
import { type IPty, spawn } from "@lydell/node-pty";

export interface TerminalOptions {
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Default 80. */
  readonly columns?: number;
  /** Default `xterm-256color`. */
  readonly type?: string;
}

export interface TerminalEnd {
  readonly exitCode: number;
  /** The number of the signal that ended the program; 0 for none. */
  readonly signal: number;
}

export interface TestTerminal {
  readonly pty: IPty;
  /** Everything shown so far, control sequences included. */
  readonly shown: () => string;
  /** The same as a person reads it: without control sequences. */
  readonly text: () => string;
  /** Resolves once the text has been shown; rejects when the program ends without it. */
  waitFor(text: string): Promise<void>;
  type(keys: string): void;
  readonly ended: Promise<TerminalEnd>;
}

/** A program that neither answers nor ends is broken; the slowest machine needs a fraction of it. */
const LIMIT_MS = 30_000;

export const CTRL_C = "\u0003";
export const CTRL_D = "\u0004";
export const ESCAPE = "\u001B";
export const ENTER = "\r";

/** Cursor movements, colours and modes (ECMA-48, 5.4). */
const CONTROL_SEQUENCE = new RegExp(`${ESCAPE}\\[[\\d;?]*[A-Za-z]`, "g");

/** Runs a program on a terminal of its own. */
export function openTerminal(command: string, args: readonly string[], { environment, cwd, columns = 80, type = "xterm-256color" }: TerminalOptions): TestTerminal {
  const pty = spawn(command, [...args], { name: type, cols: columns, rows: 40, cwd, env: { ...environment, TERM: type } });
  let shown = "";
  let over = false;
  const waiting = new Set<() => void>();
  const check = (): void => {
    for (const each of waiting) each();
  };
  pty.onData((data) => {
    shown += data;
    check();
  });
  const text = (): string => shown.replaceAll(CONTROL_SEQUENCE, "");
  const ended = new Promise<TerminalEnd>((resolve, reject) => {
    const limit = setTimeout(() => {
      pty.kill("SIGKILL");
      reject(new Error(`the program did not end within ${LIMIT_MS} ms; it showed:\n${text()}`));
    }, LIMIT_MS);
    pty.onExit(({ exitCode, signal = 0 }) => {
      clearTimeout(limit);
      over = true;
      check();
      resolve({ exitCode, signal });
    });
  });
  // A test that fails while it waits for text must not leave an unhandled rejection behind.
  ended.catch(() => undefined);
  return {
    pty,
    shown: () => shown,
    text,
    type: (keys) => pty.write(keys),
    ended,
    waitFor: (wanted) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = text().includes(wanted);
          if (!found && !over) return;
          waiting.delete(look);
          if (found) resolve();
          else reject(new Error(`the program ended without showing ${JSON.stringify(wanted)}; it showed:\n${text()}`));
        };
        waiting.add(look);
        look();
      }),
  };
}
