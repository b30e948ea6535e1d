/**
 * The collector: what a tool talks to. It never throws into the tool, never prints and never waits; what it accepts
 * goes through the buffer or straight into the spool, and from there only delivery takes it.
 */
import type { EventType } from "@candor/backend";
import type { CommandOutcome, Draft, ExtendedOutcome, GivenProperties } from "../event/event.ts";
import type { FlushResult } from "../delivery/in-process-delivery.ts";
import type { Installation } from "./installation.ts";
import type { LossCounts } from "../spool/loss-counts.ts";
import type { ProcessEnd } from "./process-end.ts";
import type { PurgeOutcome } from "../spool/purge.ts";

/** What a tool owes its user before anything can be collected. */
export interface Due {
  /** The notice of the opt-out model. */
  readonly notice: boolean;
  /** The question whether to collect. */
  readonly question: boolean;
}

export interface Collector {
  /** Whether events are collected now. */
  readonly enabled: boolean;
  /** What the user has to be told or asked now. Of a run without telemetry it asks less than `installation.consent()` does. */
  readonly due: Due;
  /** The tool on this machine, for the `telemetry` command and for adapters. */
  readonly installation: Installation;
  /** Records that something happened. */
  track(type: EventType, name: string, properties?: GivenProperties): void;
  /** Records a finished command; `name` is its full path without arguments. */
  trackCommand(name: string, outcome: CommandOutcome, properties?: GivenProperties): void;
  /** As `trackCommand`; arguments and error are kept only under `extendedCollection`, redacted. */
  trackCommandExtended(name: string, args: readonly string[], outcome: ExtendedOutcome, properties?: GivenProperties): void;
  /** Delivers everything in this process, within `timeoutMs` (default `delivery.inlineTimeoutMs`). Never rejects. */
  flush(options?: { readonly timeoutMs?: number; readonly signal?: AbortSignal }): Promise<FlushResult>;
  /**
   * Ends collection: spills, and hands over to the uploader, or delivers inline where that is the way. Runs by itself when the
   * process ends; call it where a process goes on. Never rejects.
   */
  close(): Promise<void>;
  /** Discards everything collected and not yet sent, in memory and on disk, and collects nothing more. */
  drop(): PurgeOutcome;
  /**
   * Resolves consent anew, for a user who has just said yes: collects from the next event on. What was collected before is discarded.
   * Does nothing after `close`.
   */
  resume(): void;
  /** One line on where events go, without credentials: `http (https://…)`, `noop (disabled)`. */
  backendInfo(): string;
  /** Calls `listener` when the process ends, before the last spill: the time to track how a command ended. */
  beforeEnd(listener: (end: ProcessEnd) => void): void;
  /** What this process tracked, and lost, with the reason. */
  counts(): { readonly tracked: number; readonly lost: LossCounts; readonly inMemory: number };
}

/** What `track` was called with, without a catalog. */
export function freeDraft(type: EventType, name: string, metadata?: GivenProperties): Draft {
  return { type, name, metadata };
}

/** What is due now. Where consent cannot be resolved nothing is collected, so nothing is due. */
export function dueNow({ consent, logger }: Installation): Due {
  try {
    const { noticeDue, questionDue } = consent();
    return { notice: noticeDue === true, question: questionDue === true };
  } catch (error) {
    logger.error("telemetry failed", { error: String(error) });
    return { notice: false, question: false };
  }
}
