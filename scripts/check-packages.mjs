/**
 * Checks what would be published: every package is packed, judged by publint and attw, and then installed from its tarball
 * into an empty project, where an ES module, a CommonJS module and a CommonJS Jest test use it.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const { packageManager } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
const work = mkdtempSync(path.join(tmpdir(), "candor-packages-"));

try {
  const tarballs = readdirSync(path.join(root, "packages")).map(pack);
  for (const tarball of tarballs) {
    run("publint", ["node_modules/publint/src/cli.js", tarball.file, "--strict"]);
    run("attw", ["node_modules/@arethetypeswrong/cli/dist/index.js", tarball.file, "--profile", "node16"]);
    console.log(`${tarball.name}: packed ${statSync(tarball.file).size} bytes, publint and attw are clean`);
  }
  consume(tarballs);
} finally {
  rmSync(work, { recursive: true, force: true });
}

function pack(name) {
  const output = execFileSync("npm", ["exec", "--yes", `--package=${packageManager}`, "--", "pnpm", "pack", "--pack-destination", work, "--json"], {
    cwd: path.join(root, "packages", name),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { filename } = JSON.parse(output.slice(output.indexOf("{")));
  return { name, file: path.resolve(work, filename) };
}

function run(what, args) {
  try {
    execFileSync(process.execPath, args, { cwd: root, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    throw new Error(`${what} ${args[1]}:\n${error.stdout}${error.stderr}`, { cause: error });
  }
}

/** One project that depends on the tarballs alone, as a tool's author would have it. */
function consume(tarballs) {
  const specifiers = Object.fromEntries(tarballs.map(({ name, file }) => [`@candor/${name}`, `file:${file}`]));
  const jest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")).devDependencies.jest;
  writeFileSync(
    path.join(work, "package.json"),
    JSON.stringify({ private: true, dependencies: { ...specifiers, commander: "14.0.3", jest }, overrides: specifiers }),
  );
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--silent"], { cwd: work, stdio: "inherit" });

  const use = `
    const collector = createCollector({ tool: "consumer", version: "1.0.0", backend: { use: "noop" } });
    collector.track("feature.used", "packed");
    const program = new Command("consumer");
    program.command("hello").action(() => console.log("hello"));
    addTelemetryCommand(program, collector);
    instrument(program, collector);`;
  const imports = (load) => `
    ${load("{ createCollector }", "@candor/core")}
    ${load("{ addTelemetryCommand, instrument }", "@candor/cli/commander")}
    ${load("{ Command }", "commander")}`;
  const esm = imports((names, from) => `import ${names} from "${from}";`);
  const cjs = imports((names, from) => `const ${names} = require("${from}");`);
  writeFileSync(path.join(work, "consumer.mjs"), `${esm}${use}\nawait program.parseAsync();\n`);
  writeFileSync(path.join(work, "consumer.cjs"), `${cjs}${use}\nprogram.parse();\n`);
  writeFileSync(
    path.join(work, "consumer.test.js"),
    `${cjs}
    test("a CommonJS test can use candor", async () => {${use}
      const { status } = require("@candor/core/commands");
      expect(status(collector).lines[0]).toBe("Telemetry: disabled");
      await program.parseAsync(["hello"], { from: "user" });
      await expect(collector.flush()).resolves.toEqual({ status: "disabled" });
    });`,
  );
  for (const file of ["consumer.mjs", "consumer.cjs"]) {
    const output = execFileSync(process.execPath, [file, "hello"], { cwd: work, encoding: "utf8" });
    if (output !== "hello\n") throw new Error(`${file} printed ${JSON.stringify(output)}`);
  }
  writeFileSync(path.join(work, "catalog.cjs"), 'exports.catalog = require("@candor/core").defineEvents({ tool: "consumer", events: {} });\n');
  const written = execFileSync(process.execPath, ["node_modules/@candor/cli/bin/candor.mjs", "catalog", "catalog.cjs"], { cwd: work, encoding: "utf8" });
  if (written !== "TELEMETRY.md is written\n") throw new Error(`candor printed ${JSON.stringify(written)}`);
  try {
    execFileSync(process.execPath, ["node_modules/jest/bin/jest.js", "--rootDir", work], { cwd: work, stdio: "pipe", encoding: "utf8" });
  } catch (error) {
    throw new Error(`the Jest consumer failed:\n${error.stderr}`, { cause: error });
  }
  console.log("tarballs: an ES module, a CommonJS module, a CommonJS Jest test and the program candor use them");
}
