/**
 * Events as OpenTelemetry log records, in GTB's form (GTB-56). Pure: the clock is an argument. Loads
 * OpenTelemetry, so only the first send imports it.
 *
 * Differences from GTB, which its dashboards can live with: the scope is `candor` instead of
 * `gtb-telemetry`; `process.runtime.version` stands where Go tools write `go.version`; duration and exit
 * code are there when the event has them, zero included, and not on events that are no commands; and
 * metadata cannot overwrite any of these.
 */
import type { TelemetryEvent } from "@candor/backend";
import { type Resource, resourceFromAttributes } from "@opentelemetry/resources";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { type AttributeValue, metadataAttributes, toAttributeValue, wellFormed } from "./attributes.ts";
import type { ResourceAttributes } from "./options.ts";

export interface EncodeOptions {
  /** When the events are sent, in milliseconds since 1970. */
  readonly observedAtMs: number;
  readonly resourceAttributes: ResourceAttributes;
}

/** INFO in OpenTelemetry's log data model. */
// oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- the enum's package is another one in each line of OpenTelemetry
const INFO_NUMBER = 9 as NonNullable<ReadableLogRecord["severityNumber"]>;

/** OTLP writes times as unsigned nanoseconds in 64 bits. */
const MAX_TIME_MS = Number(2n ** 64n / 1_000_000n) - 1;

/** Every attribute that is candor's to set, on any event: metadata may use none of them. */
const RESERVED_ATTRIBUTES = [
  "event.name",
  "event.type",
  "tool.name",
  "tool.version",
  "host.arch",
  "os.type",
  "os.version",
  "process.runtime.version",
  "machine.id",
  "command.duration_ms",
  "command.exit_code",
  "command.signal",
  "command.args",
  "command.error",
  "telemetry.dropped_events",
  "log.record.uid",
] as const;

type ReservedAttribute = (typeof RESERVED_ATTRIBUTES)[number];

const reservedAttributes: ReadonlySet<string> = new Set(RESERVED_ATTRIBUTES);

/**
 * One record an event, in the same order. Records of one tool, version and machine share one resource
 * object and all share one scope object, because the serializer groups by identity.
 */
export function encodeEvents(events: readonly TelemetryEvent[], { observedAtMs, resourceAttributes }: EncodeOptions): ReadableLogRecord[] {
  const instrumentationScope = { name: "candor" };
  const resourceFor = resourcesWith(resourceAttributes);
  const hrTimeObserved = toHrTime(observedAtMs);
  return events.map((event): ReadableLogRecord => {
    const metadata = metadataAttributes(event.metadata ?? {}, reservedAttributes);
    return {
      hrTime: toHrTime(Date.parse(event.timestamp)),
      hrTimeObserved,
      severityNumber: INFO_NUMBER,
      severityText: "INFO",
      body: wellFormed(event.name),
      eventName: wellFormed(event.type),
      resource: resourceFor(event),
      instrumentationScope,
      attributes: allAttributes(event, metadata.attributes),
      droppedAttributesCount: metadata.dropped,
    };
  });
}

/** The fields of an event that its resource tells. */
const RESOURCE_FIELDS = ["toolName", "toolVersion", "os", "osVersion", "arch", "nodeVersion"] as const;

/** Answers one resource for all events of one tool, version and machine. */
function resourcesWith(resourceAttributes: ResourceAttributes): (event: TelemetryEvent) => Resource {
  const resources = new Map<string, Resource>();
  let last: { readonly event: TelemetryEvent; readonly resource: Resource } | undefined;
  return (event) => {
    // Neighbours in the spool come from one command as a rule.
    const before = last;
    if (before && RESOURCE_FIELDS.every((field) => before.event[field] === event[field])) return before.resource;
    const source = resourceOf(event);
    const key = JSON.stringify(source);
    const resource = resources.get(key) ?? resourceFromAttributes({ ...source, ...resourceAttributes });
    resources.set(key, resource);
    last = { event, resource };
    return resource;
  };
}

function resourceOf(event: TelemetryEvent): Record<string, string> {
  return {
    "service.name": wellFormed(event.toolName),
    "service.version": wellFormed(event.toolVersion),
    "os.type": wellFormed(event.os),
    "os.version": wellFormed(event.osVersion),
    "host.arch": wellFormed(event.arch),
    "process.runtime.name": "nodejs",
    "process.runtime.version": wellFormed(event.nodeVersion),
  };
}

/** candor's own attributes, in the order in which they are listed, and the author's behind them. */
function allAttributes(event: TelemetryEvent, metadata: ReadonlyMap<string, AttributeValue>): Record<string, AttributeValue> {
  const values: Record<ReservedAttribute, unknown> = {
    "event.name": event.name,
    "event.type": event.type,
    "tool.name": event.toolName,
    "tool.version": event.toolVersion,
    "host.arch": event.arch,
    "os.type": event.os,
    "os.version": event.osVersion,
    "process.runtime.version": event.nodeVersion,
    "machine.id": event.machineId,
    "command.duration_ms": wholeNumber(event.durationMs),
    "command.exit_code": wholeNumber(event.exitCode),
    "command.signal": event.signal || undefined,
    "command.args": event.args?.join(" ") || undefined,
    "command.error": event.error || undefined,
    "telemetry.dropped_events": wholeNumber(event.droppedEvents) || undefined,
    "log.record.uid": event.id,
  };
  const attributes: Record<string, AttributeValue> = {};
  for (const name of RESERVED_ATTRIBUTES) {
    const attribute = toAttributeValue(values[name]);
    if (attribute !== undefined) attributes[name] = attribute;
  }
  for (const [name, value] of metadata) {
    // An assignment would make a property called __proto__ something else.
    if (name === "__proto__") Object.defineProperty(attributes, name, { value, enumerable: true });
    else attributes[name] = value;
  }
  return attributes;
}

/** A collector takes an attribute's type from the first record it sees, so it must not change. */
function wholeNumber(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? Math.trunc(value) : undefined;
}

/** Seconds and nanoseconds; zero, which means unknown, for a time that OTLP cannot write. */
function toHrTime(timeMs: number): [number, number] {
  if (!(timeMs >= 0 && timeMs <= MAX_TIME_MS)) return [0, 0];
  const wholeMs = Math.trunc(timeMs);
  return [Math.trunc(wholeMs / 1000), (wholeMs % 1000) * 1_000_000];
}
