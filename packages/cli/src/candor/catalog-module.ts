/**
 * The catalog's module: loads it and finds the catalog in what it exports. Loading runs the module's code, and what it throws becomes
 * a reason. It judges nothing but whether a catalog without mistakes is there.
 */
import { type Catalog, findCatalogProblems } from "@candor/core/catalog";
import { pathToFileURL } from "node:url";

export type LoadedCatalog = { readonly status: "loaded"; readonly catalog: Catalog } | { readonly status: "failed"; readonly reason: string };

/** Loads an ES or CommonJS module by its absolute path; TypeScript where Node.js itself can load it. Never rejects. */
export async function loadCatalog(file: string): Promise<LoadedCatalog> {
  let exported: unknown;
  try {
    exported = await import(pathToFileURL(file).href);
  } catch (error) {
    return { status: "failed", reason: explain(error) };
  }
  const catalog = candidates(exported).find((candidate) => "events" in candidate);
  if (!catalog) return { status: "failed", reason: "it exports no catalog; export what defineEvents answers, as `catalog` or as its default" };
  const problems = findCatalogProblems(catalog);
  // Nothing but a whole catalog is without problems.
  if (problems.length === 0) return { status: "loaded", catalog: catalog as unknown as Catalog };
  return { status: "failed", reason: `the catalog has mistakes:\n  ${problems.join("\n  ")}` };
}

/** Where a catalog may be: a CommonJS module's exports, and a compiler's idea of a default, are one level down. */
function candidates(exported: unknown): readonly object[] {
  const inner = memberOf(exported, "default");
  return [memberOf(exported, "catalog"), inner, memberOf(inner, "catalog"), memberOf(inner, "default")].filter((candidate) => typeof candidate === "object" && candidate !== null);
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return `it cannot be loaded: ${String(error)}`;
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ERR_UNKNOWN_FILE_EXTENSION" && /\.[cm]?tsx?\b/.test(error.message)) {
    return `Node.js ${process.versions.node} cannot load TypeScript; name the compiled module, or run candor with Node.js 22.18 or later`;
  }
  return `it cannot be loaded: ${error.message}`;
}
