/**
 * OpenTelemetry's JSON serializer with one fault mended: it writes every whole number as `intValue`,
 * also those that are not an exact 64-bit integer, and a collector answers `"intValue":1e+300` with 400
 * for the whole batch. Whole numbers beyond ±2^53 are written as `doubleValue`; all else stays as it is.
 */
import { JsonLogsSerializer } from "@opentelemetry/otlp-transformer";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";

/**
 * A number under `intValue`. It cannot be found inside somebody's text, because JSON writes quotes there
 * with a backslash before them, and the names of attributes are values in OTLP, never names.
 */
const intValues = /"intValue":(-?\d[\d.e+]*)/gu;

/** Writes records as an OTLP/JSON request, and reads its response. */
export const exactLogsSerializer: typeof JsonLogsSerializer = {
  serializeRequest(records) {
    const bytes = JsonLogsSerializer.serializeRequest(records);
    // Hardly any event holds one, and looking for them in the text costs more than writing it.
    if (bytes === undefined || !holdHugeIntegers(records)) return bytes;
    const text = new TextDecoder().decode(bytes);
    return new TextEncoder().encode(
      text.replaceAll(intValues, (written, digits: string) => (Number.isSafeInteger(Number(digits)) ? written : `"doubleValue":${digits}`)),
    );
  },
  deserializeResponse: (bytes) => JsonLogsSerializer.deserializeResponse(bytes),
};

function holdHugeIntegers(records: readonly ReadableLogRecord[]): boolean {
  let last: ReadableLogRecord["resource"] | undefined;
  return records.some(({ attributes, resource }) => {
    // Records that follow each other share it as a rule.
    const isKnown = resource === last;
    last = resource;
    return holdsHugeInteger(attributes) || (!isKnown && holdsHugeInteger(resource.attributes));
  });
}

function holdsHugeInteger(value: unknown): boolean {
  if (typeof value === "number") return Number.isInteger(value) && !Number.isSafeInteger(value);
  if (typeof value !== "object" || value === null) return false;
  for (const name of Object.keys(value)) if (holdsHugeInteger((value as Readonly<Record<string, unknown>>)[name])) return true;
  return false;
}
