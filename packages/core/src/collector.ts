/**
 * The collector: what a tool talks to. It never throws into the tool, never prints and never waits; what it accepts
 * goes through the buffer or straight into the spool, and from there only delivery takes it.
 */
import type { EventType, TelemetryEvent } from "@candor/backend";
import type { ConsentDecision } from "./consent.ts";
import { canDetach, startUploader } from "./detachment.ts";
import { isEphemeral } from "./environment.ts";
import { isBackend } from "./destination.ts";
import { type CommandOutcome, createStamp, type Draft, type ExtendedOutcome } from "./event.ts";
import type { FlushResult } from "./in-process-delivery.ts";
import { describeBackends, type Installation, needsThisProcess } from "./installation.ts";
import type { LossCounts } from "./losses.ts";
import { onProcessEnd, type ProcessEnd } from "./process-end.ts";
import { createSpill, type Spill } from "./spill.ts";
import { type PurgeOutcome, purgeSpools } from "./spool.ts";

/** Properties an author attaches; made safe by the rule written down in `normalisation`. */
export type Properties = Readonly<Record<string, unknown>>;

export interface Collector {
  /** Whether events are collected now. */
  readonly enabled: boolean;
  /** The tool on this machine, for the `telemetry` command and for adapters. */
  readonly installation: Installation;
  /** Records that something happened. */
  track(type: EventType, name: string, properties?: Properties): void;
  /** Records a finished command; `name` is its full path without arguments. */
  trackCommand(name: string, outcome: CommandOutcome, properties?: Properties): void;
  /** As `trackCommand`; arguments and error are kept only under `extendedCollection`, redacted. */
  trackCommandExtended(name: string, args: readonly string[], outcome: ExtendedOutcome, properties?: Properties): void;
  /** Delivers everything in this process, within `timeoutMs` (default `delivery.inlineTimeoutMs`). Never rejects. */
  flush(options?: { readonly timeoutMs?: number; readonly signal?: AbortSignal }): Promise<FlushResult>;
  /**
   * Ends collection: spills, and hands over to the uploader, or delivers inline where that is the way. Runs by itself when the
   * process ends; call it where a process goes on. Never rejects.
   */
  close(): Promise<void>;
  /** Discards everything collected and not yet sent, in memory and on disk, and collects nothing more. */
  drop(): PurgeOutcome;
  /** One line on where events go, without credentials: `http (https://…)`, `noop (disabled)`. */
  backendInfo(): string;
  /** Calls `listener` when the process ends, before the last spill: the time to track how a command ended. */
  beforeEnd(listener: (end: ProcessEnd) => void): void;
  /** What this process tracked, and lost, with the reason. */
  counts(): { readonly tracked: number; readonly lost: LossCounts; readonly inMemory: number };
}

interface Active {
  readonly consent: ConsentDecision;
  readonly spill: Spill;
  /** No destination is configured: events are shown in the debug log and go nowhere. */
  readonly dryRun: boolean;
}

/** A collector for an installation. Touches no disk until it is used. */
export function createActiveCollector(installation: Installation): Collector {
  const { config, ports, logger, directories } = installation;
  const beforeEndListeners: ((end: ProcessEnd) => void)[] = [];
  let tracked = 0;
  let active: Active | "off" | undefined;
  let last: Active | undefined;
  let timer: NodeJS.Timeout | undefined;
  let delivering = false;
  let stampEvent: ReturnType<typeof createStamp> | undefined;
  let stopListening = (): void => undefined;

  /** Consent is resolved at the first event, and the machinery made only for a yes. */
  const activate = (): Active | undefined => {
    active ??= start();
    return active === "off" ? undefined : active;
  };

  const start = (): Active | "off" => {
    if (!config.enabled || installation.problems.length > 0) return "off";
    const consent = installation.consent();
    if (!consent.enabled) return "off";
    const dryRun = installation.backendsFor(consent).length === 0;
    last = { consent, spill: createSpill(installation, installation.spoolFor(consent.consentId)), dryRun };
    listen();
    if (deliverer() === "this-process") process.once("beforeExit", deliverBeforeExit);
    if (config.delivery.by === "interval") {
      timer = setInterval(deliverInTurn, config.delivery.intervalMs);
      timer.unref();
    }
    return last;
  };

  /** Made with the first event, so that a run that records nothing derives no id. */
  const stamp = (draft: Draft, { dryRun }: Active): TelemetryEvent | undefined => {
    stampEvent ??= createStamp({
      toolName: config.tool,
      toolVersion: config.version,
      machineId: dryRun ? "dry-run" : installation.identify().machineId,
      metadata: config.metadata,
      extendedCollection: config.extendedCollection,
      now: ports.clock.now,
      logger,
    });
    return stampEvent(draft);
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

  /** Who delivers when this process ends. */
  const deliverer = (): "detached" | "awaited" | "this-process" => {
    const { host } = ports;
    const backends = last ? installation.backendsFor(last.consent) : config.backends;
    if (needsThisProcess(backends, config) || !canDetach(host.executable)) return "this-process";
    return config.delivery.by === "inline" || isEphemeral(host.environment, host.id) ? "awaited" : "detached";
  };

  const record = (draft: Draft): void =>
    guarded(() => {
      const current = activate();
      const event = current && stamp(draft, current);
      if (!event) return;
      if (current.dryRun) return logger.debug("Telemetry event (dry-run)", { event });
      tracked++;
      current.spill.accept(event);
    });

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
    if (!current || current.dryRun || tracked === 0) return;
    const consented = current.spill.seal();
    if (!final) return;
    current.spill.giveUpMemory();
    const by = deliverer();
    if (consented && by !== "this-process") startUploader(installation, current.consent, by);
  };

  /** One at a time: a slow destination must not be asked again while it has not answered. */
  const deliverInTurn = (): void => {
    if (delivering) return;
    delivering = true;
    void deliver(config.delivery.lifetimeMs, false).finally(() => {
      delivering = false;
    });
  };

  /** The last moment at which this process can wait; how it ends is known by now, unless it goes on. */
  const deliverBeforeExit = (): void => {
    tell({ kind: "exit", exitCode: Number(process.exitCode ?? 0) });
    void deliver(config.delivery.inlineTimeoutMs, false);
  };

  const deliver = async (limitMs: number, insist: boolean, signal?: AbortSignal): Promise<FlushResult> => {
    const current = activate();
    if (!current) return { status: "disabled" };
    if (current.dryRun) return { status: "delivered" };
    try {
      if (!current.spill.seal()) {
        // Only what is ours: others may already collect under a new yes.
        current.spill.discard();
        stop();
        return { status: "disabled" };
      }
      const { createMemorySpool, deliverHere } = await import("./background.ts");
      const memory = current.spill.memorySpool(createMemorySpool);
      const result = await deliverHere(installation, { limitMs, insist, ...(memory ? { memory } : {}), ...(signal ? { signal } : {}) });
      current.spill.countMemoryLosses();
      const unsealed = result.status === "delivered" && current.spill.unsealed > 0;
      return unsealed ? { status: "pending", reason: "the disk refuses to take a batch" } : result;
    } catch (error) {
      logger.error("the delivery failed", { error: String(error) });
      return { status: "pending", reason: String(error) };
    }
  };

  const collector: Collector = {
    installation,
    get enabled() {
      return activate() !== undefined;
    },
    track: (type, name, metadata) => record({ type, name, metadata }),
    trackCommand: (name, outcome, metadata) => record({ type: "command.invocation", name, outcome, metadata }),
    trackCommandExtended: (name, args, outcome, metadata) => record({ type: "command.invocation", name, args, outcome, metadata }),
    flush: ({ timeoutMs = config.delivery.inlineTimeoutMs, signal } = {}) => deliver(timeoutMs, true, signal),

    async close() {
      if (active === "off") return;
      tell({ kind: "exit", exitCode: Number(process.exitCode ?? 0) });
      const here = deliverer() === "this-process" || config.delivery.by === "interval";
      if (activate() && here) await deliver(config.delivery.inlineTimeoutMs, false);
      guarded(() => finish(true));
      stop();
      await Promise.allSettled(config.backends.filter(isBackend).map((backend) => backend.close()));
    },

    drop() {
      guarded(() => last?.spill.discard());
      stop();
      return purgeSpools(directories, ports);
    },

    backendInfo: () => describeBackends(installation, installation.consent()),
    beforeEnd(listener) {
      beforeEndListeners.push(listener);
      if (active !== undefined && active !== "off") listen();
    },
    counts: () => ({ tracked, lost: { ...last?.spill.lost }, inMemory: last?.spill.inMemory ?? 0 }),
  };
  return collector;
}
