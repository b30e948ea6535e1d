/**
 * The waiting collector: until telemetry turns out to be on it knows nothing but how to find that out; then it makes the active collector and
 * hands everything on to it.
 */
import type { ConsentDecision } from "../consent/consent.ts";
import { mayHoldRequests } from "../deletion/any-requests.ts";
import type { CompiledRoom } from "../platform/compiled-room.ts";
import { createActiveCollector } from "./active-collector.ts";
import { type Collector, dueNow } from "./collector.ts";
import type { Installation } from "./installation.ts";

/** A collector for an installation. Touches no disk until it is used. */
export function createWaitingCollector(installation: Installation, unkept?: () => CompiledRoom | undefined): Collector {
  const { directories, ports, logger } = installation;
  const listeners: Parameters<Collector["beforeEnd"]>[0][] = [];
  let opened: Collector | undefined;
  let off = false;
  let closed = false;

  const open = (decided?: ConsentDecision): Collector => {
    if (opened) return opened;
    opened = createActiveCollector(installation, decided, unkept);
    for (const listener of listeners) opened.beforeEnd(listener);
    return opened;
  };

  /** Whether a run under this consent has anything to do: to collect, or to see to a deletion request that waits. */
  const isNeeded = (consent: ConsentDecision): boolean => consent.enabled || (consent.answerRecorded === true && mayHoldRequests(directories, ports));

  /** The active collector, if there is anything for it to do. */
  const needed = (): Collector | undefined => {
    if (opened || off) return opened;
    try {
      const consent = installation.config.enabled ? installation.consent() : undefined;
      if (consent && isNeeded(consent)) return open(consent);
      if (consent) logger.debug(`telemetry is off: ${consent.reason}`, { source: consent.source });
    } catch (error) {
      logger.error("telemetry failed", { error: String(error) });
    }
    off = true;
    return undefined;
  };

  return {
    installation,
    get enabled() {
      return needed()?.enabled ?? false;
    },
    get due() {
      return dueNow(installation);
    },
    track: (...event) => needed()?.track(...event),
    trackCommand: (...command) => needed()?.trackCommand(...command),
    trackCommandExtended: (...command) => needed()?.trackCommandExtended(...command),
    flush: async (options) => (await needed()?.flush(options)) ?? { status: "disabled" },
    async close() {
      closed = true;
      await needed()?.close();
    },
    drop() {
      try {
        return open().drop();
      } catch (error) {
        return { status: "failed", reason: String(error) };
      }
    },
    resume() {
      if (closed) return;
      off = false;
      opened?.resume();
    },
    backendInfo() {
      try {
        return open().backendInfo();
      } catch (error) {
        logger.error("telemetry failed", { error: String(error) });
        return "noop (unavailable)";
      }
    },
    beforeEnd(listener) {
      if (opened) opened.beforeEnd(listener);
      else listeners.push(listener);
    },
    counts: () => opened?.counts() ?? { tracked: 0, lost: {}, inMemory: 0 },
  };
}
