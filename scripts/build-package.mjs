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
 * output, to spare a command's start-up the opening of more files; `minify` spares it some of the parsing.
 * `late` names a room that the main entry loads later, with a copy of its own of what both need: the main entry is then one file.
 */
export async function buildPackage({ define = {}, inline = [], late, minify = false } = {}) {
  const manifest = JSON.parse(readFileSync("package.json", "utf8"));
  const publicEntries = Object.keys(manifest.exports)
    .filter((subpath) => !subpath.endsWith(".json"))
    .map((subpath) => `src/${subpath === "." ? "index" : subpath.slice(2)}.ts`);
  const programs = Object.keys(manifest.bin ?? {}).map((name) => `src/${name}.ts`);
  const entryPoints = [...publicEntries, ...programs];
  const external = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }).filter((name) => !inline.includes(name));

  rmSync("dist", { recursive: true, force: true });
  // Line breaks stay: an error that Node.js prints with its line of source must not print the whole library.
  const shortened = { minifyIdentifiers: minify, minifySyntax: minify };
  const library = {
    ...shared,
    external,
    define,
    ...shortened,
    format: "esm",
    outdir: "dist/esm",
    splitting: true,
    chunkNames: "rooms/[name]-[hash]",
  };
  const plugins = inline.length > 0 ? [fromSource(inline)] : [];
  if (late === undefined) {
    await build({ ...library, entryPoints, plugins });
  } else {
    await build({ ...library, entryPoints: ["src/index.ts"], plugins: [apart(late), ...plugins] });
    await build({ ...library, entryPoints: [...entryPoints.filter((entry) => entry !== "src/index.ts"), `src/${late}.ts`], plugins });
  }
  await writeCommonJs(shortened);

  const tsc = path.join(path.dirname(require.resolve("typescript/package.json")), "bin/tsc");
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.json"], { stdio: "inherit" });
  writeFileSync("dist/cjs/package.json", '{"type":"commonjs"}\n');
  keepReachable("dist/esm", publicEntries.map((entry) => entry.replace(/^src\//, "").replace(/\.ts$/, ".d.ts")));
  cpSync("dist/esm", "dist/cjs", { recursive: true, filter: (file) => !path.extname(file) || file.endsWith(".d.ts") });
  if (existsSync(licenseFile)) cpSync(licenseFile, "LICENSE");
}

/** Leaves the import of a room as it is, to a file of its own. */
const apart = (room) => ({
  name: "apart",
  setup(bundler) {
    bundler.onResolve({ filter: new RegExp(`^\\.{1,2}/${room}\\.ts$`) }, () => ({ path: `./${room}.js`, external: true }));
  },
});

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
    // A package that is joined in takes `post` from its own entry; the late-loading door to it would only add files.
    bundler.onResolve({ filter: /\/lazy-post\.ts$/ }, () => ({ path: "lazy-post", namespace: "unused", sideEffects: false }));
    bundler.onLoad({ filter: /.*/, namespace: "unused" }, () => ({ contents: "export const post = undefined; export const get = undefined;" }));
  },
});

/** Deletes the declarations that no public entry leads to. */
function keepReachable(folder, entries) {
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

/**
 * Translates the ESM output file by file, so that both forms load the same rooms at the same moments. Our own rooms and packages are
 * required instead of imported: `import()` does not work in everybody's CommonJS test runner.
 */
async function writeCommonJs(shortened) {
  for (const name of readdirSync("dist/esm", { recursive: true }).filter((file) => file.endsWith(".js"))) {
    const { code } = await transform(readFileSync(path.join("dist/esm", name), "utf8"), {
      format: "cjs",
      platform: "node",
      target: shared.target,
      ...shortened,
    });
    const output = path.join("dist/cjs", name);
    mkdirSync(path.dirname(output), { recursive: true });
    writeFileSync(output, code.replaceAll(/\bimport\(("(?:\.|@candor\/)[^"]+")\)/g, "Promise.resolve().then(() => require($1))"));
  }
}

if (process.argv[1] === import.meta.filename) await buildPackage();
