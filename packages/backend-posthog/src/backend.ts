/**
 * The posthog backend: one batch is one request to PostHog's `/batch/`, and `accepted` is PostHog's own answer. Building
 * it loads nothing; PostHog's SDK and the HTTP client come with the first send. It never retries and holds nothing
 * between sends.
 */
import { type BackendFactory, createAttempts, type DeliveryResult, describeEndpoint, post, type TelemetryEvent, userAgent } from "@candor/backend";
import { classify } from "./classify.ts";
import { type PostHogBackendOptions, readOptions } from "./options.ts";

/**
 * PostHog limits a request to 20 MB and no number of events ("Capture API"); 500 keeps the search for one that it
 * refuses to ten requests. `maxBytes` is measured on candor's own JSON, to which encoding adds at most 1,000 bytes an
 * event: some 300 of its own, and 9 for each of core's 64 properties that has to be renamed. So a request stays below
 * 2 MB before compression: the limit of PostHog's server unless it is configured.
 */
const LIMITS = { maxEvents: 500, maxBytes: 1_048_576 } as const;

/**
 * Builds a backend that sends events to PostHog.
 *
 * @throws CandorError `ERR_CANDOR_CONFIG` naming the option and the fix.
 */
export const posthogBackend: BackendFactory<PostHogBackendOptions> = (options, context) => {
  const { url, apiKey, gzip, timeoutMs, tls, personProfiles, geoip } = readOptions(options);
  const request = {
    url,
    gzip,
    timeoutMs,
    headers: { "user-agent": userAgent(context), "content-type": "application/json" },
    ...(tls !== undefined && { tls }),
  };

  async function deliver(events: readonly TelemetryEvent[], signal: AbortSignal): Promise<DeliveryResult> {
    const rooms = await loadRooms();
    if (typeof rooms === "string") return { status: "retry", reason: `PostHog's package could not be loaded: ${rooms}` };
    const { messages, refused } = rooms.encodeEvents(events, { personProfiles, geoip });
    // Sent without them, the others would be confirmed and these forgotten.
    if (refused.length > 0) return { status: "rejected", reason: `PostHog would not take ${refused.length} of ${events.length} events`, rejected: refused };
    return classify(await rooms.captureMessages(messages, { ...request, apiKey, geoip, signal }));
  }

  const attempts = createAttempts(deliver);
  return {
    name: "posthog",
    destination: describeEndpoint(url),
    limits: LIMITS,
    send: attempts.send,
    /** A batch without events. PostHog answers 400, from which one sees that it is there; it does not look at the token. */
    async probe({ signal }) {
      return classify(await post({ ...request, body: JSON.stringify({ api_key: apiKey, batch: [] }), signal: attempts.untilClosed(signal) }));
    },
    close: attempts.close,
  };
};

/** The rooms that load PostHog's SDK; what went wrong, when a bundler or a trimmed install left something out. */
async function loadRooms() {
  try {
    const [{ encodeEvents }, { captureMessages }] = await Promise.all([import("./encode.ts"), import("./capture.ts")]);
    return { encodeEvents, captureMessages };
  } catch (error) {
    // The tool was packed wrongly and is not broken over that: the events stay in the spool.
    return String(error);
  }
}
