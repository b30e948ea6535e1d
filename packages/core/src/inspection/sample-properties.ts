/** Sample properties: for each property that the author's catalog declares, a value that a command might give it. */
import type { JsonValue, Metadata } from "@candor/backend";
import type { PropertyDeclaration, ValueDeclaration } from "../catalog/catalog.ts";

/** Stands for a text that only the command knows. */
const TEXT = "(a text)";

export function sampleProperties(declared: Readonly<Record<string, PropertyDeclaration>> = {}): Metadata {
  return Object.fromEntries(Object.entries(declared).map(([name, declaration]) => [name, sampleOf(declaration)]));
}

function sampleOf(declaration: ValueDeclaration): JsonValue {
  switch (declaration.type) {
    case "boolean":
      return true;
    case "integer":
      return Math.max(Math.ceil(declaration.min), Math.min(1, Math.floor(declaration.max)));
    case "number":
      return Math.max(declaration.min, Math.min(1, declaration.max));
    case "enum":
      return declaration.values[0] ?? null;
    case "text":
      return TEXT;
    case "list":
      return declaration.maxItems > 0 ? [sampleOf(declaration.items)] : [];
  }
}
