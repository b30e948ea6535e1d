/**
 * The recorder: makes events of what is tracked under one consent and hands them to the spill, each at once or, where the author prefers
 * cheap calls, together when the tool pauses.
 */
import type { TelemetryEvent } from "@candor/backend";
import type { ConsentDecision } from "../consent/consent.ts";
import type { Draft, Stamp } from "../event/event.ts";
import type { LossCounts } from "../spool/loss-counts.ts";
import { createBacklog } from "./backlog.ts";
import type { Installation } from "./installation.ts";
import { createSpill, type Spill } from "./spill.ts";
import { createToolStamp } from "./tool-stamp.ts";

export interface RecorderSettings {
  readonly consent: ConsentDecision;
  /** Told how many events were tracked. */
  readonly counted: (events: number) => void;
  /** Runs work and catches what it throws: one event's fault must not cost another. */
  readonly guarded: (work: () => void) => void;
}

export interface Recorder {
  readonly consent: ConsentDecision;
  readonly spill: Spill;
  /** No destination is configured: events are shown in the debug log and go nowhere. */
  readonly dryRun: boolean;
  record(draft: Draft): void;
  /** Brings to the spill what was only noted. */
  settle(): void;
  /** Makes events of what was only noted, and leaves them in memory. */
  hold(): void;
  /** Forgets what this process holds and has not sealed. */
  discard(): void;
}

/** A recorder. Derives no id and touches no disk before the first event. */
export function createRecorder(installation: Installation, { consent, counted, guarded }: RecorderSettings): Recorder {
  const { config, ports, logger } = installation;
  const dryRun = installation.backendsFor(consent).length === 0;
  const spill = createSpill(installation, installation.spoolFor(consent.consentId));
  const backlog = createBacklog();
  let stampEvent: Stamp | undefined;
  let settling: NodeJS.Immediate | undefined;

  /** What the catalog keeps out was tracked all the same; in a dry run nothing is. */
  const lose = (reason: keyof LossCounts, count: number): void => {
    if (dryRun) return;
    if (reason === "undeclared") counted(count);
    spill.lose(reason, count);
  };

  /** Made with the first event, when the author's `metadata` is asked; not later, when the tool may be somewhere else. */
  const stamp = (): Stamp =>
    (stampEvent ??= createToolStamp(installation, { machineId: dryRun ? "dry-run" : installation.identify(consent.localOnly).machineId, dryRun, lose }));

  const eventOf = (draft: Draft, atMs?: number): TelemetryEvent | undefined => {
    const event = stamp()(draft, atMs);
    if (!event) return undefined;
    if (dryRun) {
      logger.debug("Telemetry event (dry-run)", { event });
      return undefined;
    }
    counted(1);
    logger.debug("tracked", { event });
    return event;
  };

  const recordNow = (draft: Draft): void => {
    const event = eventOf(draft);
    if (event) spill.accept([event]);
  };

  const makeEvents = (): readonly TelemetryEvent[] => {
    const events: TelemetryEvent[] = [];
    for (const { draft, atMs } of backlog.takeAll()) {
      guarded(() => {
        const event = eventOf(draft, atMs);
        if (event) events.push(event);
      });
    }
    return events;
  };

  const settle = (): void => {
    if (!settling && backlog.size === 0) return;
    clearImmediate(settling);
    settling = undefined;
    spill.accept(makeEvents());
  };

  /** What cannot be noted is made into an event at once, behind what was noted before it. A catalog reads each property once, so it does not wait. */
  const note = (draft: Draft): void => {
    stamp();
    if (backlog.size + spill.inMemory >= config.bounds.bufferEvents) settle();
    if (config.catalog || !backlog.add(draft, ports.clock.now())) {
      const event = eventOf(draft);
      if (event) spill.hold([...makeEvents(), event]);
    }
    settling ??= setImmediate(() => guarded(settle)).unref();
  };

  return {
    consent,
    spill,
    dryRun,
    record: config.delivery.durability === "spill" && !dryRun ? note : recordNow,
    settle,
    hold: () => spill.hold(makeEvents()),
    discard() {
      clearImmediate(settling);
      settling = undefined;
      backlog.takeAll();
      spill.discard();
    },
  };
}
