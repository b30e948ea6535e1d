/**
 * The telemetry of the PACE CLI: the collector's options that go on with its counts, its file and its switch. Pure: making them reads and
 * writes nothing. What the original does by default, candor does after a notice (the `opt-out` model).
 */
import { isAbsolute, join } from "node:path";

export interface PaceTelemetryOptions {
  /** The tool's name. Default `pace`. */
  readonly tool?: string;
  readonly version: string;
  /** The relay; PACE's was `https://cli.getstrm.com/telemetry`. Empty: a dry run. */
  readonly endpoint: string;
  /** Where telemetry.yaml lies; absolute. PACE's is what `paceConfigDirectory` answers. */
  readonly configDirectory: string;
  /** What `uploadIntervalSeconds` answered. Default 3,600. */
  readonly uploadIntervalSeconds?: number;
}

/** An answer that stands in the tool's own configuration; see core's `ConsentStore`. */
interface IntervalStore {
  readonly name: string;
  read(): { readonly enabled: false } | undefined;
  write(answer: { readonly enabled: boolean }): Promise<void>;
}

/** Options for `createCollector`, to be spread and changed where a tool differs. */
export interface PaceTelemetry {
  readonly tool: string;
  readonly version: string;
  readonly backend: { readonly use: "counters"; readonly endpoint: string; readonly path?: string };
  readonly consent: { readonly model: "opt-out"; readonly store: IntervalStore };
  readonly delivery: { readonly minimumIntervalMs: number };
  /** What `reset` deletes besides candor's own files. */
  readonly files: readonly string[];
}

/** Where PACE's users set the interval, the strongest first; a negative one, in any place that counts, means no. */
export interface IntervalSources {
  /** `--telemetry-upload-interval-seconds`. */
  readonly flag?: number | string | null | undefined;
  /** `PACE_TELEMETRY_UPLOAD_INTERVAL_SECONDS`. */
  readonly variable?: string | null | undefined;
  /** `telemetry-upload-interval-seconds` of the tool's configuration. */
  readonly config?: unknown;
}

const SETTING = "telemetry-upload-interval-seconds";
const DEFAULT_INTERVAL_SECONDS = 3_600;
/** What `delivery.minimumIntervalMs` takes: a day. */
const MAX_INTERVAL_SECONDS = 86_400;

/**
 * PACE's configuration directory: `PACE_CONFIG_PATH`, in which `~` is the user's home, else `~/.config/pace`. "" for a path that is not
 * absolute, and where there is no home.
 */
export function paceConfigDirectory(environment: Readonly<Record<string, string | undefined>> = process.env, homeDirectory: () => string = realHome): string {
  const path = environment["PACE_CONFIG_PATH"] || join("~", ".config", "pace");
  const directory = /^~(?:[\\/]|$)/.test(path) ? join(homeOr(homeDirectory), path.slice(1)) : path;
  return isAbsolute(directory) ? directory : "";
}

function realHome(): string {
  return process.getBuiltinModule("node:os").homedir();
}

function homeOr(homeDirectory: () => string): string {
  try {
    // Relative, so that without a home there is no directory either.
    return homeDirectory() || ".";
  } catch {
    // A user without an account, as in many containers.
    return ".";
  }
}

/** The interval in seconds: flag, variable, configuration, else 3,600. What cannot be understood is -1, which means no. */
export function uploadIntervalSeconds({ flag, variable, config }: IntervalSources): number {
  const given = [flag, variable, config].find((value) => value !== undefined && value !== null && value !== "");
  if (given === undefined) return DEFAULT_INTERVAL_SECONDS;
  const text = typeof given === "number" ? String(given) : given;
  return typeof text === "string" && /^\s*-?\d{1,15}\s*$/.test(text) ? Number(text) : -1;
}

/** The options of the PACE CLI's telemetry. */
export function paceTelemetry(options: PaceTelemetryOptions): PaceTelemetry {
  const { tool = "pace", version, endpoint, configDirectory, uploadIntervalSeconds: seconds = DEFAULT_INTERVAL_SECONDS } = options;
  // A relative directory would be another one in each project.
  const path = isAbsolute(configDirectory) ? join(configDirectory, "telemetry.yaml") : undefined;
  const isRefused = !(seconds >= 0);
  return {
    tool,
    version,
    backend: { use: "counters", endpoint, ...(path === undefined ? {} : { path }) },
    consent: {
      model: "opt-out",
      store: {
        name: SETTING,
        read: () => (isRefused ? { enabled: false } : undefined),
        // The user's file is the user's to change: candor keeps the answer in a record of its own.
        write: ({ enabled }) => (enabled && isRefused ? Promise.reject(new Error(`${SETTING} is negative, which means no: set it to 0 or more`)) : Promise.resolve()),
      },
    },
    delivery: { minimumIntervalMs: isRefused ? 0 : Math.min(seconds, MAX_INTERVAL_SECONDS) * 1_000 },
    files: path === undefined ? [] : [path, `${path}.damaged`, `${path}.tmp`],
  };
}
