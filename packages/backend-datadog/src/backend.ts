/**
 * The datadog backend: one batch is one request to Datadog's v2 logs intake, and `accepted` is the intake's
 * own answer. Building it loads nothing; the HTTP client, and Datadog's where the author asks for it, come
 * with the first send. It never retries and holds nothing between sends.
 */
import {
  type Backend,
  type BackendContext,
  type BackendFactory,
  createAttempts,
  type DeliveryResult,
  describeEndpoint,
  post,
  type PostResult,
  type TelemetryEvent,
  userAgent,
} from "@candor/backend";
import { classify } from "./classify.ts";
import { encodeEvents, type LogEntry } from "./encode.ts";
import { type DatadogBackendOptions, readOptions } from "./options.ts";

/**
 * Datadog takes 1,000 entries and 5 MB a request ("Send logs", limits per HTTP request). `maxBytes` is measured on candor's own
 * JSON: an entry says nothing of an event more than three and a half times (the type: as message, attribute and tag, whose lower
 * case may be longer), beside less than 1,300 bytes for its fixed part and the author's tags. 3.5 × 1 MiB + 1,000 × 1.3 KB < 5 MB.
 */
const LIMITS = { maxEvents: 1_000, maxBytes: 1_048_576 } as const;

/** What Datadog's own Agent posts to learn whether it may send, "without sending logs". */
const EMPTY_PAYLOAD = "{}";

/**
 * Builds a backend that sends events to Datadog as logs.
 *
 * @throws CandorError `ERR_CANDOR_CONFIG` naming the option and the fix.
 */
export const datadogBackend: BackendFactory<DatadogBackendOptions> = (options, context) => createDatadogBackend(options, context);

/** As `datadogBackend`, with a clock: milliseconds since 1970. */
export function createDatadogBackend(options: DatadogBackendOptions, context: BackendContext, now: () => number = Date.now): Backend {
  const { apiKey, url, source, tags, gzip, timeoutMs, tls, client } = readOptions(options);
  context.logger.debug("every user of the tool can read the API key of the datadog backend", { option: "apiKey" });
  const request = { url, gzip, timeoutMs, ...(tls !== undefined && { tls }) };
  const sender = { "user-agent": userAgent(context) };
  const headers = { ...sender, accept: "application/json", "content-type": "application/json", "dd-api-key": apiKey };

  const submitDirectly = (body: string, signal: AbortSignal): Promise<PostResult> => post({ ...request, headers, body, signal });

  async function submitOfficially(entries: readonly LogEntry[], signal: AbortSignal): Promise<DeliveryResult> {
    const room = await import("./official-client.ts").catch(() => undefined);
    // The tool was packed wrongly and is not broken over that: the events stay in the spool.
    if (room === undefined) return { status: "retry", reason: "a part of @candor/backend-datadog could not be loaded" };
    const loaded = await room.loadOfficialClient();
    if (loaded.status === "unusable") return { status: "blocked", reason: loaded.reason };
    try {
      return classify(await loaded.submit(entries, apiKey, { ...request, headers: sender, signal }), now());
    } catch {
      // The entries are plain JSON by now, so it is not they that the client cannot write.
      const reason = "the installed @datadog/datadog-api-client did not make a request: install version 1.30 or later of version 1";
      return { status: "blocked", reason };
    }
  }

  async function deliver(events: readonly TelemetryEvent[], signal: AbortSignal): Promise<DeliveryResult> {
    const { entries, rejected } = encodeEvents(events, { sentAtMs: now(), source, tags });
    const [first] = rejected;
    if (first !== undefined) return { status: "rejected", reason: first.reason, rejected };
    if (client === "official") return submitOfficially(entries, signal);
    return classify(await submitDirectly(JSON.stringify(entries), signal), now());
  }

  const attempts = createAttempts(deliver);
  return {
    name: "datadog",
    destination: describeEndpoint(url),
    limits: LIMITS,
    send: attempts.send,
    async probe({ signal }) {
      return classify(await submitDirectly(EMPTY_PAYLOAD, attempts.untilClosed(signal)), now());
    },
    close: attempts.close,
  };
}
