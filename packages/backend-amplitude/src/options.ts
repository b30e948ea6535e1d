/**
 * The options of the backend, as an author or an operator writes them, and the settings they amount to. Everything is checked here,
 * once, and nothing is read from the environment. No problem repeats a value: it may be the API key in the wrong place.
 */
import { type BatchLimits, CandorError, invalidOption, parseEndpoint, readFlag, readTimeout, readTlsFiles, readWhole, refuseUnknown, type TlsFiles, type TlsSettings } from "@candor/backend";
import { batchApi, httpApi, type IngestionApi, ingestionUrl, limitsFor, type ServerZone } from "./ingestion-api.ts";

export interface AmplitudeBackendOptions {
  /** The project's API key. Everybody who has the tool can read it; it can add data, and neither read nor delete any. */
  readonly apiKey: string;
  /** Where the project's data is kept. Default: `US`. `endpoint` overrides it. */
  readonly serverZone?: ServerZone;
  /** Use the Batch Event Upload API and its larger limits. Default: false, the HTTP V2 API. */
  readonly batch?: boolean;
  /** Complete address to send to instead of Amplitude's own: a proxy of yours. Plain http is for this machine, unless `insecure`. */
  readonly endpoint?: string;
  /** Allow plain http to another machine. Default: false. */
  readonly insecure?: boolean;
  /** What an event looks like in Amplitude; see the README. Default: `candor`. */
  readonly schema?: Schema;
  /** Compress requests. Default: true, as Amplitude's SDKs do. */
  readonly gzip?: boolean;
  /** Limit of one request in milliseconds. Default: 10,000, the SDK's own. */
  readonly timeoutMs?: number;
  /** Shortest user and device id that Amplitude takes. Default: 1; Amplitude's own 5 removes shorter ones, and then refuses the event. */
  readonly minIdLength?: number;
  /** Most events in a request. Default: 10 with the schema `datarobot`, else 200, or 1,000 with `batch`. */
  readonly batchSize?: number;
  /** Files with a private authority and a client certificate. */
  readonly tls?: TlsFiles;
  /** Write the SDK's informational lines at info instead of debug. Default: false. */
  readonly verbose?: boolean;
}

/** `datarobot` is the schema of the DataRobot CLI. */
type Schema = "candor" | "datarobot";

/** Options after the check. */
export interface AmplitudeSettings {
  readonly apiKey: string;
  readonly url: URL;
  readonly schema: Schema;
  readonly limits: BatchLimits;
  readonly gzip: boolean;
  readonly timeoutMs: number;
  readonly minIdLength: number;
  readonly tls: TlsSettings | undefined;
  readonly verbose: boolean;
}

const DEFAULT_TIMEOUT_MS = 10_000;
/** Amplitude's keys have 32 characters; a longer text is something else that was pasted. */
const MAX_API_KEY_LENGTH = 256;
/** Longer than any id; a larger one would make Amplitude refuse every event. */
const MAX_MIN_ID_LENGTH = 16;
/** What Amplitude recommends on its HTTP V2 API, and the batch of the DataRobot specification. */
const DATAROBOT_BATCH_SIZE = 10;

/**
 * Checks the options.
 *
 * @throws CandorError `ERR_CANDOR_CONFIG` naming the option and the fix, never a value.
 */
export function readOptions(options: AmplitudeBackendOptions): AmplitudeSettings {
  if (typeof options !== "object" || options === null) throw invalidOption("backend", 'must be an object: give { use: "amplitude", apiKey: "…" }');
  refuseUnknown(options, { apiKey: true, serverZone: true, batch: true, endpoint: true, insecure: true, schema: true, gzip: true, timeoutMs: true, minIdLength: true, batchSize: true, tls: true, verbose: true });
  const apiKey = readApiKey(options.apiKey);
  const api = readFlag("batch", options.batch, false) ? batchApi : httpApi;
  const schema = readChoice("schema", options.schema, ["candor", "datarobot"]);
  const defaultBatchSize = schema === "datarobot" ? DATAROBOT_BATCH_SIZE : api.defaultBatchSize;
  return {
    apiKey,
    url: readUrl(options, api),
    schema,
    limits: limitsFor(api, readWhole("batchSize", options.batchSize, defaultBatchSize, api.maxEvents), apiKey),
    gzip: readFlag("gzip", options.gzip, true),
    timeoutMs: readTimeout(options.timeoutMs, DEFAULT_TIMEOUT_MS),
    minIdLength: readWhole("minIdLength", options.minIdLength, 1, MAX_MIN_ID_LENGTH),
    tls: readTlsFiles(options.tls),
    verbose: readFlag("verbose", options.verbose, false),
  };
}

function readApiKey(apiKey: unknown): string {
  const problem = "give the API key of your Amplitude project, from its settings";
  if (typeof apiKey !== "string" || apiKey.trim() === "") throw invalidOption("backend.apiKey", `is missing: ${problem}`);
  if (/\p{Cc}/u.test(apiKey)) throw invalidOption("backend.apiKey", `holds a line break or another control character: ${problem}`);
  if (apiKey.length > MAX_API_KEY_LENGTH) throw invalidOption("backend.apiKey", `is longer than ${MAX_API_KEY_LENGTH} characters: ${problem}`);
  return apiKey;
}

function readUrl({ endpoint, insecure, serverZone }: AmplitudeBackendOptions, api: IngestionApi): URL {
  const isInsecure = readFlag("insecure", insecure, false);
  const zone = readChoice("serverZone", serverZone, ["US", "EU"]);
  if (endpoint === undefined) return ingestionUrl(api, zone);
  const parsed = parseEndpoint(endpoint, { field: "backend.endpoint", insecure: isInsecure });
  if (parsed.status === "invalid") throw new CandorError("ERR_CANDOR_CONFIG", parsed.problem);
  return parsed.url;
}

/** One of `choices`; the first where nothing is said. */
function readChoice<Choice extends string>(option: string, value: unknown, choices: readonly [Choice, Choice]): Choice {
  const [otherwise] = choices;
  const chosen = value === undefined ? otherwise : choices.find((choice) => choice === value);
  if (chosen === undefined) throw invalidOption(`backend.${option}`, `must be ${choices.map((choice) => `"${choice}"`).join(" or ")}`);
  return chosen;
}
