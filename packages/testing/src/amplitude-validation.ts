/**
 * What Amplitude demands of a single event: the fields it needs, their types, the length of ids, and what it keeps of a text. Pure. It
 * knows nothing of requests, rates and what came before.
 */
import type { JsonValue } from "@candor/backend";

export type JsonObject = { readonly [key: string]: JsonValue };

/** Why an event is refused, in the words of the answer's lists. */
export interface EventFault {
  readonly list: "events_with_invalid_fields" | "events_with_missing_fields" | "events_with_invalid_id_lengths";
  readonly field: string;
}

/** Characters that Amplitude keeps of any text; the rest is gone without a word. From its documentation of the HTTP V2 API. */
const MAX_TEXT_LENGTH = 1_024;

const typeOf: Readonly<Record<string, "string" | "number" | "object">> = {
  event_type: "string",
  user_id: "string",
  device_id: "string",
  insert_id: "string",
  app_version: "string",
  platform: "string",
  os_name: "string",
  os_version: "string",
  language: "string",
  ip: "string",
  library: "string",
  time: "number",
  session_id: "number",
  event_id: "number",
  event_properties: "object",
  user_properties: "object",
};

/**
 * Everything that is wrong with an event. An id that is too short is no fault as long as the other one is there: Amplitude then takes
 * the event without it.
 */
export function faultsOf(event: JsonObject, minIdLength: number): readonly EventFault[] {
  const faults: EventFault[] = [];
  for (const [field, value] of Object.entries(event)) {
    // A field that is null counts as one that is not there.
    if (value !== null && Object.hasOwn(typeOf, field) && typeName(value) !== typeOf[field]) faults.push({ list: "events_with_invalid_fields", field });
  }
  if ((event["event_type"] ?? "") === "") faults.push({ list: "events_with_missing_fields", field: "event_type" });

  const ids = ["user_id", "device_id"].flatMap((field) => {
    const id = event[field];
    return typeof id === "string" ? [{ field, isTooShort: id.length < minIdLength }] : [];
  });
  if (ids.length === 0) faults.push({ list: "events_with_missing_fields", field: "device_id" });
  if (ids.every(({ isTooShort }) => isTooShort)) for (const { field } of ids) faults.push({ list: "events_with_invalid_id_lengths", field });
  return faults;
}

/** The event as Amplitude keeps it. */
export function asKept(event: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(event).map(([name, value]) => [name, cut(value)]));
}

function cut(value: JsonValue): JsonValue {
  if (typeof value === "string") return value.slice(0, MAX_TEXT_LENGTH);
  if (Array.isArray(value)) return value.map(cut);
  return value !== null && typeof value === "object" ? asKept(value as JsonObject) : value;
}

function typeName(value: JsonValue): string {
  return Array.isArray(value) ? "list" : typeof value;
}
