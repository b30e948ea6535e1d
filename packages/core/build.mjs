/**
 * Builds core: first the uploader as one script with everything in it, then the library. The library carries the script
 * as text too, for tools that are bundled into one file and leave no other file to run.
 */
import { readFileSync } from "node:fs";
import { build } from "esbuild";
import { buildPackage, shared } from "../../scripts/build-package.mjs";

const NOTICE = "/* candor's uploader. Contains proxy-from-env, (c) Rob Wu, MIT licence. */";

await build({
  ...shared,
  entryPoints: ["src/uploader-process.ts"],
  outfile: "dist/candor-uploader.cjs",
  format: "cjs",
  minify: true,
  banner: { js: NOTICE },
  define: { "import.meta.url": "undefined", __UPLOADER_SOURCE__: "undefined" },
});
await buildPackage({
  // Types come from @candor/backend, code from here: fewer files to open in every command.
  inline: ["@candor/backend", "@candor/backend-file"],
  define: { __UPLOADER_SOURCE__: JSON.stringify(readFileSync("dist/candor-uploader.cjs", "utf8")) },
});
