/** The words of an answer: reads what was typed. Only Enter takes the default; what is neither yes nor no is no answer at all. */

/** Reads an answer; `standard` is what Enter alone means. Undefined where it has to be asked again. */
export function readAnswer(typed: string, standard: boolean): boolean | undefined {
  const word = typed.trim().toLowerCase();
  if (word === "") return standard;
  if (word === "y" || word === "yes") return true;
  return word === "n" || word === "no" ? false : undefined;
}
