/**
 * The policy: a machine-wide file by which operations switches telemetry off, keeps it local or routes it to a collector of
 * their own. It can restrict and reroute; it can never switch telemetry on. A file that the administrator does not own, that
 * others may write, that is a symbolic link, or that is not valid is ignored, and `status` says why.
 */
import { type BackendChoice } from "../destination/destination.ts";
import { mayBeWrittenByOthers, type Owned } from "../platform/file-ownership.ts";
import { joinPath, parentOf } from "../platform/paths.ts";
import { parseObject, readPrivateFile } from "../platform/private-file.ts";
import { type HostProcess, type Ports, systemErrorCode } from "../platform/ports.ts";
import { findPolicyProblems } from "./policy-rules.ts";

/** What operations decided for one tool. */
export interface Policy {
  /** `off`: nothing is collected. `local`: only into the local log. `allowed`: the user decides. */
  readonly telemetry: "off" | "local" | "allowed";
  /** The organisation's own destinations. */
  readonly backend: readonly BackendChoice[];
  /** Whether they stand in place of the author's, or beside them. */
  readonly routing: "replace" | "tee";
  /** Added to the resource of OTLP records. */
  readonly resourceAttributes: Readonly<Record<string, string>>;
  /** Where backend packages lie that a tool does not bring itself: short name to absolute path. */
  readonly modules: Readonly<Record<string, string>>;
}

export type PolicyFile =
  | { readonly status: "none" }
  | { readonly status: "applies"; readonly path: string; readonly policy: Policy }
  | { readonly status: "ignored"; readonly path: string; readonly reason: string };

/** Where the policy lies: a place only an administrator can write. */
function policyPath(host: HostProcess): string {
  if (host.policyFile !== undefined) return host.policyFile;
  if (host.platform === "win32") return joinPath(host.environment["ProgramFiles"] ?? "C:\\Program Files", "candor", "policy.json");
  if (host.platform === "darwin") return "/Library/Application Support/candor/policy.json";
  return "/etc/candor/policy.json";
}

/** Reads the policy for a tool. */
export function readPolicy(toolName: string, ports: Ports): PolicyFile {
  const path = policyPath(ports.host);
  const ignored = (reason: string): PolicyFile => ({ status: "ignored", path, reason });
  try {
    const found = ports.fileSystem.lstatSync(path, { throwIfNoEntry: false });
    if (!found) return { status: "none" };
    if (found.isSymbolicLink()) return ignored("it is a symbolic link");
    if (!found.isFile()) return ignored("it is not a file");
    if (ports.host.platform !== "win32") {
      const problem = ownershipProblem(path, found, ports);
      if (problem) return ignored(problem);
    }
    const content = readPrivateFile(path, ports.fileSystem);
    if (content.status === "missing") return { status: "none" };
    if (content.status === "unreadable") return ignored(`it cannot be read (${content.reason})`);
    const value = parseObject(content.text);
    if (!value) return ignored("it is not a JSON object");
    const problems = findPolicyProblems(value);
    if (problems.length > 0) return ignored(problems.join("; "));
    return { status: "applies", path, policy: policyFor(toolName, value) };
  } catch (error) {
    const code = systemErrorCode(error);
    return code === "ENOTDIR" ? { status: "none" } : ignored(`it cannot be read (${code ?? String(error)})`);
  }
}

/** Whoever may replace the directory may replace the file, so both must be the administrator's. */
function ownershipProblem(path: string, file: Owned, ports: Ports): string | undefined {
  const directory = ports.fileSystem.statSync(parentOf(path));
  for (const [what, found] of [["it", file], ["its directory", directory]] as const) {
    if (found.uid !== 0) return `${what} does not belong to the administrator`;
    if (mayBeWrittenByOthers(found, ports.host)) return `${what} may be written by other users`;
  }
  return undefined;
}

/** The general part and the tool's own, which wins; a general `off` or `local` is never loosened. */
function policyFor(toolName: string, value: Record<string, unknown>): Policy {
  const tools = (value["tools"] ?? {}) as Record<string, Record<string, unknown>>;
  const own = Object.hasOwn(tools, toolName) ? (tools[toolName] ?? {}) : {};
  const pick = (name: string): unknown => own[name] ?? value[name];
  const backend = pick("backend") ?? [];
  return {
    telemetry: strictest(value["telemetry"], own["telemetry"]),
    backend: (Array.isArray(backend) ? backend : [backend]) as BackendChoice[],
    routing: pick("routing") === "tee" ? "tee" : "replace",
    resourceAttributes: { ...(value["resourceAttributes"] as Record<string, string>), ...(own["resourceAttributes"] as Record<string, string>) },
    modules: { ...(value["modules"] as Record<string, string>) },
  };
}

function strictest(...choices: readonly unknown[]): Policy["telemetry"] {
  if (choices.includes("off")) return "off";
  return choices.includes("local") ? "local" : "allowed";
}
