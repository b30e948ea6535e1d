/**
 * The environment: what the machine, the process and its variables say. The questions are pure
 * functions of what is passed in; only `environmentFacts` and `environmentVariables` look at the
 * running process. It decides nothing about consent.
 */

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The facts that stand on every event. */
export interface EnvironmentFacts {
  /** Go name: `linux`, `darwin`, `windows`. */
  readonly os: string;
  /** Go name: `amd64`, `arm64`, `386`. */
  readonly arch: string;
  readonly osVersion: string;
  /** Without the leading `v`. */
  readonly nodeVersion: string;
}

/** Node's names that differ from Go's; every other platform has the same name in both. */
const GO_OPERATING_SYSTEMS: Environment = { win32: "windows", cygwin: "windows", sunos: "solaris" };
const GO_ARCHITECTURES: Environment = { x64: "amd64", ia32: "386", mipsel: "mipsle" };

/** Variables that continuous integration services set, besides the general `CI`. */
const INTEGRATION_VARIABLES = [
  "GITHUB_ACTIONS",
  "GITLAB_CI",
  "BUILDKITE",
  "CIRCLECI",
  "TRAVIS",
  "JENKINS_URL",
  "TEAMCITY_VERSION",
  "TF_BUILD",
  "CODEBUILD_BUILD_ID",
  "APPVEYOR",
  "DRONE",
  "BITBUCKET_BUILD_NUMBER",
];

/** Variables of hosts that freeze or end every process once the request is answered. */
const SERVERLESS_VARIABLES = ["AWS_LAMBDA_FUNCTION_NAME", "K_SERVICE", "FUNCTIONS_WORKER_RUNTIME", "VERCEL"];

/** Variables that container runtimes set for the processes inside. */
const CONTAINER_VARIABLES = ["container", "KUBERNETES_SERVICE_HOST"];

/** Go's name of an operating system that Node calls `platform`. */
export function goOperatingSystem(platform: string): string {
  return ownValue(GO_OPERATING_SYSTEMS, platform) ?? platform;
}

/** Go's name of an architecture that Node calls `arch`. */
export function goArchitecture(arch: string): string {
  return ownValue(GO_ARCHITECTURES, arch) ?? arch;
}

/**
 * The operating system's version as GTB reports it: on Linux the third word of `/proc/version`, or
 * the whole trimmed text when it has fewer; elsewhere, and when the file cannot be read, the Go name
 * of the system.
 */
export function osVersion(platform: string, readFile: (path: string) => string): string {
  const os = goOperatingSystem(platform);
  if (os !== "linux") return os;
  try {
    const text = readFile("/proc/version").trim();
    return text.split(/\s+/)[2] ?? text;
  } catch {
    // A sandbox may hide /proc; the name of the system is GTB's answer then.
    return os;
  }
}

/** The facts of the running process. Reads no file. */
export function environmentFacts(): EnvironmentFacts {
  return {
    os: goOperatingSystem(process.platform),
    arch: goArchitecture(process.arch),
    // The kernel prints its release as the third word of /proc/version; uname answers it without a file.
    osVersion: process.platform === "linux" ? process.getBuiltinModule("node:os").release() : goOperatingSystem(process.platform),
    nodeVersion: process.versions.node,
  };
}

/** The variables of the running process. */
export function environmentVariables(): Environment {
  return process.env;
}

/** Tells whether the process runs for a machine, not a person: `CI` or a known service's variable. */
export function isContinuousIntegration(env: Environment): boolean {
  return isSet(env["CI"]) || INTEGRATION_VARIABLES.some((name) => isSet(env[name]));
}

/**
 * Tells whether a detached child would die with the tool: the tool is a container's first process
 * (`pid` 1) or the direct child of it (`ppid` 1 where a container runtime left its mark), or the host
 * is serverless. Outside a container a parent with id 1 is only an adopted orphan.
 */
export function isEphemeral(env: Environment, pid: number, ppid?: number): boolean {
  if (pid === 1) return true;
  if (ppid === 1 && CONTAINER_VARIABLES.some((name) => isSet(env[name]))) return true;
  return SERVERLESS_VARIABLES.some((name) => isSet(env[name]));
}

/** Reads a yes or no exactly as Go's `strconv.ParseBool` does; undefined where Go reports an error. */
export function parseGoBool(text: string): boolean | undefined {
  if (["1", "t", "T", "TRUE", "true", "True"].includes(text)) return true;
  if (["0", "f", "F", "FALSE", "false", "False"].includes(text)) return false;
  return undefined;
}

/**
 * Reads a yes or no of candor's own variables: everything `parseGoBool` knows, and `on`, `off`, `yes`
 * and `no`, in any case and with space around. The caller treats `unclear` as off.
 */
export function parseSwitch(text: string): "on" | "off" | "unclear" {
  const word = text.trim().toLowerCase();
  if (["1", "t", "true", "on", "yes"].includes(word)) return "on";
  if (["0", "f", "false", "off", "no"].includes(word)) return "off";
  return "unclear";
}

/** A variable counts as set unless it is empty, `0` or `false`. */
function isSet(value: string | undefined): boolean {
  return value !== undefined && !["", "0", "false"].includes(value.trim().toLowerCase());
}

/** Names such as `constructor` must not reach the prototype. */
function ownValue(table: Environment, name: string): string | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
