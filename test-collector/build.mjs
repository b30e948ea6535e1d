/**
 * Builds the OpenTelemetry Collector of the end-to-end tests with the collector's own builder, from the Go module proxy,
 * at the versions that manifest.yaml pins. The binary is kept in .cache/otel-collector/<key>/otelcol; the key stands for
 * the manifest, the Go version and the platform, so that nothing is built twice. Never fails for want of Go.
 *
 * Usage: node test-collector/build.mjs          builds if needed; prints one line: where the binary is, or why there is none
 *        node test-collector/build.mjs --find   builds nothing; prints what there is as JSON, for `collector-binary.ts`
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";

const here = import.meta.dirname;
const cache = path.resolve(here, "../.cache/otel-collector");
const manifestFile = path.join(here, "manifest.yaml");
const logFile = path.join(cache, "build.log");
const binaryName = process.platform === "win32" ? "otelcol.exe" : "otelcol";

/** More compilers at once take the machine away from whatever else runs on it. */
const COMPILERS = 2;

const onlyFind = process.argv.includes("--find");
const go = spawnSync("go", ["env", "GOVERSION", "GOOS", "GOARCH", "GOFLAGS"], { encoding: "utf8", cwd: here });
if (go.error || go.status !== 0) {
  say(onlyFind ? '{"status":"no-go"}' : "collector: skipped, no Go on this machine");
} else {
  const [goVersion = "", system = "", architecture = "", goFlags = ""] = go.stdout.split(/\r?\n/);
  const manifest = readFileSync(manifestFile, "utf8");
  const key = keyOf(manifest, goVersion, system, architecture);
  const binary = path.join(cache, key, binaryName);
  if (onlyFind) {
    say(JSON.stringify(existsSync(binary) ? { status: "built", path: binary } : { status: "not-built" }));
  } else {
    const built = existsSync(binary) || (await build(binary, versionOf(manifest), goFlags));
    say(built ? `collector: ${binary}` : `collector: the build failed, see ${logFile}`);
    process.exitCode = built ? 0 : 1;
  }
}

function say(line) {
  process.stdout.write(`${line}\n`);
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

/** Builds aside and renames, so that a build cut short leaves no binary behind. Answers whether it succeeded. */
async function build(binary, version, goFlags) {
  mkdirSync(cache, { recursive: true });
  const workshop = mkdtempSync(path.join(cache, "build-"));
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
    if (exitCode !== 0) return false;
    mkdirSync(path.dirname(binary), { recursive: true });
    renameSync(path.join(workshop, "source", binaryName), binary);
    return true;
  } finally {
    closeSync(log);
    rmSync(workshop, { recursive: true, force: true });
  }
}
