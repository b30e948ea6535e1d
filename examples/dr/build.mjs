/**
 * Builds the tool twice, as the DataRobot CLI is built: a development build, which has no Amplitude key and so sends nothing, and a release.
 * The demonstration is built beside them.
 */
import { build } from "esbuild";

const shared = { bundle: true, packages: "external", platform: "node", target: "node20.19", format: "esm", logLevel: "warning" };

/** What a release pipeline puts in. The key is public: everybody who has the tool can read it. */
const BUILDS = {
  "dist/dr.mjs": { amplitudeApiKey: "", installMethod: "source" },
  "dist/dr-release.mjs": { amplitudeApiKey: "AMPLITUDE_API_KEY", installMethod: "release" },
};

for (const [outfile, values] of Object.entries(BUILDS)) {
  await build({ ...shared, entryPoints: ["src/main.ts"], outfile, define: { __BUILD__: JSON.stringify(values) } });
}
await build({ ...shared, entryPoints: ["demo/demo.ts"], outfile: "dist/demo.mjs" });
// For `candor catalog`, which loads nothing else of the tool.
await build({ ...shared, entryPoints: ["src/catalog.ts"], outfile: "dist/catalog.mjs" });
