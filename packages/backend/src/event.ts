/**
 * The event: one immutable record of something a command did. It is stamped when it is tracked and
 * never changes afterwards; backends read it and translate it, nothing else.
 */

/** A value that survives JSON unchanged. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Properties the author attaches to an event, after redaction and normalisation. */
export type Metadata = { readonly [key: string]: JsonValue };

/**
 * What kind of thing happened. The named kinds are those of GTB's telemetry package; an author may
 * use any other text.
 */
export type EventType =
  | "command.invocation"
  | "command.error"
  | "feature.used"
  | "update.check"
  | "update.applied"
  | "data.deletion_request"
  | (string & {});

/** One event as every backend receives it. */
export interface TelemetryEvent {
  /** UUIDv7, made when the event was tracked; the same on every attempt to deliver it. */
  readonly id: string;
  /** When it was tracked: RFC 3339 in UTC with milliseconds. */
  readonly timestamp: string;
  readonly type: EventType;
  /** For commands, the full command path without arguments: `notes list`. */
  readonly name: string;
  /** The pseudonymous id of this installation. */
  readonly machineId: string;
  readonly toolName: string;
  readonly toolVersion: string;
  /** Operating system by its Go name (`linux`, `darwin`, `windows`), as GTB's dashboards expect. */
  readonly os: string;
  /** Architecture by its Go name (`amd64`, `arm64`, `386`). */
  readonly arch: string;
  readonly osVersion: string;
  /** Version of Node.js without the leading `v`. */
  readonly nodeVersion: string;
  /** Whole milliseconds; commands only. */
  readonly durationMs?: number;
  /** The exit status the shell saw; commands only. */
  readonly exitCode?: number;
  /** The signal that ended the command, such as `SIGINT`. */
  readonly signal?: string;
  /** Redacted arguments; only when the author collects them. */
  readonly args?: readonly string[];
  /** Redacted error message; only when the author collects it. */
  readonly error?: string;
  readonly metadata?: Metadata;
  /** Events this installation lost since it last reported losses; set on the first event of a batch. */
  readonly droppedEvents?: number;
}

/**
 * The JSON form of an event that GTB's HTTP, file and stdout backends write, key order included, so
 * that receivers built for GTB read candor's events unchanged. Zero and empty optional values are
 * left out as GTB leaves them out. Differences: `id`, `signal` and `dropped_events` are added, and
 * `node_version` stands where Go tools write `go_version`.
 */
export function eventToJson(event: TelemetryEvent): Record<string, JsonValue> {
  const json: Record<string, JsonValue> = {
    timestamp: event.timestamp,
    type: event.type,
    name: event.name,
    machine_id: event.machineId,
    tool_name: event.toolName,
    version: event.toolVersion,
    os: event.os,
    arch: event.arch,
    node_version: event.nodeVersion,
    os_version: event.osVersion,
  };
  if (event.durationMs) json["duration_ms"] = event.durationMs;
  if (event.exitCode) json["exit_code"] = event.exitCode;
  if (event.signal) json["signal"] = event.signal;
  if (event.args && event.args.length > 0) json["args"] = event.args;
  if (event.error) json["error"] = event.error;
  if (event.metadata && Object.keys(event.metadata).length > 0) json["metadata"] = event.metadata;
  if (event.droppedEvents) json["dropped_events"] = event.droppedEvents;
  json["id"] = event.id;
  return json;
}
