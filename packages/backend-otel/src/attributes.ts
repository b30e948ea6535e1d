/**
 * Values and metadata in the shape in which OpenTelemetry's serializer writes them correctly. Pure. It
 * knows no attribute by name.
 *
 * The rule, value by value:
 * - Text and keys: lone halves of surrogate pairs become U+FFFD, which some JSON readers insist on.
 * - Numbers stay numbers (see `serializer.ts` for how they are written); NaN and infinities, which
 *   JSON has no words for, become their names; a bigint becomes its decimal digits.
 * - null, undefined and whatever JSON cannot hold would be an empty value: they are left out, and
 *   inside an array they become the text `null`, so that places stay.
 * - Arrays and objects keep their shape. What lies deeper than 8 becomes `[Truncated]`; after 1,000
 *   values of one event the rest is left out.
 * - An attribute needs a key and may stand once: of two keys that become equal the first stays, and an
 *   empty key inside an object becomes `_`.
 */

/** A value that is never empty, and valid in OTLP. */
export type AttributeValue = string | number | boolean | AttributeValue[] | { [key: string]: AttributeValue };

/** Metadata as attributes. */
export interface MetadataAttributes {
  readonly attributes: ReadonlyMap<string, AttributeValue>;
  /** Pairs that a bound or an equal key has cost; null is not counted, it says nothing. */
  readonly dropped: number;
}

const MAX_DEPTH = 8;
/** As in candor's own normalisation; a batch that another program wrote must not be worse. */
const MAX_VALUES = 1_000;
/** The default of OpenTelemetry's SDKs, `OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT`. */
const MAX_ATTRIBUTES = 128;

/** The work on one value. */
interface Run {
  valuesLeft: number;
}

/** Replaces lone halves of surrogate pairs. */
export function wellFormed(text: string): string {
  return text.isWellFormed() ? text : text.toWellFormed();
}

/** One value by the rule above; undefined for what would be empty. */
export function toAttributeValue(value: unknown): AttributeValue | undefined {
  return convert(value, 0, { valuesLeft: MAX_VALUES });
}

/**
 * Metadata as top-level attributes. A key that is `reserved`, or empty, is moved below `metadata.`:
 * `tool.name` becomes `metadata.tool.name`, and `metadata.metadata.tool.name` where the author uses
 * that name too. So metadata neither overwrites what candor says nor gets lost.
 */
export function metadataAttributes(metadata: Readonly<Record<string, unknown>>, reserved: ReadonlySet<string>): MetadataAttributes {
  const run: Run = { valuesLeft: MAX_VALUES };
  const attributes = new Map<string, AttributeValue>();
  const moved: [string, unknown][] = [];
  let dropped = 0;

  const add = (key: string, input: unknown): void => {
    if (input === null || input === undefined) return;
    const hasRoom = attributes.size < MAX_ATTRIBUTES && run.valuesLeft > 0;
    const value = hasRoom && !attributes.has(key) ? convert(input, 0, run) : undefined;
    if (value === undefined) dropped += 1;
    else attributes.set(key, value);
  };
  for (const [name, value] of Object.entries(metadata)) {
    const key = wellFormed(name);
    if (key === "" || reserved.has(key)) moved.push([key, value]);
    else add(key, value);
  }
  for (const [name, value] of moved) {
    let key = `metadata.${name}`;
    while (attributes.has(key)) key = `metadata.${key}`;
    add(key, value);
  }
  return { attributes, dropped };
}

function convert(value: unknown, depth: number, run: Run): AttributeValue | undefined {
  run.valuesLeft -= 1;
  switch (typeof value) {
    case "string":
      return wellFormed(value);
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "bigint":
      return value.toString();
    case "object":
      if (value === null) return undefined;
      if (depth >= MAX_DEPTH) return "[Truncated]";
      return Array.isArray(value) ? convertItems(value, depth, run) : convertProperties(value, depth, run);
    default:
      return undefined;
  }
}

function convertItems(items: readonly unknown[], depth: number, run: Run): AttributeValue[] {
  const converted: AttributeValue[] = [];
  for (const item of items) {
    if (run.valuesLeft <= 0) break;
    converted.push(convert(item, depth + 1, run) ?? "null");
  }
  return converted;
}

function convertProperties(value: object, depth: number, run: Run): AttributeValue {
  const converted = new Map<string, AttributeValue>();
  for (const [name, property] of Object.entries(value)) {
    if (run.valuesLeft <= 0) break;
    const key = name === "" ? "_" : wellFormed(name);
    const attribute = converted.has(key) ? undefined : convert(property, depth + 1, run);
    if (attribute !== undefined) converted.set(key, attribute);
  }
  // Unlike an assignment, this keeps a property called __proto__ a property.
  return Object.fromEntries(converted);
}
