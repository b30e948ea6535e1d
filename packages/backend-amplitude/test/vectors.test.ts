/** The proof that no recorded behaviour of the DataRobot CLI is forgotten: every kind is asked for by a test of this package. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "@jest/globals";
import type { Vector } from "../../core/test/vectors.ts";

/** Kinds about the machine's own id, which core answers. */
const ELSEWHERE = /^dr\.machineid_/;

function testsBelow(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return testsBelow(path);
    return entry.name.endsWith(".test.ts") && entry.name !== "vectors.test.ts" ? [readFileSync(path, "utf8")] : [];
  });
}

const { vectors }: { readonly vectors: readonly Vector[] } = JSON.parse(readFileSync(join(__dirname, "../../core/test/vectors.json"), "utf8"));
const kinds = [...new Set(vectors.map(({ kind }) => kind))].filter(
  (kind) => (/^(dr|drspec)\./.test(kind) || kind === "ours.environment") && !ELSEWHERE.test(kind),
);

it.each(kinds)("%s is answered by a test of this package", (kind) => {
  expect(testsBelow(__dirname).some((text) => /vectors?Of/.test(text) && text.includes(`("${kind}")`))).toBe(true);
});
