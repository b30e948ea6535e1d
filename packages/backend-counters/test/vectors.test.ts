/** The proof that no recorded behaviour of the PACE CLI is forgotten: every kind is asked for by a test of this package or of core. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "@jest/globals";
import type { Vector } from "../../core/test/vectors.ts";

/** When an upload is due, which core answers for every backend. */
const ELSEWHERE = new Map([["pace.upload_due", join(__dirname, "../../core/test")]]);

function testsIn(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => (name.endsWith(".test.ts") && name !== "vectors.test.ts" ? [readFileSync(join(directory, name), "utf8")] : []));
}

const { vectors }: { readonly vectors: readonly Vector[] } = JSON.parse(readFileSync(join(__dirname, "../../core/test/vectors.json"), "utf8"));
const kinds = [...new Set(vectors.map(({ kind }) => kind))].filter((kind) => /^(pace\.|ours\.graphite)/.test(kind));

it.each(kinds)("%s is answered by a test", (kind) => {
  expect(testsIn(ELSEWHERE.get(kind) ?? __dirname).some((text) => text.includes("vectorsOf") && text.includes(`("${kind}")`))).toBe(true);
});
