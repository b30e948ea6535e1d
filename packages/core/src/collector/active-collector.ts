/**
 * The active collector: the collector of an installation. It resolves consent with the first event, lets a recorder take what
 * is tracked, and sees to it that somebody delivers when the process ends.
 */
import { declaredDraft } from "./catalog-collector.ts";
import { type Collector, dueNow, freeDraft } from "./collector.ts";
import type { ConsentDecision } from "../consent/consent.ts";
import { type Deliverer, delivererFor, startUploader } from "../uploader/detachment.ts";
import { asksHere } from "../deletion/asks-here.ts";
import { mayHoldRequests } from "../deletion/any-requests.ts";
import { type DeletionRetry, retryDeletionsAtEnd } from "../deletion/retry.ts";
import { isBackend } from "../destination/destination.ts";
import type { Draft } from "../event/event.ts";
import { describeBackends, type Installation } from "./installation.ts";
import { createOwnDelivery } from "./own-delivery.ts";
import { onProcessEnd, type ProcessEnd } from "./process-end.ts";
import type { CompiledRoom } from "../platform/compiled-room.ts";
import { isEphemeral } from "../platform/environment.ts";
import { keepCompilation } from "../platform/kept-compilation.ts";
import { createRecorder, type Recorder } from "./recorder.ts";
import { purgeSpools } from "../spool/purge.ts";

/**
 * A collector for an installation. Touches no disk until it is used. `unkept` answers what this process had to compile, for those that
 * come after it.
 */
export function createActiveCollector(installation: Installation, unkept?: () => CompiledRoom | undefined): Collector {
  const { problems, config, ports, logger, directories } = installation;
  const beforeEndListeners: ((end: ProcessEnd) => void)[] = [];
  let tracked = 0;
  let active: Recorder | "off" | undefined;
  let last: Recorder | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let deletionRetry: DeletionRetry | undefined;
  let stopListening = (): void => undefined;

  /** Consent is resolved at the first event, and the machinery made only for a yes. */
  const activate = (): Recorder | undefined => {
    active ??= start();
    return active === "off" ? undefined : active;
  };

  const start = (): Recorder | "off" => {
    if (!config.enabled || problems.length > 0) return "off";
    const consent = consentNow();
    if (!consent) return "off";
    logger.debug(`telemetry is ${consent.enabled ? "on" : "off"}: ${consent.reason}`, { source: consent.source });
    // While telemetry is on the uploader sees to it, unless this process has to; without an answer on record there is nothing to delete.
    const seesToIt = consent.enabled ? asksHere(installation) : consent.answerRecorded === true;
    if (seesToIt && mayHoldRequests(directories, ports)) deletionRetry = retryDeletionsAtEnd(installation, consent);
    if (!consent.enabled) return "off";
    last = createRecorder(installation, { consent, counted: (events) => (tracked += events), guarded });
    listen();
    if (deliverer() === "this-process") process.once("beforeExit", deliverBeforeExit);
    if (config.delivery.by === "interval") {
      timer = setInterval(deliverInTurn, config.delivery.intervalMs);
      timer.unref();
    }
    return last;
  };

  /** Undefined where it cannot be resolved: an author's store may do anything. */
  const consentNow = (): ConsentDecision | undefined => {
    try {
      return installation.consent();
    } catch (error) {
      logger.error("telemetry failed", { error: String(error) });
      return undefined;
    }
  };

  /** Signals matter when somebody wants to know of them, and while events are only in memory. */
  const listen = (): void => {
    stopListening();
    stopListening = onProcessEnd(end, { signals: beforeEndListeners.length > 0 || config.delivery.durability === "spill" });
  };

  const stop = (): void => {
    active = "off";
    clearInterval(timer);
    stopListening();
    process.removeListener("beforeExit", deliverBeforeExit);
  };

  const { deliver, deliverInTurn } = createOwnDelivery(installation, {
    active: () => {
      const current = activate();
      guarded(() => current?.settle());
      return current;
    },
    withdrawn: () => {
      // Only what is ours: others may already collect under a new yes.
      last?.discard();
      stop();
    },
  });

  const deliverer = (): Deliverer => delivererFor(installation, last?.consent);

  const record = (draft: Draft): void => guarded(() => activate()?.record(draft));

  const guarded = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      logger.error("telemetry failed", { error: String(error) });
    }
  };

  const tell = (ending: ProcessEnd): void => {
    for (const listener of [...beforeEndListeners]) guarded(() => listener(ending));
  };

  const end = (ending: ProcessEnd): void => {
    tell(ending);
    guarded(() => finish(ending.kind === "exit" || ending.final));
  };

  const finish = (final: boolean): void => {
    const current = activate();
    current?.settle();
    if (!current || current.dryRun || tracked === 0) return;
    const consented = current.spill.seal();
    if (!final) return;
    current.spill.giveUpMemory();
    if (!consented) return;
    keepRoom();
    const by = deliverer();
    if (by !== "this-process") logger.debug(`the events are on disk; uploader: ${startUploader(installation, current.consent, by)}`);
  };

  /** For those that come after this process, where any will. */
  const keepRoom = (): void => {
    const room = unkept?.();
    if (room && !isEphemeral(ports.host.environment, ports.host.id)) keepCompilation(room, directories, ports);
  };

  /** The last moment at which this process can wait; how it ends is known by now, unless it goes on. */
  const deliverBeforeExit = (): void => {
    tell({ kind: "exit", exitCode: Number(process.exitCode ?? 0) });
    guarded(() => last?.settle());
    // As for a detached uploader: a run that recorded nothing, such as one that only shows what waits, sends nothing.
    if (tracked > 0) void deliver(config.delivery.inlineTimeoutMs, false);
  };

  const collector: Collector = {
    installation,
    get enabled() {
      return activate() !== undefined;
    },
    get due() {
      return dueNow(installation);
    },
    track: (...given) => record(config.catalog ? declaredDraft(...given) : freeDraft(...given)),
    trackCommand: (name, outcome, metadata) => record({ type: "command.invocation", name, outcome, metadata }),
    trackCommandExtended: (name, args, outcome, metadata) => record({ type: "command.invocation", name, args, outcome, metadata }),
    flush: ({ timeoutMs = config.delivery.inlineTimeoutMs, signal } = {}) => deliver(timeoutMs, true, signal),

    async close() {
      closed = true;
      guarded(() => void activate());
      if (active === "off") {
        await deletionRetry?.askHere();
        return deletionRetry?.handOver();
      }
      tell({ kind: "exit", exitCode: Number(process.exitCode ?? 0) });
      guarded(() => last?.settle());
      const here = deliverer() === "this-process" || config.delivery.by === "interval";
      if (activate() && here && tracked > 0) await deliver(config.delivery.inlineTimeoutMs, false);
      await deletionRetry?.askHere();
      guarded(() => finish(true));
      stop();
      deletionRetry?.handOver();
      await Promise.allSettled(config.backends.filter(isBackend).map((backend) => backend.close()));
    },

    drop() {
      guarded(() => last?.discard());
      stop();
      deletionRetry?.stop();
      try {
        return purgeSpools(directories, ports);
      } catch (error) {
        return { status: "failed", reason: String(error) };
      }
    },

    resume() {
      if (closed) return;
      guarded(() => last?.discard());
      stop();
      last = undefined;
      active = undefined;
    },

    backendInfo() {
      const consent = consentNow();
      return consent ? describeBackends(installation, consent) : "noop (unavailable)";
    },
    beforeEnd(listener) {
      beforeEndListeners.push(listener);
      if (active !== undefined && active !== "off") listen();
    },
    counts() {
      guarded(() => last?.hold());
      return { tracked, lost: { ...last?.spill.lost }, inMemory: last?.spill.inMemory ?? 0 };
    },
  };
  return collector;
}
