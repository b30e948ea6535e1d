/**
 * Creating a collector: checks the author's options and makes the collector. A mistake is one clear error where the
 * author sees it, and a silent, working tool where a user would.
 */
import { CandorError } from "@candor/backend";
import { isBuiltIn, locate, moduleOf } from "../destination/backend-names.ts";
import { createActiveCollector } from "./active-collector.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { findCatalogProblems } from "../catalog/catalog-rules.ts";
import type { CollectorFor } from "./catalog-collector.ts";
import type { Collector } from "./collector.ts";
import { type AnyOptions, type CollectorOptions, type Config, isChoice, withDefaults } from "../config/config.ts";
import { findProblems } from "../config/config-rules.ts";
import { HANDOVER_VARIABLE } from "../uploader/handover.ts";
import { createInstallation } from "./installation.ts";
import { joinPath, parentOf } from "../platform/paths.ts";
import { type Ports, realPorts } from "../platform/ports.ts";

/**
 * Makes the collector of a tool. Reads and writes nothing; consent is resolved with the first event.
 *
 * In development every mistake in the options is thrown together: where the tool's script lies in a checkout (its package has a
 * `.git` or `node_modules` directory and is in no `node_modules` itself), or NODE_ENV is `development` or `test`. Anywhere else the
 * collector is made, does nothing, and says why in a debug line.
 *
 * With a catalog `track` takes a declared name and its properties; without one, a type, any name and any properties.
 *
 * @param ports For tests: replaces files, clock and processes.
 * @throws CandorError `ERR_CANDOR_CONFIG` naming each option and its fix, in development only.
 */
export function createCollector<const C extends Catalog | undefined = undefined>(options: CollectorOptions<C>, ports?: Ports): CollectorFor<C>;
export function createCollector(options: AnyOptions, ports: Ports = realPorts()): Collector {
  const problems = findProblems(options);
  if (problems.length === 0) problems.push(...findBackendProblems(withDefaults(options), ports), ...catalogProblems(options, ports));
  if (problems.length > 0 && isDevelopment(ports)) {
    throw new CandorError("ERR_CANDOR_CONFIG", `telemetry is misconfigured:\n  ${problems.join("\n  ")}`);
  }
  const config = withDefaults(problems.length > 0 ? usable(options, problems) : options);
  // An uploader is not watched, whatever it loads.
  const enabled = config.enabled && ports.host.environment[HANDOVER_VARIABLE] === undefined;
  const installation = createInstallation({ ...config, enabled }, ports, problems, problems.some((problem) => problem.startsWith("logger") || problem.startsWith("options")) ? undefined : options.logger);
  for (const problem of problems) installation.logger.debug(`telemetry is misconfigured: ${problem}`);
  return createActiveCollector(installation);
}

/**
 * What is left of options with mistakes: enough for the `telemetry` commands to work, because a no must be recorded for the
 * right tool and in the right place whatever else is wrong.
 */
function usable(options: AnyOptions, problems: readonly string[]): AnyOptions {
  const isSound = (option: keyof AnyOptions): boolean => !problems.some((problem) => problem.startsWith(option) || problem.startsWith("options"));
  return {
    tool: isSound("tool") ? options.tool : "misconfigured",
    version: isSound("version") ? options.version : "0",
    ...(isSound("consent") && options.consent ? { consent: options.consent } : {}),
    ...(isSound("directories") && options.directories ? { directories: options.directories } : {}),
    ...(isSound("identity") && options.identity ? { identity: options.identity } : {}),
    // What was sent before the mistake can still be erased.
    ...(isSound("backend") && options.backend ? { backend: options.backend } : {}),
    ...(isSound("backends") && options.backends ? { backends: options.backends } : {}),
    ...(isSound("deletion") && options.deletion ? { deletion: options.deletion } : {}),
    ...(isSound("userId") && options.userId ? { userId: options.userId } : {}),
    ...(isSound("supportMessage") && options.supportMessage ? { supportMessage: options.supportMessage } : {}),
  };
}

/** What only looking for packages can tell. */
function findBackendProblems(config: Config, ports: Ports): string[] {
  if (config.backends.every((backend) => !isChoice(backend) || isBuiltIn(backend.use)) || !isDevelopment(ports)) return [];
  return config.backends.filter(isChoice).flatMap(({ use }, index) => {
    if (isBuiltIn(use) || Object.hasOwn(config.loaders, use) || canBeFound(use, ports)) return [];
    const option = config.backends.length > 1 ? `backend[${index}]` : "backend";
    return [`${option}.use: "${use}" is neither built in nor installed; run: npm install ${moduleOf(use)}`];
  });
}

/** A catalog is as long as a tool is rich, and its author's tests have seen it: in a user's hands nobody waits for its check. */
function catalogProblems({ catalog, ...beside }: AnyOptions, ports: Ports): string[] {
  return catalog !== undefined && isDevelopment(ports) ? findCatalogProblems(catalog, beside) : [];
}

function canBeFound(use: string, { host }: Ports): boolean {
  const specifier = moduleOf(use);
  // Without a script (a REPL, a test runner) packages lie above the working directory.
  return locate(specifier, host.script ?? joinPath(host.workingDirectory(), "index.js")) !== undefined;
}

/** Only where it is certain: a user must never meet an error that was meant for the author. */
function isDevelopment({ host, fileSystem }: Ports): boolean {
  const mode = host.environment["NODE_ENV"];
  // Test runners set it, and lie in node_modules themselves.
  if (mode === "production" || mode === "test") return mode === "test";
  const isDeclared = mode === "development";
  if (host.script === undefined) return isDeclared;
  try {
    let directory = parentOf(fileSystem.realpathSync(host.script));
    // Installed: whoever sets NODE_ENV there means a project of their own.
    if (/[\\/]node_modules[\\/]/.test(`${directory}/`)) return false;
    if (isDeclared) return true;
    const exists = (name: string): boolean => fileSystem.statSync(joinPath(directory, name), { throwIfNoEntry: false }) !== undefined;
    while (!exists("package.json")) {
      const above = parentOf(directory);
      if (above === directory) return false;
      directory = above;
    }
    return exists(".git") || exists("node_modules");
  } catch {
    // The script was given without its ending, or is gone: nothing is certain but what is declared.
    return isDeclared;
  }
}
