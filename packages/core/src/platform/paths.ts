/**
 * The paths: the only room that joins path names. A `Directories` value says where everything of one
 * tool lies; making it touches no disk.
 */
import type { HostProcess } from "./ports.ts";

export interface Directories {
  /** Everything candor keeps for the tool: spool, identity, journal. */
  readonly data: string;
  /** The stored consent. */
  readonly config: string;
  readonly consentFile: string;
  /** Second record of a "no", so that a lost or torn consent file cannot undo it. */
  readonly refusalFile: string;
  readonly identityFile: string;
  /** Deletion requests that nobody has confirmed yet; there only while there are any. */
  readonly deletions: string;
  readonly localLog: string;
  /** The spool of this layout version; one subdirectory for each consent. */
  readonly spool: string;
  readonly uploader: string;
  readonly destinationsFile: string;
  /** Why the last uploader failed, if it did; a detached process has nowhere else to say so. */
  readonly faultFile: string;
  /** What the last uploader had to say, if somebody asked for it. */
  readonly uploaderLog: string;
  readonly lossesFile: string;
  readonly rejectedFile: string;
  /** What destinations were sent, and what they said to it; an older part lies beside it under the same name and `.1`. */
  readonly receiptsFile: string;
  /** The room of collection as V8 has compiled it. */
  readonly compiledFile: string;
  /** Space given up when the disk is full, so that losses can still be counted. */
  readonly reserveFile: string;
}

export interface DirectoryOverrides {
  readonly data?: string;
  readonly config?: string;
}

/** Joins path segments with the platform's separator. */
export function joinPath(...segments: readonly string[]): string {
  return process.getBuiltinModule("node:path").join(...segments);
}

/** The directory above. */
export function parentOf(path: string): string {
  return process.getBuiltinModule("node:path").dirname(path);
}

/**
 * Where the files of `toolName` lie: the platform's state and config directories, or the author's
 * choice. Relative XDG values are ignored, as the XDG base directory specification demands.
 */
export function directoriesFor(toolName: string, host: HostProcess, overrides: DirectoryOverrides = {}): Directories {
  const data = overrides.data ?? joinPath(stateHome(host), toolName, "telemetry");
  const config = overrides.config ?? joinPath(configHome(host), toolName);
  // Names without dots or separators: joining them one by one would be a good part of what a command without telemetry pays.
  const { sep } = process.getBuiltinModule("node:path");
  const below = (directory: string, name: string): string => (directory.endsWith(sep) ? directory : directory + sep) + name;
  const uploader = below(data, "uploader");
  return {
    data,
    config,
    consentFile: below(config, "telemetry.json"),
    refusalFile: below(data, "refused"),
    identityFile: below(data, "identity.json"),
    deletions: below(data, "deletions"),
    localLog: below(data, "telemetry.log"),
    spool: below(below(data, "spool"), "v1"),
    uploader,
    destinationsFile: below(uploader, "destinations.json"),
    faultFile: below(uploader, "fault.json"),
    uploaderLog: below(uploader, "debug.log"),
    lossesFile: below(data, "losses.ndjson"),
    rejectedFile: below(data, "rejected.ndjson"),
    receiptsFile: below(data, "receipts.ndjson"),
    compiledFile: below(data, "compiled"),
    reserveFile: below(data, "reserve"),
  };
}

/**
 * The home directory. A relative one would be another one in each working directory, and a project could plant a consent there; then
 * the user database is asked, and at last a place is named where nothing can be.
 */
function homeOf(host: HostProcess): string {
  try {
    return absolute(host.homeDirectory()) ?? absolute(host.accountHome()) ?? NOWHERE[host.platform === "win32" ? "windows" : "posix"];
  } catch {
    // A user without an account, as in many containers.
    return NOWHERE[host.platform === "win32" ? "windows" : "posix"];
  }
}

/** Devices: no directory can be made below them. */
const NOWHERE = { posix: "/dev/null", windows: "\\\\.\\NUL" } as const;

/** Whether the path lies where nothing can be, because there is no home directory. */
export function isNowhere(path: string): boolean {
  return Object.values(NOWHERE).some((device) => path.startsWith(device));
}

function stateHome(host: HostProcess): string {
  if (host.platform === "win32") return windowsHome(host, "LOCALAPPDATA", "Local");
  if (host.platform === "darwin") return joinPath(homeOf(host), "Library", "Application Support");
  return absolute(host.environment["XDG_STATE_HOME"]) ?? joinPath(homeOf(host), ".local", "state");
}

function configHome(host: HostProcess): string {
  if (host.platform === "win32") return windowsHome(host, "APPDATA", "Roaming");
  if (host.platform === "darwin") return joinPath(homeOf(host), "Library", "Application Support");
  return absolute(host.environment["XDG_CONFIG_HOME"]) ?? joinPath(homeOf(host), ".config");
}

function windowsHome(host: HostProcess, variable: string, folder: string): string {
  return absolute(host.environment[variable]) ?? joinPath(homeOf(host), "AppData", folder);
}

function absolute(path: string | undefined): string | undefined {
  return path && process.getBuiltinModule("node:path").isAbsolute(path) ? path : undefined;
}
