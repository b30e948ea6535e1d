/** The README's examples as a tool would have them: each block of TypeScript is a file, named by its first line. */
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "@swc/core";

const PACKAGES = join(__dirname, "../..");
const FIXTURES = join(__dirname, "fixtures/readme");

/** The examples in the README, by file name. */
export function examplesOfReadme(): ReadonlyMap<string, string> {
  const blocks = readFileSync(join(__dirname, "../README.md"), "utf8").matchAll(/```ts\n([^]*?)```/g);
  return new Map([...blocks].map(([, text = ""]) => [/^\/\/ (\S+)\n/.exec(text)?.[1] ?? `a block without a name: ${text}`, text]));
}

/** The same examples as files that the type checker and the linter read. */
export function examplesOfFixtures(): ReadonlyMap<string, string> {
  return new Map(readdirSync(FIXTURES).map((file) => [file, readFileSync(join(FIXTURES, file), "utf8")]));
}

/** Writes the README's examples into `directory` as JavaScript, beside the packages they import. */
export function compileExamples(directory: string): void {
  const link = (name: string, target: string): void => {
    mkdirSync(join(directory, "node_modules/@candor"), { recursive: true });
    symlinkSync(join(PACKAGES, target), join(directory, "node_modules", name), "junction");
  };
  link("@candor/cli", "cli");
  link("@candor/core", "core");
  link("commander", "cli/node_modules/commander");
  for (const [file, text] of examplesOfReadme()) {
    const { code } = transformSync(text, { configFile: false, swcrc: false, jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "es6" } });
    writeFileSync(join(directory, file.replace(/\.ts$/, ".mjs")), code.replaceAll(/(from "\.\/[\w-]+)\.ts"/g, '$1.mjs"'));
  }
}
