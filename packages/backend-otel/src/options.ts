/**
 * The options of the backend, as an author or an operator writes them, and the settings they amount to.
 * Everything is checked here, once, and nothing is read from the environment: OTEL_EXPORTER_OTLP_* of
 * the person who runs the tool belong to that person's own programs.
 */
import { CandorError, invalidOption, isRecord, parseEndpoint, readFlag, readHeaders, readTimeout, readTlsFiles, refuseUnknown, type TlsFiles, type TlsSettings } from "@candor/backend";
import { wellFormed } from "./attributes.ts";

export interface OtlpBackendOptions {
  /** Base address of the collector, without `/v1/logs`. Plain http is for this machine, unless `insecure`. */
  readonly endpoint: string;
  /** Sent with every request. Everybody who has the tool can read them. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Compress requests. Default: true, which every collector takes (OTLP specification, "OTLP/HTTP Request"). */
  readonly gzip?: boolean;
  /** Limit of one request in milliseconds. Default: 10,000, the OTLP exporters' own. */
  readonly timeoutMs?: number;
  /** Send to `endpoint` as it is, without appending the path for logs. Default: false. */
  readonly endpointIsComplete?: boolean;
  /** Allow plain http to another machine. Default: false. */
  readonly insecure?: boolean;
  /** Files with a private authority and a client certificate. */
  readonly tls?: TlsFiles;
  /** Added to the resource; they win over what candor says there, such as `service.name`. At most 8,192 bytes together, as JSON. */
  readonly resourceAttributes?: ResourceAttributes;
}

export type ResourceAttributes = Readonly<Record<string, string | number | boolean>>;

/** Options after the check. */
export interface OtlpSettings {
  /** Where requests go, signal path included. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly gzip: boolean;
  readonly timeoutMs: number;
  readonly tls: TlsSettings | undefined;
  readonly resourceAttributes: ResourceAttributes;
}

const DEFAULT_TIMEOUT_MS = 10_000;
/** They stand once in a request for each version of the tool in it, and a request that is too large is refused with its events. */
const MAX_RESOURCE_BYTES = 8_192;
/** The path of the logs signal, fixed by the OTLP specification. */
const SIGNAL_PATH = "/v1/logs";

/**
 * Checks the options.
 *
 * @throws CandorError `ERR_CANDOR_CONFIG` naming the option and the fix, and never a header's value.
 */
export function readOptions(options: OtlpBackendOptions): OtlpSettings {
  if (!isRecord(options)) throw invalidOption("backend", "must be an object: give { use: \"otlp\", endpoint: \"https://…\" }");
  refuseUnknown(options, { endpoint: true, headers: true, gzip: true, timeoutMs: true, endpointIsComplete: true, insecure: true, tls: true, resourceAttributes: true });
  return {
    url: readEndpoint(options.endpoint, readFlag("insecure", options.insecure, false), readFlag("endpointIsComplete", options.endpointIsComplete, false)),
    headers: readHeaders(options.headers),
    gzip: readFlag("gzip", options.gzip, true),
    timeoutMs: readTimeout(options.timeoutMs, DEFAULT_TIMEOUT_MS),
    tls: readTlsFiles(options.tls),
    resourceAttributes: readResourceAttributes(options.resourceAttributes ?? {}),
  };
}

function readEndpoint(endpoint: string, insecure: boolean, isComplete: boolean): URL {
  const parsed = parseEndpoint(endpoint, { field: "backend.endpoint", insecure });
  if (parsed.status === "invalid") throw new CandorError("ERR_CANDOR_CONFIG", parsed.problem);
  const { url } = parsed;
  if (isComplete) return url;
  const base = url.pathname.replace(/\/+$/u, "");
  // Whoever writes the signal's own address means that address.
  url.pathname = base.endsWith(SIGNAL_PATH) ? base : `${base}${SIGNAL_PATH}`;
  return url;
}

function readResourceAttributes(attributes: unknown): ResourceAttributes {
  if (!isRecord(attributes)) throw invalidOption("backend.resourceAttributes", "must be an object of names and values");
  const read: [string, string | number | boolean][] = [];
  for (const [name, value] of Object.entries(attributes)) {
    const isScalar = typeof value === "string" || typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value));
    if (name === "" || !isScalar) throw invalidOption(`backend.resourceAttributes ${JSON.stringify(name)}`, "must have a name, and text, a number, true or false as its value");
    read.push([wellFormed(name), typeof value === "string" ? wellFormed(value) : value]);
  }
  if (Buffer.byteLength(JSON.stringify(read)) > MAX_RESOURCE_BYTES) {
    throw invalidOption("backend.resourceAttributes", `are longer than ${MAX_RESOURCE_BYTES} bytes together: every request carries them, so give fewer`);
  }
  return Object.fromEntries(read);
}
