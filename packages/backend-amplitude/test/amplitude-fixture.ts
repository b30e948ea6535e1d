/** What the tests of this backend begin with: its context, a fake Amplitude with the backend that sends to it, and what arrived there. */
import { afterEach } from "@jest/globals";
import type { Backend, BackendContext, DeliveryResult, LogFields, Logger, TelemetryEvent } from "@candor/backend";
import { type AmplitudeIntake, type AmplitudeIntakeOptions, type IntakeRequest, sampleEvent, startAmplitudeIntake } from "@candor/testing";
import { amplitudeBackend, type AmplitudeBackendOptions } from "../src/index.ts";

export const apiKey = "0123456789abcdef0123456789abcdef";

/** One event on the wire. */
export type WireEvent = Readonly<Record<string, unknown>> & { readonly insert_id: string; readonly event_properties: Readonly<Record<string, unknown>> };

export interface WireRequest {
  readonly api_key: string;
  readonly events: readonly WireEvent[];
  readonly options: unknown;
  readonly client_upload_time: string;
}

/** What a backend is built with; each line goes to `lines` with its level before it. */
export function contextWith(lines: string[] = []): BackendContext {
  const at =
    (level: keyof Logger) =>
    (message: string, fields?: LogFields): void =>
      void lines.push(`${level}: ${message}${fields ? ` ${JSON.stringify(fields)}` : ""}`);
  return { toolName: "notes", toolVersion: "1.2.3", dataDirectory: "/nonexistent", logger: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") } };
}

/** A request's body. @throws when it is not JSON. */
export function wireRequest({ body }: IntakeRequest): WireRequest {
  const parsed: WireRequest = JSON.parse(body);
  return parsed;
}

/** The ids of every event that the requests carry. */
export function idsIn(requests: readonly IntakeRequest[]): readonly string[] {
  return requests.filter(({ complete }) => complete).flatMap((request) => wireRequest(request).events.map(({ insert_id }) => insert_id));
}

/** An event that is no finished command: no outcome, and no metadata but what is given. */
export function plainEvent(fields: Partial<TelemetryEvent> = {}): TelemetryEvent {
  const { durationMs: _durationMs, exitCode: _exitCode, metadata: _metadata, ...event } = sampleEvent();
  return { ...event, ...fields };
}

export interface Stand {
  readonly intake: AmplitudeIntake;
  readonly backend: Backend;
  /** Lines of the log. */
  readonly lines: readonly string[];
  readonly send: (...events: readonly TelemetryEvent[]) => Promise<DeliveryResult>;
  /** The only event that was accepted. @throws when there is none or another. */
  readonly onlyEvent: () => WireEvent;
}

const open: AmplitudeIntake[] = [];
afterEach(async () => {
  for (const intake of open.splice(0)) await intake.close();
});

/** A fake Amplitude and a backend for it; ended after the test. */
export async function standWith(options: Partial<AmplitudeBackendOptions> = {}, intakeOptions: AmplitudeIntakeOptions = {}): Promise<Stand> {
  const intake = await startAmplitudeIntake({ apiKey, ...intakeOptions });
  open.push(intake);
  const lines: string[] = [];
  const path = options.batch ? "/batch" : "/2/httpapi";
  const backend = amplitudeBackend({ apiKey, endpoint: `${intake.url}${path}`, ...options }, contextWith(lines));
  return {
    intake,
    backend,
    lines,
    send: (...events) => backend.send(events, { signal: new AbortController().signal }),
    onlyEvent: () => {
      const [event, ...others] = intake.accepted;
      if (event === undefined || others.length > 0) throw new Error(`${intake.accepted.length} events were accepted, not one`);
      return event as WireEvent;
    },
  };
}
