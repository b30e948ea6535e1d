/**
 * Events as messages for PostHog's SDK, in GTB's form (GTB-60). Pure, and the only room that knows PostHog's names. It
 * refuses what PostHog would confirm and then drop, or would answer by refusing the whole batch.
 *
 * Differences from GTB: all that candor knows of a command travels, not five properties of it; each event has its
 * `uuid`, so that a repetition is dropped; no event makes a person profile or tells an address, unless the author wants
 * that; metadata cannot overwrite anything.
 */
import type { JsonValue, Rejection, TelemetryEvent } from "@candor/backend";
import type { EventMessage } from "posthog-node";
import type { PostHogSettings } from "./options.ts";

export interface EncodedEvents {
  /** One message an event, in the same order, without the refused ones. */
  readonly messages: readonly EventMessage[];
  /** Events that PostHog would drop or choke on. */
  readonly refused: readonly Rejection[];
}

/**
 * PostHog discards an event of more than 1 MB after it has confirmed it ("Ingestion warnings"), and measures it with
 * what it adds of its own; so the limit here is lower, in bytes of the message as JSON.
 */
export const MAX_EVENT_BYTES = 900_000;

/** PostHog takes the sender's address where `$ip` is absent or null; this one belongs to nobody. */
const NO_ADDRESS = "0.0.0.0";

/** What PostHog takes for a `uuid`; events with another are dropped, and the SDK would put a random one in its place. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/iu;

/** Properties that are candor's to set, on any event. */
const OWN_PROPERTIES = [
  "event_name",
  "tool_name",
  "tool_version",
  "$os",
  "arch",
  "os_version",
  "node_version",
  "duration_ms",
  "exit_code",
  "signal",
  "args",
  "error",
  "dropped_events",
] as const;

type OwnProperty = (typeof OWN_PROPERTIES)[number];

/** Names that metadata may not use: candor's, and those from which PostHog would read something else. */
const reservedNames: ReadonlySet<string> = new Set([...OWN_PROPERTIES, "", "token", "api_key", "distinct_id", "__proto__"]);

type Privacy = Pick<PostHogSettings, "personProfiles" | "geoip">;

/** Translates the events; see the reasons in `refused` for those it does not. Never throws. */
export function encodeEvents(events: readonly TelemetryEvent[], privacy: Privacy): EncodedEvents {
  const messages: EventMessage[] = [];
  const refused: Rejection[] = [];
  for (const event of events) {
    const encoded = encodeEvent(event, privacy);
    if (typeof encoded === "string") refused.push({ id: event.id, reason: encoded });
    else messages.push(encoded);
  }
  return { messages, refused };
}

/** The message, or why there can be none. */
function encodeEvent(event: TelemetryEvent, privacy: Privacy): EventMessage | string {
  try {
    const timestamp = new Date(event.timestamp);
    if (!UUID.test(event.id)) return "its id is not a UUID, and PostHog drops such events";
    if (event.type.trim() === "") return "it has no type, which is its name in PostHog";
    if (event.machineId.trim() === "") return "it has no machine id, which is its distinct_id in PostHog";
    if (!isReadable(timestamp)) return "its timestamp is not a time that PostHog can read";
    const message = {
      uuid: event.id,
      // A name that begins with `$` means something to PostHog: `$identify` merges persons.
      event: event.type.startsWith("$") ? `event.${event.type}` : event.type,
      distinctId: event.machineId,
      timestamp,
      properties: { ...privacyProperties(privacy), ...ownProperties(event), ...metadataProperties(event.metadata ?? {}) },
    };
    if (Buffer.byteLength(JSON.stringify(message)) > MAX_EVENT_BYTES) return `it is larger than ${MAX_EVENT_BYTES} bytes, and PostHog drops such events`;
    return message;
  } catch {
    // What its type forbids: a bigint, a cycle, a getter that throws.
    return "it cannot be written as JSON";
  }
}

/** PostHog puts the time of arrival in place of one that it cannot read, such as a year of more than four digits. */
function isReadable(time: Date): boolean {
  return !Number.isNaN(time.getTime()) && /^\d/u.test(time.toISOString());
}

function privacyProperties({ personProfiles, geoip }: Privacy): Record<string, JsonValue> {
  return {
    ...(!personProfiles && { $process_person_profile: false }),
    // With `geoip` the SDK leaves `$geoip_disable` out, and PostHog needs the address itself.
    ...(!geoip && { $ip: NO_ADDRESS }),
  };
}

function ownProperties(event: TelemetryEvent): Record<string, JsonValue> {
  const values: Record<OwnProperty, JsonValue | undefined> = {
    event_name: event.name,
    tool_name: event.toolName,
    tool_version: event.toolVersion,
    $os: event.os,
    arch: event.arch,
    os_version: event.osVersion,
    node_version: event.nodeVersion,
    duration_ms: finite(event.durationMs),
    exit_code: finite(event.exitCode),
    signal: event.signal || undefined,
    args: event.args?.length ? event.args : undefined,
    error: event.error || undefined,
    dropped_events: finite(event.droppedEvents) || undefined,
  };
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined));
}

/** NaN and infinities would become null in JSON, which is no number either. */
function finite(value: number | undefined): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

/**
 * Metadata under its own names. A reserved name is moved below `metadata.`, and further where that is taken too, so
 * that metadata neither overwrites anything nor gets lost.
 */
function metadataProperties(metadata: Readonly<Record<string, JsonValue>>): Record<string, JsonValue> {
  const properties = new Map<string, JsonValue>();
  const moved: [string, JsonValue][] = [];
  for (const [name, value] of Object.entries(metadata)) {
    if (name.startsWith("$") || reservedNames.has(name)) moved.push([name, value]);
    else properties.set(name, value);
  }
  for (const [name, value] of moved) {
    let key = `metadata.${name}`;
    while (properties.has(key)) key = `metadata.${key}`;
    properties.set(key, value);
  }
  return Object.fromEntries(properties);
}

/**
 * A request's JSON with every lone half of a surrogate pair replaced, at which a strict reader refuses the whole batch.
 * JSON writes such a half as an escape; a backslash that belongs to a text is doubled, so that `\\ud800` is none.
 */
export function wellFormedJson(json: string): string {
  return json.replaceAll(/\\\\|\\ud[89a-f][0-9a-f]{2}/gu, (escape) => (escape === "\\\\" ? escape : "\\ufffd"));
}
