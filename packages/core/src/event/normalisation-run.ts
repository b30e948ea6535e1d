/** One run of the normalisation: its bounds, what it has used of them, and what it has to report. It looks at no value itself. */

/** The bounds of one event's metadata. */
export const Limits = {
  /** Objects within the metadata object; what lies deeper is `[Truncated]`. */
  depth: 4,
  items: 50,
  keys: 64,
  keyLength: 128,
  /** Values altogether, so that depth times width stays bounded. */
  values: 1_000,
  stringLength: 1_024,
  problems: 20,
  rememberedNames: 512,
} as const;

/** The work on one metadata object. */
export interface NormalisationRun {
  readonly redactText: (text: string) => string;
  readonly redactArguments: ((texts: readonly string[]) => string[]) | undefined;
  readonly redactVouched: (text: string) => string;
  readonly names: Map<string, string> | undefined;
  readonly maxStringLength: number;
  readonly problems: string[];
  readonly ancestors: Set<object>;
  values: number;
}

/** What `read` answers; undefined, and reported, when it throws. */
export function guarded<Value>(key: string, run: NormalisationRun, read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    // The author's own code threw while the value was read; that costs this property only.
    report(run, `${key} could not be read`);
    return undefined;
  }
}

/** Counts a value; false, and reported, when the run has had its share. */
export function hasRoom(key: string, run: NormalisationRun): boolean {
  run.values += 1;
  if (run.values <= Limits.values) return true;
  report(run, `${key} is cut: more than ${Limits.values} values`);
  return false;
}

export function report(run: NormalisationRun, problem: string): void {
  if (run.problems.length < Limits.problems && !run.problems.includes(problem)) run.problems.push(problem);
}
