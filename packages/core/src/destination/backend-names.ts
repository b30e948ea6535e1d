/**
 * The backend names: what the short names of configuration stand for, and where a module is found. It loads nothing, so
 * that the author's options can be checked without loading a backend.
 */
import { joinPath } from "../platform/paths.ts";
import { parseObject } from "../platform/private-file.ts";
import { systemErrorCode } from "../platform/ports.ts";

/** Backends that come with core. */
const BUILT_IN: ReadonlySet<string> = new Set(["noop", "stdout", "http", "file"]);

/** Packages behind the short names that are not built in. */
const PACKAGES: Readonly<Record<string, string>> = {
  otlp: "@candor/backend-otel",
  amplitude: "@candor/backend-amplitude",
  posthog: "@candor/backend-posthog",
  datadog: "@candor/backend-datadog",
  counters: "@candor/backend-counters",
};

/** All names that stand for a backend of ours, for people. */
export const BACKEND_NAMES: readonly string[] = [...BUILT_IN, ...Object.keys(PACKAGES)];

/** Whether the name needs no package of its own. */
export function isBuiltIn(use: string): boolean {
  return BUILT_IN.has(use);
}

/** Whether the name stands for a backend of ours, in whichever way it is written. */
export function isOurs(use: string): boolean {
  return isBuiltIn(use) || Object.values(PACKAGES).includes(moduleOf(use));
}

/** The module behind a name: a package of ours, or what the author wrote. */
export function moduleOf(use: string): string {
  return Object.hasOwn(PACKAGES, use) ? (PACKAGES[use] ?? use) : use;
}

/** Whether the name is the place of a file, and not a package. */
export function isPath(use: string): boolean {
  return /^(?:\.{0,2}[\\/]|[a-z]:[\\/]|file:)/i.test(use);
}

/** A sentence on a name behind which there is no module, for whoever may mend it. */
export function describeMissing(use: string): string {
  const specifier = moduleOf(use);
  if (isPath(use)) return `"${use}" leads to no module`;
  // A word of which we know nothing may be a slip for one of ours, and npm may hold a stranger's package of that name.
  if (specifier === use && /^[^@./\\:]*$/.test(use)) {
    return `"${use}" is neither one of candor's backends (${BACKEND_NAMES.join(", ")}) nor a package that the tool depends on`;
  }
  return `"${use}" is not installed; install it with: npm install ${packageOf(specifier)}`;
}

/** What npm installs: a module may be an entry of a package. */
function packageOf(specifier: string): string {
  return /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
}

/**
 * Where the tool would find the module, as a file URL; undefined when it would not. Looked up from the tool's script and from
 * nowhere else: what happens to lie above some other directory is not the tool's.
 */
export function locate(specifier: string, resolveFrom: string): string | undefined {
  if (specifier.startsWith("file:")) return specifier;
  const { createRequire } = process.getBuiltinModule("node:module");
  const { pathToFileURL } = process.getBuiltinModule("node:url");
  const require = createRequire(realScript(resolveFrom));
  try {
    return pathToFileURL(require.resolve(specifier)).href;
  } catch (error) {
    // A package for ES modules only has no answer for `require`; its manifest has one.
    if (systemErrorCode(error) !== "ERR_PACKAGE_PATH_NOT_EXPORTED") return undefined;
    const path = esmEntry(specifier, require.resolve.paths(specifier) ?? []);
    return path === undefined ? undefined : pathToFileURL(path).href;
  }
}

/** Installed tools are started through a link in a bin directory, and scripts by their directory or without their ending. */
function realScript(path: string): string {
  const fs = process.getBuiltinModule("node:fs");
  try {
    const real = fs.realpathSync(path);
    return fs.statSync(real).isDirectory() ? joinPath(real, "index.js") : real;
  } catch {
    // Without its ending: packages lie beside it all the same.
    return path;
  }
}

/** The main entry for `import` that a package's manifest names. */
function esmEntry(specifier: string, folders: readonly string[]): string | undefined {
  const fs = process.getBuiltinModule("node:fs");
  for (const folder of folders.map((path) => joinPath(path, specifier))) {
    if (!fs.existsSync(joinPath(folder, "package.json"))) continue;
    const manifest = parseObject(fs.readFileSync(joinPath(folder, "package.json"), "utf8"));
    const entry = entryIn(manifest?.["exports"]);
    return entry === undefined ? undefined : joinPath(folder, entry);
  }
  return undefined;
}

function entryIn(target: unknown): string | undefined {
  if (typeof target === "string") return target;
  if (typeof target !== "object" || target === null) return undefined;
  const conditions = target as Record<string, unknown>;
  return entryIn(conditions["."] ?? conditions["node"] ?? conditions["import"] ?? conditions["default"]);
}
