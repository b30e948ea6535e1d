/** Development: tells whether a mistake in the options meets its author or a user. */
import { joinPath, parentOf } from "../platform/paths.ts";
import type { Ports } from "../platform/ports.ts";

/**
 * Whether the tool runs where its author works on it: its script lies in a checkout (its package has a `.git` or `node_modules`
 * directory and is in no `node_modules` itself), or NODE_ENV is `development` or `test`. Only where it is certain: a user must never
 * meet an error that was meant for the author.
 */
export function isDevelopment({ host, fileSystem }: Ports): boolean {
  const mode = host.environment["NODE_ENV"];
  // Test runners set it, and lie in node_modules themselves.
  if (mode === "production" || mode === "test") return mode === "test";
  const isDeclared = mode === "development";
  if (host.script === undefined) return isDeclared;
  try {
    let directory = parentOf(fileSystem.realpathSync(host.script));
    // Installed: whoever sets NODE_ENV there means a project of their own.
    if (`${directory}/`.replaceAll("\\", "/").includes("/node_modules/")) return false;
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
