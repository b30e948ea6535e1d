/**
 * Builds the package in the working directory: one source, ESM and CommonJS.
 *
 * esbuild joins each public entry into one file, because a command-line tool pays for every file it
 * opens at start-up; rooms that are imported dynamically stay apart in the ESM output. The TypeScript
 * compiler writes the declarations. Packages from the registry are never bundled.
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { build } from "esbuild";

const require = createRequire(import.meta.url);
const licenseFile = path.join(import.meta.dirname, "../LICENSE");

/** What every output of the workspace shares. */
export const shared = {
  bundle: true,
  platform: "node",
  target: "node20.19",
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
};

/** Builds the package in the working directory. `define` replaces names in the source, as esbuild does. */
export async function buildPackage({ define = {} } = {}) {
  const manifest = JSON.parse(readFileSync("package.json", "utf8"));
  const entryPoints = Object.keys(manifest.exports)
    .filter((subpath) => subpath !== "./package.json")
    .map((subpath) => `src/${subpath === "." ? "index" : subpath.slice(2)}.ts`);
  const library = { ...shared, entryPoints, packages: "external", define };

  for (const folder of ["dist/esm", "dist/cjs"]) rmSync(folder, { recursive: true, force: true });
  await build({ ...library, format: "esm", outdir: "dist/esm", splitting: true, chunkNames: "rooms/[name]-[hash]" });
  await build({
    ...library,
    format: "cjs",
    outdir: "dist/cjs",
    // A CommonJS file knows its own place through __filename; the source asks import.meta.url.
    define: { ...define, "import.meta.url": "__moduleUrl" },
    banner: { js: 'const __moduleUrl = require("node:url").pathToFileURL(__filename).href;' },
  });

  const tsc = path.join(path.dirname(require.resolve("typescript/package.json")), "bin/tsc");
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.json"], { stdio: "inherit" });
  writeFileSync("dist/cjs/package.json", '{"type":"commonjs"}\n');
  cpSync("dist/esm", "dist/cjs", { recursive: true, filter: (file) => !path.extname(file) || file.endsWith(".d.ts") });
  rmSync("dist/cjs/rooms", { recursive: true, force: true });
  if (existsSync(licenseFile)) cpSync(licenseFile, "LICENSE");
}

if (process.argv[1] === import.meta.filename) await buildPackage();
