/** Bundles a program into one file, as a tool's author would: `bundle.mjs <source> <target> <esm|cjs>`. */
import { build } from "esbuild";

const [, , source, target, format] = process.argv;
await build({ entryPoints: [source], outfile: target, format, bundle: true, platform: "node", target: "node20", logLevel: "warning" });
