/**
 * The package as plain JavaScript, for tests that need it in processes of their own: Node.js 20 does not
 * run TypeScript. Compiled afresh into a directory of the test's choice; nothing is cached.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "@swc/core";

/** Compiles this package and its one dependency below `directory`; returns the path of its backend module. */
export function compilePackage(directory: string): string {
  compile(join(__dirname, "../../backend/src"), join(directory, "node_modules/@candor/backend"));
  const target = join(directory, "backend-file");
  compile(join(__dirname, "../src"), target);
  return join(target, "index.js");
}

function compile(source: string, target: string): void {
  mkdirSync(target, { recursive: true });
  for (const name of readdirSync(source).filter((each) => each.endsWith(".ts"))) {
    const { code } = transformSync(readFileSync(join(source, name), "utf8"), {
      configFile: false,
      swcrc: false,
      jsc: { parser: { syntax: "typescript" }, target: "es2023" },
      module: { type: "commonjs" },
    });
    writeFileSync(join(target, name.replace(/\.ts$/, ".js")), code.replaceAll(/(require\("\.\/[^"]+)\.ts"\)/g, '$1.js")'));
  }
}
