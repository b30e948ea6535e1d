import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { createRedactor, type Redactor } from "../src/redaction/redaction.ts";
import { type Corpus, ordinarySamples, type Sample, secretSamples, showsSecret } from "./redaction-corpus.ts";

const redactor: Redactor = createRedactor({ person: () => ({ homes: ["/data/people/mmuster"] }) });
const redact = (input: Sample): Sample => (typeof input === "string" ? redactor.text(input) : redactor.args(input));

const corpus = JSON.parse(readFileSync(join(__dirname, "redaction-corpus.json"), "utf8")) as Corpus;
const secrets = secretSamples(corpus);
const ordinary = ordinarySamples(corpus);
const shown = ({ input, secrets: planted }: (typeof secrets)[number]): boolean => planted.some((secret) => showsSecret(redact(input), secret));

describe("redaction of the corpus", () => {
  it("shows no secret that it promises to hide", () => {
    expect(secrets.filter((sample) => sample.missed === undefined && shown(sample))).toEqual([]);
  });

  it("leaves what is ordinary as it is", () => {
    expect(ordinary.filter(({ input, lost }) => lost === undefined && String(redact(input)) !== String(input))).toEqual([]);
  });

  it("misses what it is said to miss, so that the list stays true", () => {
    expect(secrets.filter((sample) => sample.missed !== undefined && !shown(sample))).toEqual([]);
  });

  it("loses what it is said to lose, so that the list stays true", () => {
    expect(ordinary.filter(({ input, lost }) => lost !== undefined && String(redact(input)) === String(input))).toEqual([]);
  });

  it("does as well as the documentation says", () => {
    const found = secrets.filter((sample) => !shown(sample)).length;
    const promised = secrets.filter(({ missed }) => missed === undefined).length;
    const kept = ordinary.filter(({ input }) => String(redact(input)) === String(input)).length;
    const page = readFileSync(join(__dirname, "../../../docs/explanations/redaction.md"), "utf8");
    const figure = (part: number, whole: number): string => `| ${((100 * part) / whole).toFixed(1).replace(".0", "")} % (${part} of ${whole}) |`;
    for (const row of [figure(found, secrets.length), figure(found, promised), figure(found, found + ordinary.length - kept), figure(kept, ordinary.length)]) expect(page).toContain(row);
  });

  it("answers the same when asked again", () => {
    const outputs = [...secrets, ...ordinary].map(({ input }) => redact(input));
    expect(outputs.map(redact)).toEqual(outputs);
  });

  it("notices a secret of which a part is left", () => {
    expect(showsSecret("is 12345678 left", "0123456789")).toBe(true);
    expect(showsSecret(["all", "***"], "0123456789")).toBe(false);
  });
});
