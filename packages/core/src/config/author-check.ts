/**
 * The author's check: what takes too long for a user to wait for, and what a user could not mend: whether backends are installed, and
 * whether the catalog, which is as long as a tool is rich, is sound.
 */
import { findCatalogProblems } from "../catalog/catalog-rules.ts";
import { describeMissing, isBuiltIn, locate, moduleOf } from "../destination/backend-names.ts";
import { joinPath } from "../platform/paths.ts";
import type { Ports } from "../platform/ports.ts";
import { type AnyOptions, type Config, isChoice, withDefaults } from "./config.ts";

/** What is wrong with options of which each by itself is sound. */
export function findAuthorProblems(options: AnyOptions, ports: Ports): string[] {
  const { catalog, ...beside } = options;
  return [...findBackendProblems(withDefaults(options), ports), ...(catalog === undefined ? [] : findCatalogProblems(catalog, beside))];
}

/** What only looking for packages can tell. */
function findBackendProblems(config: Config, ports: Ports): string[] {
  return config.backends.filter(isChoice).flatMap(({ use }, index) => {
    if (isBuiltIn(use) || Object.hasOwn(config.loaders, use) || canBeFound(use, ports)) return [];
    const option = config.backends.length > 1 ? `backend[${index}]` : "backend";
    return [`${option}.use: ${describeMissing(use)}`];
  });
}

function canBeFound(use: string, { host }: Ports): boolean {
  // Without a script (a REPL, a test runner) packages lie above the working directory.
  return locate(moduleOf(use), host.script ?? joinPath(host.workingDirectory(), "index.js")) !== undefined;
}
