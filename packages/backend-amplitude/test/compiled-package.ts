/**
 * The package as plain CommonJS for a process of its own: Node.js 20 does not run TypeScript, and inside
 * jest the loaded modules are jest's. Compiled afresh into a directory of the test's choice.
 */
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "@swc/core";

const packages = join(__dirname, "../..");

/** Compiles this package and its one dependency of the workspace below `directory`; returns the path of its index. */
export function compilePackage(directory: string): string {
  const backend = join(directory, "node_modules/@candor/backend");
  compile(join(packages, "backend/src"), backend);
  // The registry's packages are those that are installed for each of the two.
  symlinkSync(join(packages, "backend/node_modules"), join(backend, "node_modules"), "dir");
  symlinkSync(join(packages, "backend-amplitude/node_modules/@amplitude"), join(directory, "node_modules/@amplitude"), "dir");
  const target = join(directory, "backend-amplitude");
  compile(join(packages, "backend-amplitude/src"), target);
  return join(target, "index.js");
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
