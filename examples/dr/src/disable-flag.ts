/** The flag `--disable-telemetry`, also with a value (`--disable-telemetry=false`), which Commander knows no option for. */
import { parseArgs } from "node:util";

const FLAG = "--disable-telemetry";

export interface DisableFlag {
  /** Whether the user said no; the last one given counts. */
  readonly disabled: boolean;
  /** The words without the flag's form that has a value. */
  readonly words: readonly string[];
}

/** Reads the flag before the command line is parsed; what stands after `--` belongs to somebody else. */
export function readDisableFlag(words: readonly string[]): DisableFlag {
  const { tokens } = parseArgs({ args: [...words], options: { "disable-telemetry": { type: "boolean" } }, strict: false, tokens: true });
  const given = tokens.filter((token) => token.kind === "option").filter(({ rawName }) => rawName === FLAG);
  const withValue = new Set(given.filter(({ inlineValue }) => inlineValue === true).map(({ index }) => index));
  const last = given.at(-1);
  return { disabled: last !== undefined && last.value !== "false", words: words.filter((_, index) => !withValue.has(index)) };
}
