/**
 * The author's check: what takes too long for a user to wait for, and what a user could not mend: whether backends are installed, and
 * whether the catalog, which is as long as a tool is rich, is sound.
 */
import { findCatalogProblems } from "../catalog/catalog-rules.ts";
import { describeMissing, isBuiltIn, locate, moduleOf } from "../destination/backend-names.ts";
import { joinPath } from "../platform/paths.ts";
import type { Ports } from "../platform/ports.ts";
import { type AnyOptions, isChoice, withDefaults } from "./config.ts";

/** What is wrong with options of which each by itself is sound. */
export function findAuthorProblems(options: AnyOptions, ports: Ports): string[] {
  const { catalog, ...beside } = options;
  return [...findBackendProblems(options, ports), ...(catalog === undefined ? [] : findCatalogProblems(catalog, beside))];
}

/** What only looking for packages can tell. */
function findBackendProblems(options: AnyOptions, ports: Ports): string[] {
  const { backends, loaders } = withDefaults(options);
  // Without a script (a REPL, a test runner) packages lie above the working directory.
  const resolveFrom = ports.host.script ?? joinPath(ports.host.workingDirectory(), "index.js");
  return backends.flatMap((backend, index) => {
    if (!isChoice(backend) || Object.hasOwn(loaders, backend.use)) return [];
    const option = Array.isArray(options.backend) ? `backend[${index}]` : "backend";
    const isThere = isBuiltIn(backend.use) || locate(moduleOf(backend.use), resolveFrom) !== undefined;
    return isThere ? [] : [`${option}.use: ${describeMissing(backend.use)}`];
  });
}
