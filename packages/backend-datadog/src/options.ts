/**
 * The options of the backend, as an author or an operator writes them, and the settings they amount to.
 * Everything is checked here, once, and nothing is read from the environment: DD_SITE and DD_API_KEY of the
 * person who runs the tool belong to that person's own programs.
 */
import { CandorError, invalidOption, isRecord, parseEndpoint, readFlag, readTimeout, readTlsFiles, refuseUnknown, type TlsFiles, type TlsSettings } from "@candor/backend";
import { type DatadogSite, intakeOf, siteNames } from "./site.ts";
import { formatTag, joinTags } from "./tags.ts";

export interface DatadogBackendOptions {
  /** A key that may submit logs. Everybody who has the tool can read it; see the README. */
  readonly apiKey: string;
  /** Default: `datadoghq.com`. */
  readonly site?: DatadogSite;
  /** Complete address of another receiver that speaks this protocol, such as a relay; wins over `site`. */
  readonly endpoint?: string;
  /** Allow plain http to another machine. Default: false. */
  readonly insecure?: boolean;
  /** `ddsource` of every log: it selects the pipeline. Default: `candor`. */
  readonly source?: string;
  /** Tags for every log, beside candor's own: `{ env: "prod" }`. At most 800 bytes together. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Compress requests, as Datadog recommends. Default: true. */
  readonly gzip?: boolean;
  /** Limit of one request in milliseconds. Default: 10,000. */
  readonly timeoutMs?: number;
  /** Files with a private authority and a client certificate. */
  readonly tls?: TlsFiles;
  /** Who writes the request: candor (default), or Datadog's own client, which has to be installed. */
  readonly client?: "direct" | "official";
}

/** Options after the check. */
export interface DatadogSettings {
  readonly apiKey: string;
  readonly url: URL;
  readonly source: string;
  /** The author's tags as the text of `ddtags`; empty when there are none. */
  readonly tags: string;
  readonly gzip: boolean;
  readonly timeoutMs: number;
  readonly tls: TlsSettings | undefined;
  readonly client: "direct" | "official";
}

const DEFAULT_SOURCE = "candor";
const DEFAULT_TIMEOUT_MS = 10_000;
/** They stand in each of up to 1,000 entries; `LIMITS` of the backend reckons with them. */
const MAX_TAGS_BYTES = 800;
const MAX_SOURCE_CHARACTERS = 100;
/** Candor's own tags. */
const OWN_TAGS = new Set(["event_type", "tool_version", "os", "arch"]);

/**
 * Checks the options.
 *
 * @throws CandorError `ERR_CANDOR_CONFIG` naming the option and the fix, and never the key.
 */
export function readOptions(options: DatadogBackendOptions): DatadogSettings {
  if (!isRecord(options)) throw invalidOption("backend", 'must be an object: give { use: "datadog", apiKey: "…" }');
  refuseUnknown(options, { apiKey: true, site: true, endpoint: true, insecure: true, source: true, tags: true, gzip: true, timeoutMs: true, tls: true, client: true });
  const insecure = readFlag("insecure", options.insecure, false);
  return {
    apiKey: readApiKey(options.apiKey),
    url: options.endpoint === undefined ? readSite(options.site ?? "datadoghq.com") : readEndpoint(options.endpoint, insecure),
    source: readSource(options.source ?? DEFAULT_SOURCE),
    tags: readTags(options.tags ?? {}),
    gzip: readFlag("gzip", options.gzip, true),
    timeoutMs: readTimeout(options.timeoutMs, DEFAULT_TIMEOUT_MS),
    tls: readTlsFiles(options.tls),
    client: readClient(options.client ?? "direct"),
  };
}

function readApiKey(apiKey: unknown): string {
  if (typeof apiKey === "string" && /^[\u0021-\u007e]{1,512}$/u.test(apiKey)) return apiKey;
  throw invalidOption("backend.apiKey", "must be an API key of Datadog: printable characters without white space");
}

function readSite(site: unknown): URL {
  const url = typeof site === "string" ? intakeOf(site) : undefined;
  if (url === undefined) throw invalidOption("backend.site", `is not a site of Datadog: give one of ${siteNames.join(", ")}, or the address as endpoint`);
  return url;
}

function readEndpoint(endpoint: string, insecure: boolean): URL {
  const parsed = parseEndpoint(endpoint, { field: "backend.endpoint", insecure });
  if (parsed.status === "invalid") throw new CandorError("ERR_CANDOR_CONFIG", parsed.problem);
  return parsed.url;
}

function readSource(source: unknown): string {
  if (typeof source === "string" && /^[\w.-]+$/u.test(source) && source.length <= MAX_SOURCE_CHARACTERS) return source;
  throw invalidOption("backend.source", `must be 1 to ${MAX_SOURCE_CHARACTERS} letters, digits, underscores, hyphens or periods`);
}

function readTags(tags: unknown): string {
  if (!isRecord(tags)) throw invalidOption("backend.tags", "must be an object of keys and values");
  const read = Object.entries(tags).map(([key, value]) => {
    const field = `backend.tags ${JSON.stringify(key)}`;
    if (!/^[a-z][a-z0-9_\-./]{0,99}$/u.test(key)) {
      throw invalidOption(field, "is not a key: use at most 100 lower-case letters, digits, _, -, . and /, a letter first");
    }
    if (OWN_TAGS.has(key)) throw invalidOption(field, "is set by the backend itself: choose another key");
    if (typeof value !== "string" || value === "" || value.includes(",")) {
      throw invalidOption(field, "must have text without a comma as its value");
    }
    return formatTag(key, value);
  });
  const joined = joinTags(read);
  if (Buffer.byteLength(joined) > MAX_TAGS_BYTES) {
    throw invalidOption("backend.tags", `are longer than ${MAX_TAGS_BYTES} bytes together: every event carries them, so give fewer`);
  }
  return joined;
}

function readClient(client: unknown): "direct" | "official" {
  if (client === "direct" || client === "official") return client;
  throw invalidOption("backend.client", 'must be "direct" or "official"');
}
