/**
 * The flag `--disable-telemetry`: universal, it means the same wherever it stands, also before a plugin's arguments. So it is taken out of the
 * command line before that is parsed. What stands after `--` belongs to somebody else.
 */

const FLAG = "--disable-telemetry";

export interface DisableFlag {
  /** Whether the user said no; the last one given counts. A value that nobody foresaw means no. */
  readonly disabled: boolean;
  /** The words without the flag. */
  readonly words: readonly string[];
}

/** Reads the flag: alone, or with a value that lifts it (`--disable-telemetry=false`). */
export function readDisableFlag(words: readonly string[]): DisableFlag {
  const end = words.indexOf("--");
  const own = end === -1 ? words : words.slice(0, end);
  const given = own.filter((word) => word === FLAG || word.startsWith(`${FLAG}=`));
  const [last] = given.slice(-1);
  const disabled = last !== undefined && !/^=(?:0|f|false|off|no)$/i.test(last.slice(FLAG.length));
  return { disabled, words: [...own.filter((word) => !given.includes(word)), ...(end === -1 ? [] : words.slice(end))] };
}
