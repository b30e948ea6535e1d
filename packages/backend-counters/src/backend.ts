/**
 * The counters backend: one batch is added to the counts of this installation, the new counts are sent as a whole, and only what the relay
 * has acknowledged is written down. So the file says what has left the machine, and what waits stays in the spool.
 *
 * Crash after the acknowledgement and before the file is written: the same events come again, and the same counts are sent. Crash after
 * the file is written and before the spool knows: the batch is counted twice; delivery is at least once. Of two sends at a time the later
 * one's counts hold the earlier one's batch too: were it left out, the relay would hear of the other alone until the next send. Where the
 * earlier one fails, its events come again, and so do the same counts.
 */
import { type BackendContext, type BackendFactory, createAttempts, type DeliveryResult, describeEndpoint, post, type TelemetryEvent, userAgent } from "@candor/backend";
import { classify } from "./classify.ts";
import { type Counters, toDocument } from "./counters.ts";
import { countEvents } from "./encode.ts";
import { type CountersFile, errorCode, readCounters, setAside, writeCounters } from "./file.ts";
import { type CountersBackendOptions, readOptions } from "./options.ts";

/** 1 MiB a batch, the size of one batch file in the spool; the request does not grow with it. */
const LIMITS = { maxEvents: 1_000, maxBytes: 1_048_576 } as const;

/**
 * Builds a backend that sends cumulative counts by command and exit status.
 *
 * @throws CandorError `ERR_CANDOR_CONFIG` naming the option and the fix.
 */
export const countersBackend: BackendFactory<CountersBackendOptions> = (options, context: BackendContext) => {
  const { url, path, timeoutMs, tls } = readOptions(options, context.dataDirectory);
  const headers = { "content-type": "application/json", "user-agent": userAgent(context) };
  const underWay = new Set<readonly TelemetryEvent[]>();

  async function deliver(events: readonly TelemetryEvent[], signal: AbortSignal): Promise<DeliveryResult> {
    const file = readCounters(path);
    if (file.status === "foreign") return { status: "blocked", reason: file.reason };
    const before = countEvents(countersIn(file), [...underWay].flat()).counters;
    const { counters, refused } = countEvents(before, events);
    const [first] = refused;
    if (first !== undefined) return { status: "rejected", reason: first.reason, rejected: refused };
    // Events without a name count nothing.
    if (events.every(({ name }) => name === "") || counters === undefined) return { status: "accepted" };
    const body = JSON.stringify(toDocument(counters));
    underWay.add(events);
    try {
      const verdict = classify(await post({ url, headers, body, timeoutMs, signal, ...(tls !== undefined && { tls }) }));
      return verdict.status === "accepted" ? keep(events) : verdict;
    } finally {
      underWay.delete(events);
    }
  }

  /** Adds what was acknowledged to the file as it is by now. Where it cannot be kept, the batch is sent again, and says the same. */
  function keep(events: readonly TelemetryEvent[]): DeliveryResult {
    try {
      const file = readCounters(path);
      if (file.status === "foreign") return { status: "retry", reason: file.reason };
      if (file.status === "damaged") {
        setAside(path);
        context.logger.warn("the file of the counts could not be understood; it is kept beside the new one, and counting begins anew", { kept: `${path}.damaged` });
      }
      const { counters } = countEvents(countersIn(file), events);
      if (counters !== undefined) writeCounters(path, counters);
      return { status: "accepted" };
    } catch (error) {
      return { status: "retry", reason: `the counts could not be written down (${errorCode(error)})` };
    }
  }

  const attempts = createAttempts(deliver);
  return { name: "counters", destination: describeEndpoint(url), limits: LIMITS, send: attempts.send, close: attempts.close };
};

function countersIn(file: CountersFile): Counters | undefined {
  return file.status === "read" ? file.counters : undefined;
}
