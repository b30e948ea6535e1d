/**
 * A package as plain CommonJS for a process of its own: Node.js 20 does not run TypeScript, and inside
 * jest the loaded modules are jest's. Compiled afresh into a directory of the test's choice.
 */
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "@swc/core";

const packages = join(__dirname, "../..");

/**
 * Compiles a backend's package and its one dependency of the workspace below `directory`; returns the path of its index. `vendor` is the
 * scope or the name of the vendor's packages, as they are installed for that backend.
 */
export function compilePackage(name: string, directory: string, vendor?: string): string {
  const backend = join(directory, "node_modules/@candor/backend");
  compile(join(packages, "backend/src"), backend);
  symlinkSync(join(packages, "backend/node_modules"), join(backend, "node_modules"), "dir");
  if (vendor !== undefined) symlinkSync(join(packages, name, "node_modules", vendor), join(directory, "node_modules", vendor), "dir");
  const target = join(directory, name);
  compile(join(packages, name, "src"), target);
  return join(target, "index.js");
}

/** The text of a module for `--require`, in whose process no package of this scope is installed. */
export function withoutScope(scope: string): string {
  return `const modules = require("node:module");
    const { _resolveFilename } = modules;
    modules._resolveFilename = function (name, ...rest) {
      if (name.startsWith("${scope}/")) throw Object.assign(new Error("absent"), { code: "MODULE_NOT_FOUND" });
      return _resolveFilename.call(this, name, ...rest);
    };`;
}

function compile(source: string, target: string): void {
  mkdirSync(target, { recursive: true });
  for (const name of readdirSync(source).filter((each) => each.endsWith(".ts") && !each.endsWith(".d.ts"))) {
    const { code } = transformSync(readFileSync(join(source, name), "utf8"), {
      configFile: false,
      swcrc: false,
      jsc: { parser: { syntax: "typescript" }, target: "es2023" },
      module: { type: "commonjs" },
    });
    writeFileSync(join(target, name.replace(/\.ts$/, ".js")), code.replaceAll(/(require\("\.\/[^"]+)\.ts"\)/g, '$1.js")'));
  }
}
