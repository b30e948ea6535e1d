/**
 * Bundles the tool with everything it depends on into a single file, once as ESM and once as CommonJS:
 * `node bundle.mjs <directory>` writes `notes.mjs` and `notes.cjs` there. candor needs no option of its own for this.
 */
import path from "node:path";
import { build } from "esbuild";

const directory = path.resolve(process.argv[2] ?? "dist/bundle");

const shared = {
  absWorkingDir: import.meta.dirname,
  entryPoints: ["src/main.ts"],
  bundle: true,
  platform: "node",
  target: "node20.19",
  // candor is linked here; about packages that are installed below node_modules esbuild has no warnings anyway.
  logLevel: "error",
};

await build({
  ...shared,
  outfile: path.join(directory, "notes.mjs"),
  format: "esm",
  // commander is CommonJS and calls require() for Node's own modules; an ESM file has no require of its own.
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
});
await build({ ...shared, outfile: path.join(directory, "notes.cjs"), format: "cjs" });
