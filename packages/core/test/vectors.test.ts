/** The proof that no recorded behaviour is forgotten: every kind that is core's to answer is asked for by a test. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "@jest/globals";
import type { Vector } from "./vectors.ts";

/** Kinds that other packages answer, or that are about a tool built with candor. */
const ELSEWHERE: readonly RegExp[] = [/^gtb\.(datadog|posthog|otel)/, /^ours\.(graphite|environment$)/];

function testsBelow(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return testsBelow(path);
    return entry.name.endsWith(".test.ts") && entry.name !== "vectors.test.ts" ? [readFileSync(path, "utf8")] : [];
  });
}

const { vectors }: { readonly vectors: readonly Vector[] } = JSON.parse(readFileSync(join(__dirname, "vectors.json"), "utf8"));
const kinds = [...new Set(vectors.map(({ kind }) => kind))].filter(
  (kind) => (/^(gtb|ours)\./.test(kind) || kind.startsWith("dr.machineid_")) && !ELSEWHERE.some((pattern) => pattern.test(kind)),
);

it.each(kinds)("%s is answered by a test of this package", (kind) => {
  expect(testsBelow(__dirname).some((text) => text.includes("vectorsOf") && text.includes(`("${kind}")`))).toBe(true);
});
