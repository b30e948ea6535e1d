/**
 * The light collector: what a tool holds in a user's hands. While telemetry is surely off it does nothing, and knows nothing but how to find
 * that out; otherwise it makes the collector, whose room a command without telemetry never loads, and hands everything on to it.
 */
import { silentLogger } from "@candor/backend";
import type { AnyOptions } from "../config/config.ts";
import { surelyOff } from "../consent/surely-off.ts";
import { unkeptRoom, useCompiledRoom } from "../platform/compiled-room.ts";
import { directoriesFor } from "../platform/paths.ts";
import type { Ports } from "../platform/ports.ts";
import type { Collector } from "./collector.ts";
import { createWholeCollector } from "./whole-collector.ts";

/** A collector for a tool of which nothing is known to be wrong. */
export function createLightCollector(options: AnyOptions, ports: Ports): Collector {
  const { tool, enabled = true, consent = {}, logger = silentLogger } = options;
  const directories = directoriesFor(tool, ports.host, options.directories);
  const listeners: Parameters<Collector["beforeEnd"]>[0][] = [];
  let whole: Collector | undefined;
  let off = false;
  let closed = false;
  useCompiledRoom(directories, ports);

  const open = (): Collector => {
    if (whole) return whole;
    whole = createWholeCollector(options, ports, unkeptRoom);
    for (const listener of listeners) whole.beforeEnd(listener);
    return whole;
  };

  const standing = (): ReturnType<typeof surelyOff> => attempt(() => surelyOff(tool, consent, directories, ports));

  /** The whole collector, unless there is surely nothing for it to do. */
  const needed = (): Collector | undefined => {
    if (whole || off) return whole;
    off = !enabled || standing() !== undefined;
    if (off) attempt(() => logger.debug("telemetry is off: nobody has said yes"));
    else off = attempt(open) === undefined;
    return whole;
  };

  return {
    get installation() {
      return open().installation;
    },
    get enabled() {
      return needed()?.enabled ?? false;
    },
    get due() {
      // Whoever said no is owed nothing; whoever has not been asked may be owed the question.
      return (standing() === "refused" ? undefined : attempt(open)?.due) ?? { notice: false, question: false };
    },
    track: (...event) => needed()?.track(...event),
    trackCommand: (...command) => needed()?.trackCommand(...command),
    trackCommandExtended: (...command) => needed()?.trackCommandExtended(...command),
    flush: async (given) => (await needed()?.flush(given)) ?? { status: "disabled" },
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
      whole?.resume();
    },
    backendInfo: () => attempt(open)?.backendInfo() ?? "noop (unavailable)",
    beforeEnd(listener) {
      if (whole) whole.beforeEnd(listener);
      else listeners.push(listener);
    },
    counts: () => whole?.counts() ?? { tracked: 0, lost: {}, inMemory: 0 },
  };
}

/** Nothing of telemetry's may end a tool: not an author's logger, not a room that a bundler has left out. */
function attempt<Value>(work: () => Value): Value | undefined {
  try {
    return work();
  } catch {
    // What cannot be found out is found out by the whole collector, which can say so.
    return undefined;
  }
}
