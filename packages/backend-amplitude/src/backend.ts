/**
 * The amplitude backend: one batch is one request that Amplitude's SDK builds, and `accepted` is Amplitude's own answer. Building it
 * loads nothing; the SDK and the HTTP client come with the first send. It never retries and holds nothing between sends.
 *
 * It has no `probe`: Amplitude documents no request that shows whether a key is good without adding an event.
 */
import { type BackendFactory, createAttempts, type DeliveryResult, describeEndpoint, type TelemetryEvent, userAgent } from "@candor/backend";
import type { AmplitudeEvent } from "./amplitude-event.ts";
import { classify, withUnsent } from "./classify.ts";
import type { Exchange } from "./client.ts";
import { encodeDataRobotEvent } from "./encode-datarobot.ts";
import { encodeEvent } from "./encode.ts";
import { type AmplitudeBackendOptions, readOptions } from "./options.ts";

const UNSENDABLE = "Amplitude's SDK cannot send it: it has no name, no readable time, or a value that JSON cannot hold";

/**
 * Builds a backend that sends events to Amplitude.
 *
 * @throws CandorError `ERR_CANDOR_CONFIG` naming the option and the fix.
 */
export const amplitudeBackend: BackendFactory<AmplitudeBackendOptions> = (options, context) => {
  const { schema, limits, tls, ...settings } = readOptions(options);
  const encode = schema === "datarobot" ? encodeDataRobotEvent : encodeEvent;
  const request = {
    ...settings,
    logger: context.logger,
    headers: { "user-agent": userAgent(context), "content-type": "application/json", accept: "*/*" },
    ...(tls !== undefined && { tls }),
  };

  async function deliver(events: readonly TelemetryEvent[], signal: AbortSignal): Promise<DeliveryResult> {
    const client = await loadClient();
    if (typeof client === "string") return { status: "retry", reason: `Amplitude's SDK could not be loaded: ${client}` };
    try {
      return judge(await client.exchange(events.flatMap(sendable), { ...request, signal }), events);
    } catch {
      // No event is at fault when the SDK itself fails, so none is lost over it.
      return { status: "retry", reason: "Amplitude's SDK failed" };
    }
  }

  /** The event as Amplitude's; none where the SDK would fail at it, or stamp it with a time of its own that differs at each attempt. */
  function sendable(event: TelemetryEvent): readonly AmplitudeEvent[] {
    try {
      const encoded = encode(event);
      JSON.stringify(encoded);
      return Number.isNaN(encoded.time) ? [] : [encoded];
    } catch {
      // It came from no spool: JSON cannot hold it, or its properties are code.
      return [];
    }
  }

  const attempts = createAttempts(deliver);
  return {
    name: "amplitude",
    destination: describeEndpoint(settings.url),
    limits,
    send: attempts.send,
    close: attempts.close,
  };
};

/** The verdict on every event, those that the SDK left out included. */
function judge(exchange: Exchange, events: readonly TelemetryEvent[]): DeliveryResult {
  const byId = new Map(events.map((event) => [event.id, event]));
  const ids = exchange.status === "sent" ? exchange.ids : [];
  const sent = ids.map((id) => ({ id, deviceId: byId.get(id)?.machineId ?? "" }));
  for (const id of ids) byId.delete(id);
  const unsent = [...byId.keys()].map((id) => ({ id, reason: UNSENDABLE }));
  if (exchange.status === "unsent") return { status: "rejected", reason: UNSENDABLE, rejected: unsent };
  return withUnsent(classify(exchange.result, sent), unsent);
}

/** The room that loads the SDK; what went wrong, when a bundler or a trimmed install left something out. */
async function loadClient() {
  try {
    return await import("./client.ts");
  } catch (error) {
    // The tool was packed wrongly and is not broken over that: the events stay in the spool.
    return String(error);
  }
}
