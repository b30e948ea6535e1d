/**
 * The author's check: what takes too long for a user to wait for, and what a user could not mend: whether backends are installed and take
 * their options, and whether the catalog, which is as long as a tool is rich, is sound.
 */
import { findCatalogProblems } from "../catalog/catalog-rules.ts";
import { describeMissing, isBuiltIn, locate, moduleOf } from "../destination/backend-names.ts";
import { joinPath } from "../platform/paths.ts";
import type { Ports } from "../platform/ports.ts";
import { findBuildProblems, type PlacedChoice } from "./backend-check.ts";
import { type AnyOptions, isChoice, withDefaults } from "./config.ts";

/** What is wrong with options of which each by itself is sound. */
export function findAuthorProblems(options: AnyOptions, ports: Ports): string[] {
  const { catalog, ...beside } = options;
  return [...findBackendProblems(options, ports), ...(catalog === undefined ? [] : findCatalogProblems(catalog, beside))];
}

/** What only looking for packages, and building backends, can tell. */
function findBackendProblems(options: AnyOptions, ports: Ports): string[] {
  const config = withDefaults(options);
  // Without a script (a REPL, a test runner) packages lie above the working directory.
  const resolveFrom = ports.host.script ?? joinPath(ports.host.workingDirectory(), "index.js");
  const placed = config.backends.flatMap((choice, index) => {
    // What the author's own loader loads comes later.
    if (!isChoice(choice) || Object.hasOwn(config.loaders, choice.use)) return [];
    return [{ option: Array.isArray(options.backend) ? `backend[${index}]` : "backend", choice }];
  });
  const isThere = ({ choice: { use } }: PlacedChoice): boolean => isBuiltIn(use) || locate(moduleOf(use), resolveFrom) !== undefined;
  const there = placed.filter(isThere);
  const missing = placed.filter((choice) => !there.includes(choice));
  return [
    ...missing.map(({ option, choice: { use } }) => `${option}.use: ${describeMissing(use)}`),
    ...(there.length > 0 ? findBuildProblems(there, resolveFrom, config, ports) : []),
  ];
}
