/**
 * The collector: what a tool talks to. It never throws into the tool, never prints and never waits; what it accepts
 * goes through the buffer or straight into the spool, and from there only delivery takes it.
 */
import type { EventType, TelemetryEvent } from "@candor/backend";
import { formatLine } from "./batch.ts";
import { createBuffer } from "./buffer.ts";
import { coalesce } from "./coalescence.ts";
import type { ConsentDecision } from "./consent.ts";
import { canDetach, startUploader } from "./detachment.ts";
import { isEphemeral } from "./environment.ts";
import { type CommandOutcome, createStamp, type Draft, type ExtendedOutcome } from "./event.ts";
import type { FlushResult } from "./in-process-delivery.ts";
import { describeBackends, type Installation, needsThisProcess } from "./installation.ts";
import { addLosses, type LossCounts, recordLosses } from "./losses.ts";
import { joinPath } from "./paths.ts";
import { onProcessEnd, type ProcessEnd } from "./process-end.ts";
import { createSegment, type Segment } from "./segment.ts";
import { keepBound, type PurgeOutcome, purgeSpools, removeFile, type Spool } from "./spool.ts";

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

/** After the disk refused an event, it is asked again only this much later: a full disk must not cost every event a system call. */
const RETRY_DISK_MS = 1_000;

interface Active {
  readonly consent: ConsentDecision;
  readonly spool: Spool;
  readonly segment: Segment;
  readonly stamp: (draft: Draft) => TelemetryEvent | undefined;
  readonly dryRun: boolean;
}

/** A collector for an installation. Touches no disk until it is used. */
export function createActiveCollector(installation: Installation): Collector {
  const { config, ports, logger, directories } = installation;
  const buffer = createBuffer(config.bounds.bufferEvents);
  const beforeEndListeners: ((end: ProcessEnd) => void)[] = [];
  const lost: LossCounts = {};
  let unrecorded: LossCounts = {};
  let tracked = 0;
  let active: Active | "off" | undefined;
  let diskRefusedAtMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let stopListening = (): void => undefined;
  let closed = false;

  const lose = (reason: keyof LossCounts, count: number): void => {
    addLosses(lost, reason, count);
    addLosses(unrecorded, reason, count);
  };

  /** Consent is resolved at the first event, and the machinery made only for a yes. */
  const activate = (): Active | undefined => {
    if (active === undefined) active = closed || installation.problems.length > 0 ? "off" : start();
    return active === "off" ? undefined : active;
  };

  const start = (): Active | "off" => {
    const consent = installation.consent();
    if (!config.enabled || !consent.enabled) return "off";
    const dryRun = installation.backendsFor(consent).length === 0;
    const spool = installation.spoolFor(consent.consentId);
    const stamp = createStamp({
      toolName: config.tool,
      toolVersion: config.version,
      machineId: dryRun ? "dry-run" : installation.identify().machineId,
      metadata: config.metadata,
      extendedCollection: config.extendedCollection,
      now: ports.clock.now,
      logger,
    });
    stopListening = onProcessEnd(end);
    if (deliveryBy() === "inline") process.once("beforeExit", deliverBeforeExit);
    if (config.delivery.by === "interval") {
      timer = setInterval(() => void deliver(config.delivery.intervalMs, false), config.delivery.intervalMs);
      timer.unref();
    }
    return { consent, spool, segment: createSegment(spool), stamp, dryRun };
  };

  const deliveryBy = (): "detached" | "inline" | "interval" => {
    if (config.delivery.by !== "detached") return config.delivery.by;
    const { host } = ports;
    const alone = needsThisProcess(config.backends) || isEphemeral(host.environment, host.id) || !canDetach(host.executable);
    return alone ? "inline" : "detached";
  };

  const record = (draft: Draft): void => {
    try {
      const current = activate();
      const event = current?.stamp(draft);
      if (!current || !event) return;
      if (current.dryRun) return logger.debug("Telemetry event (dry-run)", { event });
      tracked++;
      accept(event, current);
    } catch (error) {
      logger.error("an event could not be tracked", { error: String(error) });
    }
  };

  const accept = (event: TelemetryEvent, current: Active): void => {
    const line = formatLine(event);
    if (Buffer.byteLength(line) > config.bounds.batchBytes) {
      lose("too-large", 1);
      return logger.debug("not tracked: the event is larger than a batch may be", { name: event.name });
    }
    if (config.delivery.durability === "track" && buffer.size === 0 && store(line, current)) return;
    lose("buffer-full", buffer.push(event));
    const due = config.delivery.durability === "track" || buffer.size >= config.bounds.bufferEvents;
    if (due && diskMayBeAsked()) spill(current);
  };

  const diskMayBeAsked = (): boolean => ports.clock.monotonicMs() - diskRefusedAtMs >= RETRY_DISK_MS;

  /** Puts a line into the segment, sealing it first when it would grow too long. */
  const store = (line: string, { segment, spool }: Active): boolean => {
    if (!diskMayBeAsked()) return false;
    if (segment.bytes + Buffer.byteLength(line) > config.bounds.batchBytes) sealInto(segment, spool);
    const outcome = segment.append(line);
    if (outcome.status === "stored") return true;
    diskRefusedAtMs = ports.clock.monotonicMs();
    logger.debug("events stay in memory", { reason: outcome.reason });
    return false;
  };

  /** Moves what is in memory to the segment, as far as the disk takes it. */
  const spill = (current: Active): void => {
    const events = buffer.takeAll();
    const refusedFrom = events.findIndex((event) => !store(formatLine(event), current));
    if (refusedFrom >= 0) for (const event of events.slice(refusedFrom)) lose("buffer-full", buffer.push(event));
  };

  const sealInto = (segment: Segment, spool: Spool): string | undefined => {
    const outcome = segment.seal();
    if (outcome.status === "nothing-to-seal") return undefined;
    guarded(() => keepBound(spool));
    guarded(() => coalesce(spool));
    return outcome.status === "sealed" ? outcome.name : undefined;
  };

  /** Everything to disk, now. Answers whether consent still stands afterwards. */
  const seal = (current: Active): boolean => {
    diskRefusedAtMs = Number.NEGATIVE_INFINITY;
    spill(current);
    const name = sealInto(current.segment, current.spool);
    saveLosses();
    // Read after sealing: whoever withdraws consent writes it before emptying the spool, so one of us sees the other.
    const now = installation.consent();
    if (now.enabled && now.consentId === current.consent.consentId) return true;
    if (name !== undefined) removeFile(joinPath(current.spool.pending, name), ports);
    return false;
  };

  const saveLosses = (): void => {
    if (recordLosses(unrecorded, directories, ports.fileSystem)) unrecorded = {};
  };

  const end = (ending: ProcessEnd): void => {
    for (const listener of [...beforeEndListeners]) guarded(() => listener(ending));
    guarded(() => finish(ending.kind === "exit" || ending.final));
  };

  const finish = (final: boolean): void => {
    const current = activate();
    if (!current || current.dryRun) return;
    const consented = seal(current);
    if (!final) return;
    lose("not-stored", buffer.takeAll().length);
    saveLosses();
    if (consented && deliveryBy() !== "inline") startUploader(installation, current.consent);
  };

  const guarded = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      logger.error("telemetry could not finish", { error: String(error) });
    }
  };

  const deliverBeforeExit = (): void => void deliver(config.delivery.inlineTimeoutMs, false);

  const deliver = async (limitMs: number, insist: boolean, signal?: AbortSignal): Promise<FlushResult> => {
    const current = activate();
    if (!current) return { status: "disabled" };
    if (current.dryRun) return { status: "delivered" };
    try {
      if (!seal(current)) {
        collector.drop();
        return { status: "disabled" };
      }
      const { deliverHere } = await import("./in-process-delivery.ts");
      return await deliverHere(installation, {
        limitMs,
        insist,
        inMemory: buffer.takeAll(),
        keep: (events) => events.forEach((event) => lose("buffer-full", buffer.push(event))),
        ...(signal ? { signal } : {}),
      });
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
      if (closed) return;
      if (activate() && deliveryBy() !== "detached") await deliver(config.delivery.inlineTimeoutMs, false);
      guarded(() => finish(true));
      closed = true;
      active = "off";
      clearInterval(timer);
      stopListening();
      process.removeListener("beforeExit", deliverBeforeExit);
    },

    drop() {
      buffer.takeAll();
      if (active !== undefined && active !== "off") active.segment.discard();
      active = "off";
      clearInterval(timer);
      return purgeSpools(directories, ports);
    },

    backendInfo: () => describeBackends(installation, installation.consent()),
    beforeEnd: (listener) => void beforeEndListeners.push(listener),
    counts: () => ({ tracked, lost: { ...lost }, inMemory: buffer.size }),
  };
  return collector;
}
