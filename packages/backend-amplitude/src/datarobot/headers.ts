/**
 * The headers by which DataRobot's API learns what calls it. Pure and total. By default they name the tool and not the user:
 * the session and the device stand on authenticated requests, where they would link telemetry to an account.
 */

/** What is on every call. */
export interface ToolFacts {
  /** The tool's version, without the name. */
  readonly version: string;
  /** The operating system by Node's name or by Go's, which is sent. */
  readonly os: string;
}

export interface UserAgentOptions extends ToolFacts {
  /** The architecture by Node's name or by Go's, which is sent. */
  readonly arch: string;
  /** Give it only if the API may link its calls to telemetry's sessions; sent only while telemetry is `enabled`. */
  readonly sessionId?: number | string;
  readonly enabled: boolean;
}

export interface TelemetryHeaderOptions extends ToolFacts {
  /** As in `UserAgentOptions`. */
  readonly sessionId?: number | string;
  /** Give it only if the API may link its calls to telemetry's device; sent only while telemetry is `enabled`. */
  readonly deviceId?: string;
  readonly enabled: boolean;
}

const GO_NAMES: Readonly<Record<string, string>> = { win32: "windows", sunos: "solaris", x64: "amd64", ia32: "386" };

/** Longest part of a header, in characters. */
const MAX_PART_LENGTH = 128;

/** `DataRobot CLI version: 0.3.0 (linux/amd64; session=…)`, as section 6.2.5 of the specification has it. */
export function userAgent({ version, os, arch, sessionId, enabled }: UserAgentOptions): string {
  const session = enabled && sessionId !== undefined ? `; session=${part(sessionId)}` : "";
  return `DataRobot CLI version: ${part(version)} (${goName(os)}/${goName(arch)}${session})`;
}

/** The `X-DataRobot-…` headers of section 6.2.5. */
export function telemetryHeaders({ version, os, sessionId, deviceId, enabled }: TelemetryHeaderOptions): Record<string, string> {
  return {
    "X-DataRobot-Api-Consumer": "cli",
    "X-DataRobot-CLI-Version": part(version),
    "X-DataRobot-CLI-Platform": goName(os),
    ...(enabled && sessionId !== undefined ? { "X-DataRobot-CLI-Session": part(sessionId) } : {}),
    ...(enabled && deviceId !== undefined ? { "X-DataRobot-CLI-Device": part(deviceId) } : {}),
  };
}

/** The value of `X-DataRobot-Api-Consumer-Trace` for a command: `dr templates setup` is `datarobot.cli.templates.setup`. */
export function apiConsumerTrace(commandPath: string): string {
  const [, ...words] = typeof commandPath === "string" ? commandPath.trim().split(/\s+/) : [];
  return part(["datarobot.cli", ...words].join("."));
}

function goName(name: string): string {
  return part(Object.hasOwn(GO_NAMES, name) ? (GO_NAMES[name] ?? name) : name);
}

/** What a header may hold: printable ASCII, so that nothing can begin a header of its own. */
function part(value: number | string): string {
  return String(value).replace(/[^\x20-\x7e]/g, "").slice(0, MAX_PART_LENGTH);
}
