/**
 * The otlp backend: one batch is one OTLP/HTTP request with JSON log records, and `accepted` is the
 * collector's own answer. Building it loads nothing; OpenTelemetry and the HTTP client come with the
 * first send. It never retries and holds nothing between sends.
 */
import { type BackendFactory, createAttempts, type DeliveryResult, describeEndpoint, isSensitiveHeader, type TelemetryEvent, userAgent } from "@candor/backend";
import { classify } from "./classify.ts";
import { type OtlpBackendOptions, readOptions } from "./options.ts";

/**
 * 512 events is the batch of OpenTelemetry's SDKs. `maxBytes` is measured on candor's own JSON, and a
 * record is larger than its event: about three times as a rule, ten times at worst (metadata full of
 * empty lists), beside some 1.5 KB for its fixed part. So 256 KiB keeps every request below 4 MiB, the
 * default of gRPC gateways and so the lowest limit to reckon with; OTLP itself advises 20 MiB.
 */
const LIMITS = { maxEvents: 512, maxBytes: 262_144 } as const;

/**
 * Builds a backend that sends events to an OpenTelemetry collector.
 *
 * @throws CandorError `ERR_CANDOR_CONFIG` naming the option and the fix.
 */
export const otlpBackend: BackendFactory<OtlpBackendOptions> = (options, context) => {
  const settings = readOptions(options);
  for (const name of Object.keys(settings.headers)) {
    if (isSensitiveHeader(name)) context.logger.debug("a header of the otlp backend looks like a credential; every user of the tool can read it", { header: name });
  }
  const { url, gzip, timeoutMs, tls, resourceAttributes } = settings;
  const request = {
    url,
    gzip,
    timeoutMs,
    headers: { "user-agent": userAgent(context), ...settings.headers, "content-type": "application/json" },
    ...(tls !== undefined && { tls }),
  };

  async function deliver(events: readonly TelemetryEvent[], signal: AbortSignal): Promise<DeliveryResult> {
    const rooms = await loadRooms();
    if (typeof rooms === "string") return { status: "retry", reason: `the packages of OpenTelemetry could not be loaded: ${rooms}` };
    try {
      const records = rooms.encodeEvents(events, { observedAtMs: Date.now(), resourceAttributes });
      const result = await rooms.exportRecords(records, { ...request, signal });
      return classify(result, events.map(({ id }) => id));
    } catch {
      // The client never throws: an event holds what its type forbids, and no retry mends it.
      return { status: "rejected", reason: "an event cannot be written as a log record" };
    }
  }

  const attempts = createAttempts(deliver);
  return {
    name: "otlp",
    destination: describeEndpoint(url),
    limits: LIMITS,
    send: attempts.send,
    /** A request without records: OTLP's way of sending nothing. */
    async probe({ signal }) {
      const { post } = await import("@candor/backend/post");
      const result = await post({ ...request, body: '{"resourceLogs":[]}', signal: attempts.untilClosed(signal) });
      return classify(result, []);
    },
    close: attempts.close,
  };
};

/** The rooms that load OpenTelemetry; what went wrong, when a bundler or a trimmed install left something out. */
async function loadRooms() {
  try {
    const [{ encodeEvents }, { exportRecords }] = await Promise.all([import("./encode.ts"), import("./exporter.ts")]);
    return { encodeEvents, exportRecords };
  } catch (error) {
    // The tool was packed wrongly and is not broken over that: the events stay in the spool.
    return String(error);
  }
}
