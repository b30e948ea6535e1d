/** What the tests of this package share: the context a backend is built with, and how a request reads. */
import { type BackendContext, type LogFields, silentLogger, type TelemetryEvent } from "@candor/backend";
import type { IntakeRequest, PostHogEvent } from "@candor/testing";

/** A project token in PostHog's form. */
export const TOKEN = "phc_very0secret0in0tests";

export interface WireRequest {
  readonly api_key: string;
  readonly batch: readonly PostHogEvent[];
  readonly sent_at: string;
}

/** A request's body. @throws when it is not JSON. */
export function wireRequest({ body }: Pick<IntakeRequest, "body">): WireRequest {
  const parsed: WireRequest = JSON.parse(body);
  return parsed;
}

/** The uuids of every event that arrived, repetitions included. */
export function idsIn(requests: readonly IntakeRequest[]): readonly string[] {
  return requests.filter(({ complete }) => complete).flatMap((request) => wireRequest(request).batch.map(({ uuid }) => uuid ?? ""));
}

/** What a backend is built with; lines of any level are collected in `lines`. */
export function contextWith(lines: { message: string; fields: LogFields | undefined }[] = []): BackendContext {
  const keep = (message: string, fields?: LogFields): void => void lines.push({ message, fields });
  const logger = { ...silentLogger, debug: keep, info: keep, warn: keep, error: keep };
  return { toolName: "notes", toolVersion: "1.2.3", dataDirectory: "/nonexistent", logger };
}

export const forever = (): { readonly signal: AbortSignal } => ({ signal: new AbortController().signal });

/** Events as another program might have written them into the spool. */
export const foreign = (fields: Readonly<Record<string, unknown>>): Partial<TelemetryEvent> => fields;
