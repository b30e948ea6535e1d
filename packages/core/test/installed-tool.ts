/** A tool in a home of its own, in which packages of ours lie as npm installs them: built, and found by name. */
import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { runProcess, type TemporaryHome, temporaryHome } from "@candor/testing";

/** Makes a home with `files` in its folder `tool`, where `packages` are installed. */
export function toolHome(files: Readonly<Record<string, string>>, packages: readonly string[]): TemporaryHome {
  const home = temporaryHome(Object.fromEntries(Object.entries(files).map(([name, content]) => [`tool/${name}`, content])));
  for (const name of packages) {
    const link = join(home.path, "tool/node_modules/@candor", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(resolve(__dirname, "../..", name), link, "junction");
  }
  return home;
}

/** Makes the home of a tool, an ES module that uses core and this backend. Modules whose path `vendor` matches are counted. */
export function countedTool(source: string, backend: string, vendor: RegExp): TemporaryHome {
  // What is CommonJS, as the vendors' packages are, stands in this list however it was loaded.
  const recorder = `process.on("exit", () => {
    const loaded = Object.keys(require("node:module")._cache).filter((path) => ${vendor}.test(path));
    process.stdout.write(String(loaded.length));
  });`;
  return toolHome({ "recorder.cjs": recorder, "tool.mjs": source }, ["core", backend]);
}

/** Runs a counted tool to its end, with telemetry on. Answers how many of those modules its own process has loaded. */
export async function modulesLoadedIn(home: TemporaryHome, variables: Readonly<Record<string, string>>): Promise<number> {
  const args = ["--require", join(home.path, "tool/recorder.cjs"), join(home.path, "tool/tool.mjs")];
  const { stdout, stderr, exitCode } = await runProcess(process.execPath, args, { environment: { ...home.environment, NOTES_TELEMETRY: "on", ...variables }, cwd: home.path });
  if (stderr !== "" || exitCode !== 0) throw new Error(`the tool ended with ${exitCode}: ${stderr}`);
  return Number(stdout);
}
