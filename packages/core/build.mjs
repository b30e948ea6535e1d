/**
 * Builds core: first the uploader as one script with everything in it, then the library, which carries the script as text.
 */
import { createHash } from "node:crypto";
import { build } from "esbuild";
import { buildPackage, shared } from "../../scripts/build-package.mjs";

const NOTICE = "/* candor's uploader: delivers what a command-line tool left in its spool. Contains proxy-from-env, (c) Rob Wu, MIT licence. */";

const { outputFiles } = await build({
  ...shared,
  entryPoints: ["src/uploader-entry.ts"],
  format: "cjs",
  minify: true,
  write: false,
  banner: { js: NOTICE },
  define: { __UPLOADER_SOURCE__: "undefined", __UPLOADER_HASH__: "undefined" },
});
const [{ text }] = outputFiles;

await buildPackage({
  // Types come from these packages, code from here: fewer files to open in every command.
  inline: ["@candor/backend", "@candor/backend-file"],
  late: "background",
  minify: true,
  define: {
    __UPLOADER_SOURCE__: JSON.stringify(text),
    __UPLOADER_HASH__: JSON.stringify(createHash("sha256").update(text).digest("hex").slice(0, 12)),
  },
});
