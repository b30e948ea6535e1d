/**
 * What the file exporter wrote, as log records with flat attributes. Reads OTLP/JSON and nothing else. A collector that
 * is killed may leave a line without its end, to which the next one's first line is joined: both are told apart here, and
 * a torn request counts as not written, because it was never answered.
 */
import { existsSync, readFileSync } from "node:fs";

export type PlainValue = string | number | boolean | null | readonly PlainValue[] | { readonly [key: string]: PlainValue };

/** One log record. */
export interface CollectedRecord {
  /** The event's id: `log.record.uid`. */
  readonly uid: string;
  /** Milliseconds since 1970, from `timeUnixNano`. */
  readonly timeMs: number;
  readonly body: PlainValue;
  readonly eventName: string | undefined;
  readonly attributes: Readonly<Record<string, PlainValue>>;
  readonly resource: Readonly<Record<string, PlainValue>>;
}

interface WireValue {
  readonly stringValue?: string;
  readonly intValue?: string | number;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
  readonly arrayValue?: { readonly values?: readonly WireValue[] };
  readonly kvlistValue?: { readonly values?: readonly WirePair[] };
}

interface WirePair {
  readonly key: string;
  readonly value: WireValue;
}

interface WireRequest {
  readonly resourceLogs?: readonly {
    readonly resource?: { readonly attributes?: readonly WirePair[] };
    readonly scopeLogs?: readonly {
      readonly logRecords?: readonly {
        readonly timeUnixNano?: string;
        readonly body?: WireValue;
        readonly eventName?: string;
        readonly attributes?: readonly WirePair[];
      }[];
    }[];
  }[];
}

/** How every request begins. Inside text the quotes would have a backslash before them. */
const BEGINNING = '{"resourceLogs"';

/** The records of the file in the order they were written, from byte `fromByte` on; none when there is no file. */
export function readRecords(path: string, fromByte = 0): readonly CollectedRecord[] {
  if (!existsSync(path)) return [];
  const text = readFileSync(path).subarray(fromByte).toString("utf8");
  return text.split("\n").flatMap((line) =>
    line
      .split(BEGINNING)
      .slice(1)
      .flatMap((rest) => recordsIn(BEGINNING + rest)),
  );
}

/** A text value; empty for anything else. */
export function textOf(value: PlainValue | undefined): string {
  return typeof value === "string" ? value : "";
}

function recordsIn(json: string): readonly CollectedRecord[] {
  let request: WireRequest;
  try {
    request = JSON.parse(json);
  } catch {
    // Torn by a kill: the request was not answered, so its sender sends it again.
    return [];
  }
  return (request.resourceLogs ?? []).flatMap(({ resource, scopeLogs }) => {
    const resourceAttributes = flat(resource?.attributes);
    return (scopeLogs ?? []).flatMap(({ logRecords }) =>
      (logRecords ?? []).map((record): CollectedRecord => {
        const attributes = flat(record.attributes);
        return {
          uid: textOf(attributes["log.record.uid"]),
          timeMs: Number(BigInt(record.timeUnixNano ?? "0") / 1_000_000n),
          body: plain(record.body ?? {}),
          eventName: record.eventName,
          attributes,
          resource: resourceAttributes,
        };
      }),
    );
  });
}

function flat(pairs: readonly WirePair[] = []): Readonly<Record<string, PlainValue>> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, plain(value)]));
}

function plain(value: WireValue): PlainValue {
  if (value.stringValue !== undefined) return value.stringValue;
  if (value.intValue !== undefined) return Number(value.intValue);
  if (value.arrayValue) return (value.arrayValue.values ?? []).map(plain);
  if (value.kvlistValue) return flat(value.kvlistValue.values);
  return value.doubleValue ?? value.boolValue ?? null;
}
