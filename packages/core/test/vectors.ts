/** The reference vectors: inputs and answers recorded from the systems candor replaces. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One recorded case. `must_be_rejected` marks an answer of the original that candor must not give. */
export interface Vector<Input = unknown, Expected = unknown> {
  readonly id: string;
  readonly kind: string;
  readonly input: Input;
  readonly expected: Expected;
  readonly note?: string;
  readonly must_be_rejected?: boolean;
}

/** The vectors as a list whose inputs and answers have the shape their kind prescribes. */
type Shaped<Input, Expected> = readonly Vector<Input, Expected>[];

/** Every vector of one kind. @throws when there is none, so that a misspelt kind cannot pass silently. */
export function vectorsOf<Input = unknown, Expected = unknown>(kind: string): Shaped<Input, Expected> {
  const { vectors }: { readonly vectors: Shaped<Input, Expected> } = JSON.parse(readFileSync(join(__dirname, "vectors.json"), "utf8"));
  const found = vectors.filter((vector) => vector.kind === kind);
  if (found.length === 0) throw new Error(`no vectors of kind ${kind}`);
  return found;
}
