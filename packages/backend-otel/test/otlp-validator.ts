/**
 * A small judge of OTLP/JSON log requests, written from opentelemetry-proto's `logs.proto` and the rules
 * of its JSON form, and strict where collectors are: no empty value, exact integers, times that fit
 * into 64 bits, keys that are neither empty nor repeated. It answers with every fault it finds.
 */

const MAX_UINT64 = 2n ** 64n - 1n;

type Judge = (value: unknown, place: string) => readonly string[];

/** Every fault of a request's body; none for a valid one. */
export function otlpFaults(body: string): readonly string[] {
  let request: unknown;
  try {
    request = JSON.parse(body);
  } catch (error) {
    return [`not JSON: ${String(error)}`];
  }
  return fields(request, "request", { resourceLogs: every(resourceLogs) }, []);
}

const resourceLogs: Judge = (value, place) =>
  fields(value, place, { resource: (resource, at) => fields(resource, at, { attributes, droppedAttributesCount: count }, []), scopeLogs: every(scopeLogs) }, []);

const scopeLogs: Judge = (value, place) =>
  fields(value, place, { scope: (scope, at) => fields(scope, at, { name: text }, ["version"]), logRecords: every(logRecord) }, []);

const logRecord: Judge = (value, place) =>
  fields(
    value,
    place,
    { timeUnixNano: time, observedTimeUnixNano: time, severityNumber: count, severityText: text, body: anyValue, eventName: text, attributes, droppedAttributesCount: count },
    [],
  );

/** Exactly the fields named, save for optional ones. */
function fields(value: unknown, place: string, judges: Readonly<Record<string, Judge>>, optional: readonly string[]): readonly string[] {
  if (!isRecord(value)) return [`${place} is not an object`];
  const missing = Object.keys(judges).filter((name) => !Object.hasOwn(value, name)).map((name) => `${place}.${name} is missing`);
  const faults = Object.entries(value).flatMap(([name, field]) => {
    const judge = judges[name];
    if (judge !== undefined) return judge(field, `${place}.${name}`);
    return optional.includes(name) ? text(field, `${place}.${name}`) : [`${place}.${name} is not a field of OTLP`];
  });
  return [...missing, ...faults];
}

function every(judge: Judge): Judge {
  return (value, place) => {
    if (!Array.isArray(value)) return [`${place} is not a list`];
    return value.flatMap((item, index) => judge(item, `${place}[${index}]`));
  };
}

function attributes(value: unknown, place: string): readonly string[] {
  const faults = every((pair, at) => fields(pair, at, { key: text, value: anyValue }, []))(value, place);
  const keys = Array.isArray(value) ? value.map((pair: unknown) => (isRecord(pair) ? String(pair["key"]) : "")) : [];
  const repeated = keys.filter((key, index) => keys.indexOf(key) !== index).map((key) => `${place} holds ${JSON.stringify(key)} twice`);
  return [...faults, ...repeated, ...(keys.includes("") ? [`${place} holds an empty key`] : [])];
}

const kinds: Readonly<Record<string, Judge>> = {
  stringValue: text,
  boolValue: (value, place) => (typeof value === "boolean" ? [] : [`${place} is not true or false`]),
  intValue: (value, place) => (Number.isSafeInteger(value) ? [] : [`${place} is not an exact integer: ${String(value)}`]),
  doubleValue: (value, place) => (Number.isFinite(value) ? [] : [`${place} is not a finite number`]),
  arrayValue: (value, place) => fields(value, place, { values: every(anyValue) }, []),
  kvlistValue: (value, place) => fields(value, place, { values: attributes }, []),
};

function anyValue(value: unknown, place: string): readonly string[] {
  if (!isRecord(value)) return [`${place} is not an object`];
  const names = Object.keys(value);
  if (names.length !== 1) return [`${place} has ${names.length} kinds of value instead of one`];
  return fields(value, place, Object.fromEntries(Object.entries(kinds).filter(([kind]) => kind === names[0])), []);
}

function text(value: unknown, place: string): readonly string[] {
  if (typeof value !== "string") return [`${place} is not text`];
  return /\p{Surrogate}/u.test(value) ? [`${place} holds half a surrogate pair`] : [];
}

function count(value: unknown, place: string): readonly string[] {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 32 ? [] : [`${place} is not an unsigned integer of 32 bits`];
}

function time(value: unknown, place: string): readonly string[] {
  return typeof value === "string" && /^\d{1,20}$/.test(value) && BigInt(value) <= MAX_UINT64 ? [] : [`${place} is not an unsigned integer of 64 bits as text`];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
