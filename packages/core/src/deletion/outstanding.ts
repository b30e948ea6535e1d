/**
 * The outstanding part of a deletion request: one addressee (a requestor, or a backend of the event requestor), the ids it has not
 * confirmed, and when it may be asked again. It holds no credential and no option: how to ask comes from the tool as it is then.
 */
import { MAX_BACKOFF_MS } from "../destination/destination-journal.ts";

/** Who is able to ask: the background process, only the tool's own, or the person. */
export type AskedBy = "uploader" | "tool" | "person";

export interface Outstanding {
  /** Names the addressee; the same in every run of the tool. */
  readonly key: string;
  /** For people: `http (https://telemetry.example.com/delete)`. */
  readonly description: string;
  readonly askedBy: AskedBy;
  /** What it has not confirmed. */
  readonly machineIds: readonly string[];
  /** Attempts in a row that came to nothing. */
  readonly failures: number;
  /** Milliseconds since the epoch; 0 when it may be asked at once. */
  readonly nextAttemptAt: number;
  readonly lastError?: { readonly at: string; readonly reason: string };
  /** It has answered something that asking again will not change, in an attempt nobody watched. */
  readonly verdict?: { readonly status: "user-action" | "impossible"; readonly text: string };
}

/** Whether it is this one's turn to ask, now. A time beyond the longest back-off comes from a clock that has jumped. */
export function isDue({ askedBy, verdict, nextAttemptAt }: Outstanding, by: AskedBy, nowMs: number): boolean {
  return askedBy === by && verdict === undefined && (nextAttemptAt <= nowMs || nextAttemptAt > nowMs + MAX_BACKOFF_MS);
}

/** Reads it from a stored request; undefined when it cannot be understood. */
export function parseOutstanding(value: unknown): Outstanding | undefined {
  const { key, description, askedBy, machineIds, failures, nextAttemptAt, lastError, verdict } = asRecord(value);
  if (typeof key !== "string" || !Array.isArray(machineIds) || !machineIds.every((id) => typeof id === "string")) return undefined;
  const { at, reason } = asRecord(lastError);
  const { status, text } = asRecord(verdict);
  const final = status === "user-action" || status === "impossible" ? status : undefined;
  return {
    key,
    description: String(description),
    askedBy: askedBy === "tool" || askedBy === "person" ? askedBy : "uploader",
    machineIds,
    failures: asCount(failures),
    nextAttemptAt: asCount(nextAttemptAt),
    ...(typeof reason === "string" ? { lastError: { at: String(at), reason } } : {}),
    ...(final ? { verdict: { status: final, text: String(text) } } : {}),
  };
}

function asCount(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : 0;
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
