/**
 * The light collector: what a tool holds in a user's hands. While telemetry is surely off it does nothing, and knows nothing but how to find
 * that out; otherwise it makes the collector, whose room a command without telemetry never loads, and hands everything on to it.
 */
import { silentLogger } from "@candor/backend";
import type { AnyOptions } from "../config/config.ts";
import type { Circumstances } from "../config/circumstances.ts";
import { surelyOff } from "../consent/surely-off.ts";
import { unkeptRoom, useCompiledRoom } from "../platform/compiled-room.ts";
import { directoriesFor } from "../platform/paths.ts";
import type { Ports } from "../platform/ports.ts";
import type { Collector } from "./collector.ts";
import { createWholeCollector } from "./whole-collector.ts";

/** What is said of a run in which consent is not even resolved. */
const REASONS = { refused: "the recorded answer is no", unanswered: "nobody has said yes" } as const;

/** A collector for a tool of whose options those that `surelyOff` needs are sound. */
export function createLightCollector(given: AnyOptions, ports: Ports, circumstances: Circumstances): Collector {
  // The author may change the object afterwards, and it may be needed only then.
  const options = { ...given };
  const { tool, enabled = true, consent = {}, logger = silentLogger } = options;
  const directories = directoriesFor(tool, ports.host, options.directories);
  const listeners: Parameters<Collector["beforeEnd"]>[0][] = [];
  let whole: Collector | undefined;
  let off = false;
  let closed = false;
  useCompiledRoom(directories, ports);

  const open = (): Collector => {
    if (whole) return whole;
    whole = createWholeCollector(options, ports, circumstances, unkeptRoom);
    for (const listener of listeners) whole.beforeEnd(listener);
    return whole;
  };

  /** Undefined where the room is missing, which nobody but the author's logger hears. */
  const opened = (): Collector | undefined => {
    try {
      return open();
    } catch (error) {
      attempt(() => logger.error("telemetry failed", { error: String(error) }));
      return undefined;
    }
  };

  const standing = (): ReturnType<typeof surelyOff> => attempt(() => surelyOff(tool, consent, directories, ports));

  /** The whole collector, unless there is surely nothing for it to do. What was found stays until `resume`, whoever opens it meanwhile. */
  const needed = (): Collector | undefined => {
    if (off || whole) return off ? undefined : whole;
    const reason = enabled ? standing() : undefined;
    off = !enabled || reason !== undefined || opened() === undefined;
    if (reason) attempt(() => logger.debug(`telemetry is off: ${REASONS[reason]}`));
    return whole;
  };

  return {
    get installation() {
      return open().installation;
    },
    get enabled() {
      return needed()?.enabled ?? false;
    },
    due: {
      // A notice comes before an answer, under a model that collects without one; that is never surely off.
      get notice() {
        return standing() === undefined && opened()?.due.notice === true;
      },
      get question() {
        return standing() !== "refused" && opened()?.due.question === true;
      },
    },
    track: (...event) => needed()?.track(...event),
    trackCommand: (...command) => needed()?.trackCommand(...command),
    trackCommandExtended: (...command) => needed()?.trackCommandExtended(...command),
    flush: async (limits) => (await (whole ?? needed())?.flush(limits)) ?? { status: "disabled" },
    async close() {
      closed = true;
      const ending = whole ?? needed();
      off = true;
      await ending?.close();
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
      whole?.resume();
    },
    backendInfo: () => opened()?.backendInfo() ?? "noop (unavailable)",
    beforeEnd(listener) {
      if (whole) whole.beforeEnd(listener);
      else listeners.push(listener);
    },
    counts: () => whole?.counts() ?? { tracked: 0, lost: {}, inMemory: 0 },
  };
}

/** Nothing of telemetry's may end a tool: not an author's logger, and not what stands in an author's options. */
function attempt<Value>(work: () => Value): Value | undefined {
  try {
    return work();
  } catch {
    // What cannot be found out is found out by the whole collector, which can say so.
    return undefined;
  }
}
