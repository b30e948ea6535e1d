/** The package: how large core is when packed, and which files a command loads for it. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { createHome } from "../instruments/homes.mjs";
import { installedTool } from "../instruments/installed-tool.mjs";
import { observe, workload } from "../instruments/processes.mjs";
import { count, markdownTable } from "../instruments/tables.mjs";

export const name = "package";
export const title = "The package";
export const quick = true;

const root = path.resolve(import.meta.dirname, "../..");

export async function measure() {
  const { size, unpackedSize, entryCount } = packed();
  const home = await createHome({ consent: "given" });
  const loaded = { ESM: await loadedByModule(home), CommonJS: await loadedByRequire(home) };
  home.dispose();
  return { packedBytes: size, unpackedBytes: unpackedSize, files: entryCount, loaded };
}

/** What npm would publish, without doing it. */
function packed() {
  const { stdout, status } = spawnSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: path.join(root, "packages/core"),
    encoding: "utf8",
    // npm is a script on Windows.
    shell: process.platform === "win32",
  });
  if (status !== 0) throw new Error("npm pack failed");
  const described = JSON.parse(stdout);
  return Array.isArray(described) ? described[0] : Object.values(described)[0];
}

/** The files that an ES module loads for a command with telemetry on. */
async function loadedByModule(home) {
  return loadedBy([workload("command.mjs"), "candor"], home.run({ BENCH_MODE: "uploading", BENCH_ENDPOINT: "http://127.0.0.1:9/" }), home);
}

/** The files that a CommonJS command loads. */
async function loadedByRequire(home) {
  const folder = path.join(installedTool(), "package");
  mkdirSync(folder, { recursive: true });
  const script = path.join(folder, "command.cjs");
  writeFileSync(
    script,
    `const { createCollector } = require("@candor/core");
     createCollector({ tool: "bench", version: "1", backend: { use: "http", endpoint: "http://127.0.0.1:9/" }, directories: { data: process.env.BENCH_DATA, config: process.env.BENCH_DATA + "/config" } }).track("feature.used", "export");`,
  );
  const files = await loadedBy([script], home.run(), home);
  rmSync(folder, { recursive: true });
  return files;
}

/** Told by a loader hook, by `require`, and by what is evaluated beside both. */
async function loadedBy(args, { env, cwd }, home) {
  const log = path.join(home.path, "loaded.txt");
  rmSync(log, { force: true });
  const { status, stderr } = await observe(args, { env: { ...env, BENCH_LOADED: log }, cwd, nodeOptions: ["--import", workload("loaded-modules.mjs")] });
  if (status !== 0) throw new Error(stderr);
  const urls = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
  const files = urls.filter((url) => url.startsWith("file:")).map((url) => relative(fileURLToPath(url)));
  return [...new Set(files)].filter((file) => !file.startsWith("bench/"));
}

function relative(file) {
  return path.relative(root, file).split(path.sep).join("/");
}

export function render({ packedBytes, unpackedBytes, files, loaded }) {
  return [
    markdownTable(
      ["", "figure"],
      [
        ["core, packed", `${count(packedBytes)} bytes`],
        ["core, unpacked", `${count(unpackedBytes)} bytes in ${files} files`],
        ...Object.entries(loaded).map(([kind, list]) => [`loaded by a command with telemetry on, ${kind}`, list.join(", ")]),
      ],
    ),
  ];
}
