/**
 * The destination journal: what delivery remembers about each destination between processes: counts, the last
 * success, the last error, when to try again. Only the holder of the uploader's lock writes it.
 */
import type { Directories } from "../platform/paths.ts";
import { parseObject, readPrivateFile, writePrivateFile } from "../platform/private-file.ts";
import type { Ports } from "../platform/ports.ts";

export interface DestinationRecord {
  /** For people: `http (https://telemetry.example.com/events)`. */
  readonly description: string;
  /** Digest of the settings it was last tried with. */
  readonly settings?: string;
  /** Events the destination confirmed. */
  readonly accepted: number;
  /** Events it refused for good. */
  readonly rejected: number;
  /** Events it refused since it last confirmed one. */
  readonly rejectedInARow: number;
  /** Losses already told to it as `dropped_events`. */
  readonly reportedLosses: number;
  /** Events it settled whose receipts the disk did not take. */
  readonly receiptsLost: number;
  /** Runs in a row that ended without success, counted anew where a refusal follows a failure or the other way round. */
  readonly failures: number;
  /** Milliseconds since the epoch; 0 when it may be tried at once. */
  readonly nextAttemptAt: number;
  readonly lastSuccessAt?: string;
  readonly lastError?: { readonly at: string; readonly status: "retry" | "blocked" | "rejected"; readonly reason: string };
}

export type DestinationJournal = Record<string, DestinationRecord>;

/** Longest believable back-off; a next attempt beyond it comes from a clock that has jumped. */
export const MAX_BACKOFF_MS = 24 * 60 * 60_000;

/** A destination nobody has tried yet. */
export function newDestination(description: string): DestinationRecord {
  return { description, accepted: 0, rejected: 0, rejectedInARow: 0, reportedLosses: 0, receiptsLost: 0, failures: 0, nextAttemptAt: 0 };
}

/** Reads the journal; what cannot be read counts as never written. */
export function readJournal(directories: Directories, ports: Ports): DestinationJournal {
  const content = readPrivateFile(directories.destinationsFile, ports.fileSystem);
  const stored = content.status === "read" ? parseObject(content.text) : undefined;
  const journal: DestinationJournal = {};
  for (const [key, value] of Object.entries(stored ?? {})) {
    if (typeof value === "object" && value !== null) journal[key] = repaired(value);
  }
  return journal;
}

/** Replaces the journal. @throws the system error when the disk refuses. */
export function writeJournal(journal: DestinationJournal, directories: Directories, ports: Ports): void {
  writePrivateFile(directories.destinationsFile, `${JSON.stringify(journal)}\n`, ports.fileSystem);
}

/** Whether the destination may be tried now: it is not backing off, or has been configured anew since. */
export function isReady(record: DestinationRecord | undefined, nowMs: number, settings: string | undefined = record?.settings): boolean {
  if (!record || record.nextAttemptAt <= nowMs || record.settings !== settings) return true;
  return record.nextAttemptAt > nowMs + MAX_BACKOFF_MS;
}

function repaired(value: Partial<DestinationRecord>): DestinationRecord {
  const count = (field: unknown): number => (typeof field === "number" && Number.isFinite(field) && field >= 0 ? field : 0);
  return {
    description: value.description ?? "",
    accepted: count(value.accepted),
    rejected: count(value.rejected),
    rejectedInARow: count(value.rejectedInARow),
    reportedLosses: count(value.reportedLosses),
    receiptsLost: count(value.receiptsLost),
    failures: count(value.failures),
    nextAttemptAt: count(value.nextAttemptAt),
    ...(typeof value.settings === "string" ? { settings: value.settings } : {}),
    ...(typeof value.lastSuccessAt === "string" ? { lastSuccessAt: value.lastSuccessAt } : {}),
    ...(value.lastError ? { lastError: value.lastError } : {}),
  };
}
