/**
 * The event: stamps what the author tracks with the installation's identity, the environment and the time of
 * tracking. What is in an event is decided here and nowhere else; nothing is added when it is sent.
 */
import type { EventType, Logger, Metadata, TelemetryEvent } from "@candor/backend";
import { boundedText, readable, shortened } from "./bounded-text.ts";
import { environmentFacts } from "../platform/environment.ts";
import { createEventId } from "./event-id.ts";
import { normaliseMetadata } from "./normalisation.ts";
import { createTimestamps } from "./timestamp.ts";
import type { Admission } from "../catalog/admission.ts";
import { createRedactor, type Redactor } from "../redaction/redaction.ts";

/** Properties by their names. */
export type Properties = Readonly<Record<string, unknown>>;

/**
 * Properties as an author attaches them; made safe by the rule written down in `normalisation`. A value of an `interface` has no
 * index signature and is as good. The symbols are those of objects that hold no properties: of lists, of functions, of promises and sets, of dates, of expressions.
 */
export type GivenProperties =
  | Properties
  | (object & {
      readonly [Symbol.unscopables]?: never;
      readonly [Symbol.hasInstance]?: never;
      readonly [Symbol.toStringTag]?: never;
      readonly [Symbol.toPrimitive]?: never;
      readonly [Symbol.match]?: never;
    });

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
  /** What every event carries; called once. */
  readonly metadata: () => GivenProperties;
  readonly extendedCollection: boolean;
  /** Default: one that knows neither the tool's own rules nor the user. */
  readonly redactor?: Redactor;
  /** What the author's catalog lets into events. Default: everything, made safe. */
  readonly admission?: Admission | undefined;
  readonly now: () => number;
  readonly logger: Logger;
}

/** What is known about one event when it is tracked. */
export interface Draft {
  readonly type: EventType;
  readonly name: string;
  readonly metadata?: GivenProperties | undefined;
  readonly outcome?: ExtendedOutcome | undefined;
  readonly args?: readonly string[] | undefined;
}

/** Longest type, name and signal, in characters. */
const MAX_NAME_LENGTH = 256;

/** Arguments recorded of one command. */
const MAX_ARGS = 100;

/** Longest error message and argument kept, in characters. */
const MAX_ERROR_LENGTH = 2_048;

/** Makes the event of a draft, tracked at `nowMs`; default: now. */
export type Stamp = (draft: Draft, nowMs?: number) => TelemetryEvent | undefined;

/** Makes events of drafts. A draft that is no event (no name, no type, not in the catalog) is undefined, with a debug line. */
export function createStamp(settings: StampSettings): Stamp {
  const facts = environmentFacts();
  const timestamp = createTimestamps();
  const { logger, toolName, toolVersion, machineId, admission, redactor = createRedactor() } = settings;
  const names = new Map<string, string>();
  const normalise = (metadata: unknown): Metadata => {
    const normalised = normaliseMetadata(metadata, {
      names,
      redactText: redactor.text,
      redactArguments: redactor.args,
      redactVouched: redactor.vouched,
    });
    for (const problem of normalised.problems) logger.debug(`telemetry property: ${problem}`);
    return normalised.metadata;
  };
  const common = admission ? admission.common(commonOf(settings), normalise) : normalise(commonOf(settings));
  const hasCommon = Object.keys(common).length > 0;

  return (draft, nowMs = settings.now()) => {
    if (!isName(draft.type) || !isName(draft.name)) {
      logger.debug("not tracked: an event needs a type and a name, both texts that are not empty");
      return undefined;
    }
    const declared = admission?.find(draft.type, draft.name);
    if (admission && !declared) return undefined;
    const own = draft.metadata === undefined ? undefined : (declared?.admit(draft.metadata, normalise) ?? normalise(draft.metadata));
    const metadata = hasCommon ? { ...common, ...own } : own;
    return {
      id: createEventId(nowMs),
      timestamp: timestamp(nowMs),
      type: shortened(declared?.type ?? draft.type, MAX_NAME_LENGTH),
      name: shortened(draft.name, MAX_NAME_LENGTH),
      machineId,
      toolName,
      toolVersion,
      ...facts,
      ...(draft.outcome ? outcomeFields(draft.outcome, logger) : undefined),
      ...(settings.extendedCollection ? extendedFields(draft, redactor) : undefined),
      ...(metadata && Object.keys(metadata).length > 0 ? { metadata } : undefined),
    };
  };
}

function commonOf({ metadata, logger }: StampSettings): unknown {
  try {
    return metadata();
  } catch (error) {
    // The author's own code; events are worth having without what it would have added.
    logger.debug("the properties of every event could not be worked out", { error: String(error) });
    return undefined;
  }
}

function outcomeFields(outcome: ExtendedOutcome, logger: Logger): Partial<TelemetryEvent> {
  const [durationMs, exitCode, signal] = [read(outcome, "durationMs"), read(outcome, "exitCode"), read(outcome, "signal")];
  const isDuration = typeof durationMs === "number" && Number.isFinite(durationMs);
  const isExitCode = typeof exitCode === "number" && Number.isInteger(exitCode);
  if (!isDuration && durationMs !== undefined) logger.debug("telemetry outcome: durationMs is left out; it is no number of milliseconds");
  if (!isExitCode && exitCode !== undefined) logger.debug("telemetry outcome: exitCode is left out; it is no whole number");
  return {
    ...(isDuration ? { durationMs: Math.max(0, Math.round(durationMs)) } : undefined),
    ...(isExitCode ? { exitCode } : undefined),
    ...(typeof signal === "string" ? { signal: shortened(signal, MAX_NAME_LENGTH) } : undefined),
  };
}

function extendedFields({ args, outcome }: Draft, redactor: Redactor): Partial<TelemetryEvent> {
  const error = outcome && read(outcome, "error");
  return {
    ...(Array.isArray(args) && args.length > 0 ? { args: recordable(args, redactor) } : undefined),
    ...(typeof error === "string" && error !== "" ? { error: boundedText(error, MAX_ERROR_LENGTH, redactor.text) } : undefined),
  };
}

function recordable(args: readonly unknown[], redactor: Redactor): string[] {
  return redactor.args(args.slice(0, MAX_ARGS).map((arg) => readable(asText(arg)))).map((arg) => shortened(arg, MAX_ERROR_LENGTH));
}

/** An author's value may be anything; what cannot become text costs itself and not the event. */
function asText(value: unknown): string {
  try {
    return String(value);
  } catch {
    // An object without a prototype, or one whose toString throws.
    return "[unreadable]";
  }
}

/** A field of an author's object; undefined when reading it throws. */
function read(object: ExtendedOutcome, field: keyof ExtendedOutcome): unknown {
  try {
    return object[field];
  } catch {
    // A getter of the author's; the rest of the event is worth keeping.
    return undefined;
  }
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}
