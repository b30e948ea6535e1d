/**
 * The event: stamps what the author tracks with the installation's identity, the environment and the time of
 * tracking. What is in an event is decided here and nowhere else; nothing is added when it is sent.
 */
import type { EventType, Logger, Metadata, TelemetryEvent } from "@candor/backend";
import { environmentFacts } from "./environment.ts";
import { createEventId } from "./event-id.ts";
import { normaliseMetadata } from "./normalisation.ts";
import { redact, redactArguments, redactError } from "./redaction.ts";

/** How a command ended. */
export interface CommandOutcome {
  /** Whole milliseconds. */
  readonly durationMs: number;
  /** The exit status the shell sees. */
  readonly exitCode: number;
  /** The signal that ended the command, such as `SIGINT`. */
  readonly signal?: string;
}

/** How a command ended, with what only extended collection records. */
export interface ExtendedOutcome extends CommandOutcome {
  /** The error message, redacted before it is kept. */
  readonly error?: string;
}

export interface StampSettings {
  readonly toolName: string;
  readonly toolVersion: string;
  readonly machineId: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly extendedCollection: boolean;
  readonly now: () => number;
  readonly logger: Logger;
}

/** What is known about one event when it is tracked. */
export interface Draft {
  readonly type: EventType;
  readonly name: string;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly outcome?: ExtendedOutcome | undefined;
  readonly args?: readonly string[] | undefined;
}

/** Longest type, name and signal, in characters. */
const MAX_NAME_LENGTH = 256;

/** Arguments recorded of one command. */
const MAX_ARGS = 100;

/** Longest error message and argument kept, in characters. */
const MAX_ERROR_LENGTH = 2_048;

/** Makes events of drafts. A draft that is no event (no name, no type) is undefined, with a debug line. */
export function createStamp(settings: StampSettings): (draft: Draft) => TelemetryEvent | undefined {
  const facts = environmentFacts();
  const { logger, toolName, toolVersion, machineId } = settings;
  const normalise = (metadata: unknown): Metadata => {
    const normalised = normaliseMetadata(metadata, { redactText: redact });
    for (const problem of normalised.problems) logger.debug(`telemetry property: ${problem}`);
    return normalised.metadata;
  };
  const common = normalise(settings.metadata);
  const hasCommon = Object.keys(common).length > 0;

  return (draft) => {
    if (!isName(draft.type) || !isName(draft.name)) {
      logger.debug("not tracked: an event needs a type and a name, both texts that are not empty");
      return undefined;
    }
    const nowMs = settings.now();
    const own = draft.metadata === undefined ? undefined : normalise(draft.metadata);
    const metadata = hasCommon ? { ...common, ...own } : own;
    return {
      id: createEventId(nowMs),
      timestamp: new Date(nowMs).toISOString(),
      type: draft.type.slice(0, MAX_NAME_LENGTH),
      name: draft.name.slice(0, MAX_NAME_LENGTH),
      machineId,
      toolName,
      toolVersion,
      ...facts,
      ...(draft.outcome ? outcomeFields(draft.outcome) : undefined),
      ...(settings.extendedCollection ? extendedFields(draft) : undefined),
      ...(metadata && Object.keys(metadata).length > 0 ? { metadata } : undefined),
    };
  };
}

function outcomeFields({ durationMs, exitCode, signal }: ExtendedOutcome): Partial<TelemetryEvent> {
  return {
    ...(Number.isFinite(durationMs) ? { durationMs: Math.max(0, Math.round(durationMs)) } : undefined),
    ...(Number.isInteger(exitCode) ? { exitCode } : undefined),
    ...(typeof signal === "string" ? { signal: signal.slice(0, MAX_NAME_LENGTH) } : undefined),
  };
}

function extendedFields({ args, outcome }: Draft): Partial<TelemetryEvent> {
  return {
    ...(Array.isArray(args) && args.length > 0 ? { args: recordable(args) } : undefined),
    ...(typeof outcome?.error === "string" && outcome.error !== "" ? { error: cut(redactError(outcome.error)) } : undefined),
  };
}

function recordable(args: readonly unknown[]): string[] {
  return redactArguments(args.slice(0, MAX_ARGS).map(String)).map(cut);
}

function cut(text: string): string {
  return text.length > MAX_ERROR_LENGTH ? `${text.slice(0, MAX_ERROR_LENGTH - 1)}…` : text;
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}
