/**
 * The options of the backend, as an author writes them, and the settings they amount to. Everything is checked here,
 * once, and nothing is read from the environment: POSTHOG_* of the person who runs the tool belong to that person's own
 * programs. No message repeats the token.
 */
import { CandorError, invalidOption, isRecord, parseEndpoint, readFlag, readTimeout, readTlsFiles, refuseUnknown, type TlsFiles, type TlsSettings } from "@candor/backend";

export interface PostHogBackendOptions {
  /** The project token (`phc_…`). It can only add events and is public: everybody who has the tool can read it. */
  readonly apiKey: string;
  /** Which of PostHog's clouds: `us` or `eu`. Default: `us`. */
  readonly region?: "us" | "eu";
  /** Base address of a PostHog of your own, in place of `region`; `/batch/` is appended. Plain http is for this machine, unless `insecure`. */
  readonly host?: string;
  /** Allow plain http to another machine. Default: false. */
  readonly insecure?: boolean;
  /** Compress requests. Default: true, as PostHog's own SDKs for servers do. */
  readonly gzip?: boolean;
  /** Limit of one request in milliseconds. Default: 10,000, the SDK's own. */
  readonly timeoutMs?: number;
  /** Files with a private authority and a client certificate. */
  readonly tls?: TlsFiles;
  /** Let PostHog keep a profile of each machine id, so that it can be found and deleted there. Default: false, anonymous events. */
  readonly personProfiles?: boolean;
  /** Let PostHog keep the sender's address as `$ip` and look up its place. Default: false. */
  readonly geoip?: boolean;
}

/** Options after the check. */
export interface PostHogSettings {
  readonly apiKey: string;
  /** Where requests go, `/batch/` included. */
  readonly url: URL;
  readonly gzip: boolean;
  readonly timeoutMs: number;
  readonly tls: TlsSettings | undefined;
  readonly personProfiles: boolean;
  readonly geoip: boolean;
}

/** PostHog's addresses for sending events (its documentation, "Capture API"). */
const REGIONS: Readonly<Record<string, string>> = { us: "https://us.i.posthog.com", eu: "https://eu.i.posthog.com" };

const BATCH_PATH = "/batch/";
const DEFAULT_TIMEOUT_MS = 10_000;
/** PostHog's server refuses longer tokens. */
const MAX_TOKEN_LENGTH = 64;

/**
 * Checks the options.
 *
 * @throws CandorError `ERR_CANDOR_CONFIG` naming the option and the fix, and never the token.
 */
export function readOptions(options: PostHogBackendOptions): PostHogSettings {
  if (!isRecord(options)) throw invalidOption("backend", 'must be an object: give { use: "posthog", apiKey: "phc_…" }');
  refuseUnknown(options, { apiKey: true, region: true, host: true, insecure: true, gzip: true, timeoutMs: true, tls: true, personProfiles: true, geoip: true });
  return {
    apiKey: readToken(options.apiKey),
    url: readAddress(options),
    gzip: readFlag("gzip", options.gzip, true),
    timeoutMs: readTimeout(options.timeoutMs, DEFAULT_TIMEOUT_MS),
    tls: readTlsFiles(options.tls),
    personProfiles: readFlag("personProfiles", options.personProfiles, false),
    geoip: readFlag("geoip", options.geoip, false),
  };
}

function readToken(token: unknown): string {
  const field = "backend.apiKey";
  if (typeof token !== "string" || token === "") throw invalidOption(field, "is missing: give the project token, which begins with phc_");
  if (token.startsWith("phx_") || token.startsWith("phs_")) {
    throw invalidOption(field, "is a secret key, which must never be in a tool: revoke it, and give the project token, which begins with phc_");
  }
  if (!/^[!-~]+$/u.test(token) || token.length > MAX_TOKEN_LENGTH) {
    throw invalidOption(field, `is not a project token: give at most ${MAX_TOKEN_LENGTH} letters and digits, without white space`);
  }
  return token;
}

function readAddress({ region, host, insecure }: PostHogBackendOptions): URL {
  const isInsecure = readFlag("insecure", insecure, false);
  if (host === undefined) return new URL(BATCH_PATH, cloudOf(region ?? "us"));
  if (region !== undefined) throw invalidOption("backend.region", "says the same as host: give one of the two");
  const parsed = parseEndpoint(host, { field: "backend.host", insecure: isInsecure });
  if (parsed.status === "invalid") throw new CandorError("ERR_CANDOR_CONFIG", parsed.problem);
  const { url } = parsed;
  // Whoever writes the path of batches means that path.
  const base = url.pathname.replace(/\/+$/u, "").replace(/\/batch$/u, "");
  url.pathname = `${base}${BATCH_PATH}`;
  url.hash = "";
  return url;
}

function cloudOf(region: unknown): string {
  const cloud = typeof region === "string" && Object.hasOwn(REGIONS, region) ? REGIONS[region] : undefined;
  if (cloud === undefined) throw invalidOption("backend.region", `must be ${Object.keys(REGIONS).join(" or ")}; for a PostHog of your own give host`);
  return cloud;
}
