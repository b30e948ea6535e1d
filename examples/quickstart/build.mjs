/**
 * Builds the tool as it is published: our own source in one file, the packages it depends on beside it. The catalog is built by itself
 * as well, for `candor catalog`, which loads nothing else of the tool.
 */
import { build } from "esbuild";

await build({
  entryPoints: { notes: "src/main.ts", catalog: "src/catalog.ts" },
  outdir: "dist",
  outExtension: { ".js": ".mjs" },
  bundle: true,
  packages: "external",
  platform: "node",
  target: "node20.19",
  format: "esm",
  logLevel: "warning",
});
