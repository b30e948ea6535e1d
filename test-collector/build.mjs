/**
 * Builds the OpenTelemetry Collector of the end-to-end tests with the collector's own builder, from the Go module proxy,
 * at the versions that manifest.yaml pins. The binary is kept in .cache/otel-collector/<key>/otelcol; the key stands for
 * the manifest, the Go version and the platform, so that nothing is built twice. Never fails for want of Go.
 *
 * Usage: node test-collector/build.mjs
 * Prints one line: where the binary is, or why there is none.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";

const here = import.meta.dirname;
const cache = path.resolve(here, "../.cache/otel-collector");
const manifestFile = path.join(here, "manifest.yaml");
const binaryName = process.platform === "win32" ? "otelcol.exe" : "otelcol";

/** More compilers at once take the machine away from whatever else runs on it. */
const COMPILERS = 2;

const go = spawnSync("go", ["env", "GOVERSION", "GOOS", "GOARCH", "GOFLAGS"], { encoding: "utf8", cwd: here });
if (go.error || go.status !== 0) {
  console.log("collector: skipped, no Go on this machine");
} else {
  const [goVersion = "", system = "", architecture = "", goFlags = ""] = go.stdout.split(/\r?\n/);
  const manifest = readFileSync(manifestFile, "utf8");
  const key = keyOf(manifest, goVersion, system, architecture);
  const binary = path.join(cache, key, binaryName);
  if (!existsSync(binary)) await build(binary, versionOf(manifest), goFlags);
  console.log(`collector: ${binary}`);
}

/** The version first, for people; the digest of everything that decides what is built. */
function keyOf(manifest, ...toolchain) {
  const digest = createHash("sha256").update([manifest, ...toolchain].join("\n")).digest("hex");
  return `${versionOf(manifest)}-${digest.slice(0, 12)}`;
}

function versionOf(manifest) {
  const version = /^ {2}version: (\S+)$/m.exec(manifest)?.[1];
  if (version === undefined) throw new Error(`${manifestFile} names no dist.version`);
  return version;
}

/** Builds aside and renames, so that a build cut short leaves no binary behind. */
async function build(binary, version, goFlags) {
  mkdirSync(path.dirname(binary), { recursive: true });
  const workshop = mkdtempSync(path.join(cache, "build-"));
  const logFile = path.join(cache, "build.log");
  const log = openSync(logFile, "w");
  const builder = ["go", "run", `go.opentelemetry.io/collector/cmd/builder@v${version}`, `--config=${manifestFile}`];
  const [command, ...rest] = process.platform === "win32" ? builder : ["nice", "-n", "19", ...builder];
  try {
    const exitCode = await new Promise((resolve, reject) => {
      const child = spawn(command, rest, {
        cwd: workshop,
        // No C compiler is needed, and the binary runs on any system of its kind.
        env: { ...process.env, CGO_ENABLED: "0", GOWORK: "off", GOFLAGS: `${goFlags} -p=${COMPILERS}`.trim() },
        stdio: ["ignore", log, log],
      });
      child.on("error", reject);
      child.on("close", resolve);
    });
    if (exitCode !== 0) {
      console.error(`collector: the build failed, see ${logFile}`);
      process.exit(1);
    }
    renameSync(path.join(workshop, "source", binaryName), binary);
  } finally {
    closeSync(log);
    rmSync(workshop, { recursive: true, force: true });
  }
}
