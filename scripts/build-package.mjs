/**
 * Builds the package in the working directory: one source, ESM and CommonJS.
 *
 * esbuild joins each public entry into one file, because a command-line tool pays for every file it
 * opens at start-up; rooms that are imported dynamically stay apart. The TypeScript
 * compiler writes the declarations. Packages from the registry are never bundled.
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { build, transform } from "esbuild";

const require = createRequire(import.meta.url);
const licenseFile = path.join(import.meta.dirname, "../LICENSE");

/** What every output of the workspace shares. */
export const shared = {
  bundle: true,
  platform: "node",
  target: "node20.19",
  legalComments: "none",
  logLevel: "warning",
};

/**
 * Builds the package in the working directory.
 *
 * `define` replaces names in the source, as esbuild does. `inline` names workspace packages whose code is joined into the
 * output, to spare a command's start-up the opening of more files.
 */
export async function buildPackage({ define = {}, inline = [] } = {}) {
  const manifest = JSON.parse(readFileSync("package.json", "utf8"));
  const entryPoints = Object.keys(manifest.exports)
    .filter((subpath) => subpath !== "./package.json")
    .map((subpath) => `src/${subpath === "." ? "index" : subpath.slice(2)}.ts`);
  const external = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }).filter((name) => !inline.includes(name));

  for (const folder of ["dist/esm", "dist/cjs"]) rmSync(folder, { recursive: true, force: true });
  await build({
    ...shared,
    entryPoints,
    external,
    define,
    // Packages that are joined in are built from their source, so that only what is used comes along.
    plugins: [fromSource(inline)],
    format: "esm",
    outdir: "dist/esm",
    splitting: true,
    chunkNames: "rooms/[name]-[hash]",
  });
  await writeCommonJs();

  const tsc = path.join(path.dirname(require.resolve("typescript/package.json")), "bin/tsc");
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.json"], { stdio: "inherit" });
  writeFileSync("dist/cjs/package.json", '{"type":"commonjs"}\n');
  cpSync("dist/esm", "dist/cjs", { recursive: true, filter: (file) => !path.extname(file) || file.endsWith(".d.ts") });
  if (existsSync(licenseFile)) cpSync(licenseFile, "LICENSE");
}

/** Packages that are joined in are built from their source, so that only what is used comes along. */
const fromSource = (names) => ({
  name: "from-source",
  setup(bundler) {
    for (const name of names) {
      const root = path.resolve("..", name.replace("@candor/", ""), "src");
      bundler.onResolve({ filter: new RegExp(`^${name}(/[a-z-]+)?$`) }, ({ path: specifier }) => ({
        path: path.join(root, `${specifier.slice(name.length + 1) || "index"}.ts`),
        sideEffects: false,
      }));
    }
  },
});

/**
 * Translates the ESM output file by file, so that both forms load the same rooms at the same moments. Our own rooms and packages are
 * required instead of imported: `import()` does not work in everybody's CommonJS test runner.
 */
async function writeCommonJs() {
  for (const name of readdirSync("dist/esm", { recursive: true }).filter((file) => file.endsWith(".js"))) {
    const { code } = await transform(readFileSync(path.join("dist/esm", name), "utf8"), {
      format: "cjs",
      platform: "node",
      target: shared.target,
      // A CommonJS file knows its own place through __filename; the source asks import.meta.url.
      define: { "import.meta.url": "__moduleUrl" },
    });
    const place = code.includes("__moduleUrl") ? 'const __moduleUrl = require("node:url").pathToFileURL(__filename).href;\n' : "";
    const output = path.join("dist/cjs", name);
    mkdirSync(path.dirname(output), { recursive: true });
    writeFileSync(output, place + code.replaceAll(/\bimport\(("(?:\.|@candor\/)[^"]+")\)/g, "Promise.resolve().then(() => require($1))"));
  }
}

if (process.argv[1] === import.meta.filename) await buildPackage();
