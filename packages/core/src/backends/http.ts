/**
 * The http backend: one POST with a JSON array of events, in the form GTB's receivers read. The answer counts as an
 * acknowledgement only if it is a 2xx that is not somebody's web page.
 */
import {
  type BackendFactory,
  CandorError,
  classifyFailure,
  classifyStatus,
  createAttempts,
  describeEndpoint,
  type DeliveryResult,
  eventToJson,
  isForeignPage,
  isSensitiveHeader,
  parseEndpoint,
  type PostAnswer,
  type PostResult,
  readFlag,
  readHeaders,
  readTimeout,
  readTlsFiles,
  refuseUnknown,
  type TelemetryEvent,
  type TlsFiles,
  userAgent,
} from "@candor/backend";
import { post } from "@candor/backend/post";
import { joinedBytes } from "../platform/joined-bytes.ts";

export interface HttpBackendOptions {
  /** Where to POST. Plain http is for this machine, unless `insecure`. */
  readonly endpoint: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Compress requests. Default false: not every receiver takes it. */
  readonly gzip?: boolean;
  /** Limit of one request in milliseconds. Default 5,000, as GTB. */
  readonly timeoutMs?: number;
  /** Allow plain http to another machine. */
  readonly insecure?: boolean;
  /** Files with a private CA and a client certificate. */
  readonly tls?: TlsFiles;
}

/** GTB's limit of a request. */
const DEFAULT_TIMEOUT_MS = 5_000;

/** @throws CandorError `ERR_CANDOR_CONFIG` for an option that cannot be used, or that there is not. */
export const httpBackend: BackendFactory<HttpBackendOptions> = (options, context) => {
  refuseUnknown(options, { endpoint: true, headers: true, gzip: true, timeoutMs: true, insecure: true, tls: true });
  const parsed = parseEndpoint(options.endpoint, { field: "backend.endpoint", insecure: readFlag("insecure", options.insecure, false) });
  if (parsed.status === "invalid") throw new CandorError("ERR_CANDOR_CONFIG", parsed.problem);
  const { url } = parsed;
  const gzip = readFlag("gzip", options.gzip, false);
  const timeoutMs = readTimeout(options.timeoutMs, DEFAULT_TIMEOUT_MS);
  const tls = readTlsFiles(options.tls);
  const own = readHeaders(options.headers);
  const headers = { "content-type": "application/json", "user-agent": userAgent(context), ...own };
  for (const name of Object.keys(own)) {
    if (isSensitiveHeader(name)) context.logger.debug("a header of the http backend looks like a credential; every user of the tool can read it", { header: name });
  }
  const exchange = async (body: string | Uint8Array, signal: AbortSignal): Promise<DeliveryResult> =>
    classify(await post({ url, headers, body, signal, timeoutMs, gzip, ...(tls ? { tls } : {}) }));

  const attempts = createAttempts(async (events, signal) => {
    const body = encode(events);
    return body ? exchange(body, signal) : { status: "rejected", reason: "an event cannot be written as JSON" };
  });
  return {
    name: "http",
    destination: describeEndpoint(url),
    limits: { maxEvents: 1_000, maxBytes: 1024 * 1024 },
    send: attempts.send,
    /** An empty list: what GTB's receivers take for nothing. */
    probe: ({ signal }) => exchange("[]", attempts.untilClosed(signal)),
    close: attempts.close,
  };
};

function encode(events: readonly TelemetryEvent[]): Buffer | undefined {
  try {
    return joinedBytes([...events.map((event, index) => `${index === 0 ? "[" : ","}${JSON.stringify(eventToJson(event))}`), "]"]);
  } catch {
    // It came from no spool: a bigint, a cycle, a getter that throws. No retry mends it.
    return undefined;
  }
}

function classify(answer: PostResult): DeliveryResult {
  if (answer.status === "failed") return classifyFailure(answer);
  const verdict = classifyStatus(answer);
  if (verdict) return verdict;
  if (isForeignPage(answer)) return { status: "retry", reason: `the server answered ${answer.statusCode} with a web page, which is not an acknowledgement` };
  if (isGarbled(answer)) return { status: "retry", reason: `the server answered ${answer.statusCode} with JSON that cannot be read` };
  return { status: "accepted" };
}

/** An answer that says it is JSON and is not has been cut short or made up on the way. */
function isGarbled({ headers, body }: PostAnswer): boolean {
  if (body === "" || !headers["content-type"]?.includes("json")) return false;
  try {
    JSON.parse(body);
    return false;
  } catch {
    return true;
  }
}
