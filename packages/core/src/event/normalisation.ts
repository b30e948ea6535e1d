/**
 * Normalisation: turns what an author passed as metadata into JSON values that are bounded and
 * redacted. It is total: whatever getters, `toJSON` or proxies do costs one property, never the
 * event. It does not know which names a catalog allows.
 *
 * The rule, value by value:
 * - null, booleans, finite numbers: kept; -0 becomes 0; NaN and infinities become their names; a
 *   bigint becomes its decimal digits. What `new String` and the like have made is the value in it.
 * - Strings: lone surrogates replaced, redacted, then cut with `…`. Redacting comes first, so that a
 *   cut never leaves half a secret.
 * - undefined, functions, symbols: dropped; inside an array they become null, so that places stay.
 * - Date: ISO 8601 text or `Invalid Date`. Error: its message. Map: an object of its string keys.
 *   Set: an array. ArrayBuffer and its views: dropped.
 * - Other objects: the result of `toJSON` if there is one, else own enumerable string keys without
 *   `__proto__`. Keys are redacted and cut; the first of two keys that become equal stays.
 * - A key that announces a secret keeps `***` only, except a plural that holds a number: `tokens: 512`. A key that vouches
 *   for its value keeps it as it is: `device_id` a long hexadecimal text, `app_version` four numbers.
 * - A list of texts is redacted as arguments are, so that `["--token", "x"]` loses `x`.
 * - Bounds: see `Limits`; a cycle becomes `[Circular]`, what lies too deep `[Truncated]`.
 */
import type { JsonValue, Metadata } from "@candor/backend";
import { boundedText, readable } from "./bounded-text.ts";
import { guarded, hasRoom, Limits, type NormalisationRun as Run, report } from "./normalisation-run.ts";
import { MASK } from "../redaction/masks.ts";
import { sensitivityOf, vouchesFor } from "../redaction/sensitive-name.ts";

export interface NormalisationOptions {
  /** Applied to every string and key, before it is cut. A throw costs the property. */
  readonly redactText: (text: string) => string;
  /** Applied to the strings of a list as a whole; what is none stands as "". Default: each by itself. */
  readonly redactArguments?: (texts: readonly string[]) => string[];
  /** Applied to a string whose key vouches for it. Default: kept as it is. */
  readonly redactVouched?: (text: string) => string;
  /** What became of names before, for one and the same `redactText`; filled by the way. Default: nothing is remembered. */
  readonly names?: Map<string, string>;
  /** Longest string kept, in UTF-16 units, `…` included. Default 1,024. */
  readonly maxStringLength?: number;
}

export interface NormalisedMetadata {
  readonly metadata: Metadata;
  /** What was dropped or cut, each naming its key; for a debug line. At most 20. */
  readonly problems: readonly string[];
}

/** Normalises an author's metadata; anything but an object of properties yields no metadata. Never throws. */
export function normaliseMetadata(input: unknown, options: NormalisationOptions): NormalisedMetadata {
  const { redactText, redactArguments, redactVouched = (text: string) => text, maxStringLength = Limits.stringLength, names } = options;
  const run: Run = { redactText, redactArguments, redactVouched, names, maxStringLength, problems: [], ancestors: new Set(), values: 0 };
  if (input === undefined || input === null) return { metadata: {}, problems: [] };
  try {
    const value = normalise(unboxed(input), "metadata", 0, run);
    if (isProperties(value)) return { metadata: value, problems: run.problems };
    report(run, "metadata is not an object of properties");
  } catch {
    // A revoked proxy throws at the first question; the event goes on without metadata.
    report(run, "metadata could not be read");
  }
  return { metadata: {}, problems: run.problems };
}

const BOXES = [String, Number, Boolean, BigInt] as const;

/** What `new String` and the like have put into an object; any other value as it is. @throws for a proxy that refuses. */
function unboxed(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const box = BOXES.find((type) => value instanceof type);
  return box ? (box.prototype.valueOf as (this: unknown) => unknown).call(value) : value;
}

/** @throws whatever the value's own code throws; the caller drops the property. */
function normalise(value: unknown, key: string, depth: number, run: Run): JsonValue | undefined {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") return normaliseText(value, key, run);
  // Adding 0 turns -0, which JSON would lose silently, into 0.
  if (typeof value === "number") return Number.isFinite(value) ? value + 0 : String(value);
  if (typeof value === "bigint") return normaliseText(value.toString(), key, run);
  return typeof value === "object" ? normaliseObject(value, key, depth, run) : undefined;
}

function normaliseObject(value: object, key: string, depth: number, run: Run): JsonValue | undefined {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof Error) {
    const message: unknown = value.message;
    return typeof message === "string" ? normaliseText(message, key, run) : "";
  }
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    report(run, `${key} holds bytes`);
    return undefined;
  }
  if (run.ancestors.has(value)) return "[Circular]";
  if (depth > Limits.depth) return "[Truncated]";
  run.ancestors.add(value);
  try {
    const toJson = "toJSON" in value ? value.toJSON : undefined;
    const replaced: unknown = typeof toJson === "function" ? unboxed(toJson.call(value, key)) : value;
    // As in JSON.stringify, the result of toJSON is not asked again.
    return typeof replaced === "object" && replaced !== null
      ? normaliseContents(replaced, key, depth, run)
      : normalise(replaced, key, depth, run);
  } finally {
    run.ancestors.delete(value);
  }
}

function normaliseContents(value: object, key: string, depth: number, run: Run): JsonValue {
  if (value instanceof Set) return normaliseItems([...firstOf(value, Limits.items + 1)], key, depth, run);
  if (Array.isArray(value)) return normaliseItems(value, key, depth, run);
  if (value instanceof Map) {
    const names = [...firstOf(value.keys(), Limits.keys + 1)].filter((name) => typeof name === "string");
    return normaliseProperties(names, (name) => value.get(name), key, depth, run);
  }
  return normaliseProperties(Object.keys(value), (name) => Reflect.get(value, name), key, depth, run);
}

function normaliseItems(all: readonly unknown[], key: string, depth: number, run: Run): JsonValue {
  const count = Math.min(all.length, Limits.items);
  if (all.length > count) report(run, `${key} has more than ${Limits.items} items`);
  const items = withoutAnnounced(all, count, key, run);
  const result: JsonValue[] = [];
  for (let index = 0; index < count && hasRoom(key, run); index += 1) {
    const place = `${key}[${index}]`;
    result.push(guarded(place, run, () => normalise(unboxed(items[index]), place, depth + 1, run)) ?? null);
  }
  return result;
}

/** What one text of a list says of the next is lost when each is redacted by itself. */
function withoutAnnounced(items: readonly unknown[], count: number, key: string, run: Run): readonly unknown[] {
  const { redactArguments } = run;
  if (!redactArguments) return items;
  return guarded(key, run, () => {
    // One that refuses to be looked at must not keep the others from being redacted together.
    const known = items.slice(0, count).map((item, index) => guarded(`${key}[${index}]`, run, () => unboxed(item)));
    const redacted = redactArguments(known.map((item) => (typeof item === "string" ? readable(item) : "")));
    return known.map((item, index) => (typeof item === "string" ? redacted[index] : item));
  }) ?? items;
}

function normaliseProperties(names: readonly string[], read: (name: string) => unknown, key: string, depth: number, run: Run): Metadata {
  const result: Record<string, JsonValue> = {};
  const known = names.filter((name) => name !== "__proto__");
  if (known.length > Limits.keys) report(run, `${key} has more than ${Limits.keys} keys`);
  for (const name of known.slice(0, Limits.keys)) {
    if (!hasRoom(key, run)) break;
    guarded("a key", run, () => {
      const kept = keptName(name, run);
      const value = guarded(kept, run, () => normaliseProperty(name, kept, unboxed(read(name)), depth, run));
      if (value === undefined || kept === "__proto__") return undefined;
      if (Object.hasOwn(result, kept)) report(run, `${kept} stands twice`);
      else result[kept] = value;
      return undefined;
    });
  }
  return result;
}

/** A tool's properties have the same few names in every event, so what becomes of a name is worked out once. */
function keptName(name: string, { redactText, names }: Run): string {
  const known = names?.get(name);
  if (known !== undefined) return known;
  const kept = boundedText(name, Limits.keyLength, redactText);
  if (names && names.size < Limits.rememberedNames && name.length <= Limits.keyLength) names.set(name, kept);
  return kept;
}

function normaliseProperty(name: string, kept: string, value: unknown, depth: number, run: Run): JsonValue | undefined {
  if (value === undefined || typeof value === "function" || typeof value === "symbol") {
    report(run, `${kept} is ${typeof value}`);
    return undefined;
  }
  const sensitivity = sensitivityOf(name);
  if (sensitivity === "singular" || (sensitivity === "plural" && typeof value !== "number")) return MASK;
  if (typeof value === "string" && vouchesFor(name, value)) return run.redactVouched(value);
  return normalise(value, kept, depth + 1, run);
}

function normaliseText(text: string, key: string, run: Run): string {
  if (text.length > run.maxStringLength) report(run, `${key} is longer than ${run.maxStringLength} characters`);
  return boundedText(text, run.maxStringLength, run.redactText);
}

function* firstOf<Item>(items: Iterable<Item>, count: number): Generator<Item> {
  let left = count;
  for (const item of items) {
    if (left === 0) return;
    left -= 1;
    yield item;
  }
}

function isProperties(value: JsonValue | undefined): value is Metadata {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
