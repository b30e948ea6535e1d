/**
 * A fake collector: the intake that answers `{}`, as a collector does when it took everything, or refuses, and
 * reads what it was sent as OTLP/JSON. Also the context a backend is built with.
 */
import { type BackendContext, type LogFields, silentLogger } from "@candor/backend";
import { type AnswerReply, type Intake, type IntakeRequest, startIntake } from "@candor/testing";
import { otlpFaults } from "./otlp-validator.ts";

/** The parts of an AnyValue that the tests read. */
export interface WireValue {
  readonly stringValue?: string;
  readonly intValue?: number;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
  readonly arrayValue?: { readonly values: readonly WireValue[] };
  readonly kvlistValue?: { readonly values: readonly WirePair[] };
}

export interface WirePair {
  readonly key: string;
  readonly value: WireValue;
}

export interface WireRecord {
  readonly timeUnixNano: string;
  readonly observedTimeUnixNano: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: WireValue;
  readonly eventName: string;
  readonly attributes: readonly WirePair[];
  readonly droppedAttributesCount: number;
}

export interface WireRequest {
  readonly resourceLogs: readonly {
    readonly resource: { readonly attributes: readonly WirePair[] };
    readonly scopeLogs: readonly { readonly scope: { readonly name: string; readonly version?: string }; readonly logRecords: readonly WireRecord[] }[];
  }[];
}

/** What a collector answers to a batch it took whole. */
export const acknowledgement: AnswerReply = { action: "answer", status: 200, headers: { "content-type": "application/json" }, body: "{}" };

/** The default of gRPC gateways and so the lowest limit that is met; OTLP itself advises 20 MiB. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** A collector that is as strict as any: it refuses what OTLP does not allow, and what is too large for some. */
export function startCollector(): Promise<Intake> {
  return startIntake({ reply: answerTo });
}

function answerTo({ method, path, headers, body }: IntakeRequest): AnswerReply {
  if (method !== "POST") return refusal(405);
  if (!/\/v1\/logs(?:\?|$)/.test(path)) return refusal(404);
  if (headers["content-type"] !== "application/json") return refusal(415);
  if (Buffer.byteLength(body) > MAX_BODY_BYTES) return refusal(413);
  return otlpFaults(body).length === 0 ? acknowledgement : refusal(400);
}

/** `google.rpc.Status`, as OTLP prescribes. */
function refusal(status: number): AnswerReply {
  return { action: "answer", status, headers: { "content-type": "application/json" }, body: '{"code":3,"message":"invalid argument"}' };
}

/** A request's body as OTLP/JSON. @throws when it is not JSON. */
export function wireRequest(body: string): WireRequest {
  const parsed: WireRequest = JSON.parse(body);
  return parsed;
}

export function recordsOf({ resourceLogs }: WireRequest): readonly WireRecord[] {
  return resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords));
}

/** Pairs as an object from key to AnyValue. */
export function valuesOf(pairs: readonly WirePair[]): Readonly<Record<string, WireValue>> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
}

/** The ids of every event that the requests carry. */
export function idsIn(requests: readonly IntakeRequest[]): readonly string[] {
  return requests
    .filter(({ complete }) => complete)
    .flatMap(({ body }) => recordsOf(wireRequest(body)))
    .map(({ attributes }) => valuesOf(attributes)["log.record.uid"]?.stringValue ?? "");
}

/** What a backend is built with; debug lines are collected in `lines`. */
export function contextWith(lines: { message: string; fields: LogFields | undefined }[] = []): BackendContext {
  const logger = { ...silentLogger, debug: (message: string, fields?: LogFields) => void lines.push({ message, fields }) };
  return { toolName: "notes", toolVersion: "1.2.3", dataDirectory: "/nonexistent", logger };
}
