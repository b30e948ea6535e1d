/**
 * The workspace's commands, for a machine with nothing but Node.js and npm: brings the pinned pnpm, installs what the
 * lockfile says, and runs the named task. `npm start` and `npm test` come here.
 *
 * Usage: node scripts/run.mjs <task> [arguments]
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const { packageManager } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));

const [task = "", ...rest] = process.argv.slice(2);

const TASKS = {
  build: () => build(),
  test: () => {
    build();
    node("node_modules/jest/bin/jest.js", ...rest);
  },
  tour: () => {
    build();
    node("examples/quickstart/tour/tour.mjs", ...rest);
  },
  dr: () => {
    build();
    node("examples/dr/dist/demo.mjs");
  },
  bench: () => {
    build();
    node("bench/bench.mjs", ...rest);
  },
  check: () => {
    build();
    node("node_modules/typescript/bin/tsc", "--noEmit", "-p", "tsconfig.json");
    node("node_modules/oxlint/bin/oxlint", "--type-aware", "--deny-warnings");
    node("node_modules/knip/bin/knip.js");
    node("scripts/check-boundaries.mjs");
    node("scripts/check-bench-table.mjs");
    node("scripts/check-packages.mjs");
  },
};

if (!Object.hasOwn(TASKS, task)) {
  console.error(`usage: node scripts/run.mjs ${Object.keys(TASKS).join("|")}`);
  process.exit(2);
}
install();
TASKS[task]();

/** Installs only when the lockfile is newer than what is installed. */
function install() {
  const marker = path.join(root, "node_modules/.modules.yaml");
  const lockfile = path.join(root, "pnpm-lock.yaml");
  if (existsSync(marker) && statSync(marker).mtimeMs >= statSync(lockfile).mtimeMs) return;
  pnpm("install", "--frozen-lockfile", "--prefer-offline");
}

/** turbo looks for pnpm on the PATH, which `npm exec` arranges. */
function build() {
  pnpm("exec", "turbo", "run", "build", "--output-logs=errors-only", "--no-update-notifier");
}

function pnpm(...args) {
  run("npm", ["exec", "--yes", `--package=${packageManager}`, "--", "pnpm", ...args]);
}

function node(script, ...args) {
  run(process.execPath, [script, ...args]);
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: "inherit",
    // npm is a script on Windows.
    shell: process.platform === "win32" && command === "npm",
    // The tools that build candor are asked not to report on it.
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" },
  });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
