/**
 * The backend names: what the short names of configuration stand for, and where a module is found. It loads nothing, so
 * that the author's options can be checked without loading a backend.
 */

/** Backends that come with core. */
const BUILT_IN: ReadonlySet<string> = new Set(["noop", "stdout", "http", "file"]);

/** Packages behind the short names that are not built in. */
const PACKAGES: Readonly<Record<string, string>> = {
  otlp: "@candor/backend-otel",
  amplitude: "@candor/backend-amplitude",
  posthog: "@candor/backend-posthog",
  datadog: "@candor/backend-datadog",
};

/** Whether the name needs no package of its own. */
export function isBuiltIn(use: string): boolean {
  return BUILT_IN.has(use);
}

/** The module behind a name: a package of ours, or what the author wrote. */
export function moduleOf(use: string): string {
  return Object.hasOwn(PACKAGES, use) ? (PACKAGES[use] ?? use) : use;
}

/** Where the tool would find the module; the bare specifier when only the loader itself can tell. */
export function locate(specifier: string, resolveFrom: string | undefined): string {
  if (resolveFrom === undefined || specifier.startsWith("file:")) return specifier;
  try {
    // Installed tools are started through a symbolic link in a bin directory; packages lie beside the file it points to.
    const script = process.getBuiltinModule("node:fs").realpathSync(resolveFrom);
    const path = process.getBuiltinModule("node:module").createRequire(script).resolve(specifier);
    return process.getBuiltinModule("node:url").pathToFileURL(path).href;
  } catch {
    // A package for ESM only, or one that sits beside candor instead of the tool: the plain import decides.
    return specifier;
  }
}
