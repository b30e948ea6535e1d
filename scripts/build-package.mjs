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

/** Entries as ES modules that share what they have in common. */
export const asModules = { ...shared, format: "esm", outdir: "dist/esm", splitting: true, chunkNames: "rooms/[name]-[hash]" };

/** Builds the package in the working directory. */
async function buildPackage() {
  const { publicEntries, programs, external } = readManifest();
  rmSync("dist", { recursive: true, force: true });
  await build({ ...asModules, external, entryPoints: [...publicEntries, ...programs] });
  await writeCommonJs("dist/esm", "dist/cjs");
  writeDeclarations("dist/esm", publicEntries);
  cpSync("dist/esm", "dist/cjs", { recursive: true, filter: (file) => !path.extname(file) || file.endsWith(".d.ts") });
  copyLicense();
}

/** The sources that the package's manifest leads to, and the packages that are not joined in. */
export function readManifest() {
  const manifest = JSON.parse(readFileSync("package.json", "utf8"));
  return {
    publicEntries: Object.keys(manifest.exports)
      .filter((subpath) => !subpath.endsWith(".json"))
      .map((subpath) => `src/${subpath === "." ? "index" : subpath.slice(2)}.ts`),
    programs: Object.keys(manifest.bin ?? {}).map((name) => `src/${name}.ts`),
    external: Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }),
  };
}

/** Writes the declarations that the public entries lead to, and none else. */
export function writeDeclarations(folder, publicEntries) {
  const tsc = path.join(path.dirname(require.resolve("typescript/package.json")), "bin/tsc");
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.json", "--outDir", folder], { stdio: "inherit" });
  const entries = publicEntries.map((entry) => entry.replace(/^src\//, "").replace(/\.ts$/, ".d.ts"));
  const reached = new Set();
  const queue = [...entries];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    for (const [, target] of readFileSync(path.join(folder, file), "utf8").matchAll(/(?:from|import\()\s*"(\.[^"]+)\.ts"/g)) {
      queue.push(path.join(path.dirname(file), `${target}.d.ts`));
    }
  }
  for (const file of readdirSync(folder, { recursive: true })) {
    if (file.endsWith(".d.ts") && !reached.has(file)) rmSync(path.join(folder, file));
  }
}

export function copyLicense() {
  if (existsSync(licenseFile)) cpSync(licenseFile, "LICENSE");
}

/** Translates ES modules file by file, so that both forms load the same rooms at the same moments. */
export async function writeCommonJs(from, to, transformation = {}) {
  for (const name of readdirSync(from, { recursive: true }).filter((file) => file.endsWith(".js"))) {
    const { code } = await transform(readFileSync(path.join(from, name), "utf8"), { format: "cjs", platform: "node", target: shared.target, ...transformation });
    write(path.join(to, name), withRequire(code));
  }
  write(path.join(to, "package.json"), '{"type":"commonjs"}\n');
}

/** Our own rooms and packages are required instead of imported: `import()` does not work in everybody's CommonJS test runner. */
export function withRequire(code) {
  return code.replaceAll(/\bimport\(("(?:\.|@candor\/)[^"]+")\)/g, "Promise.resolve().then(() => require($1))");
}

/** Writes a file, and the directories above it. */
export function write(file, text) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

if (process.argv[1] === import.meta.filename) await buildPackage();
