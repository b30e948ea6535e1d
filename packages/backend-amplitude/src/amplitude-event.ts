/** One event as Amplitude's APIs take it, as far as candor fills it. Only types. */
import type { JsonValue } from "@candor/backend";

export type EventProperties = { readonly [name: string]: JsonValue };

export interface AmplitudeEvent {
  readonly event_type: string;
  readonly user_id?: string;
  readonly device_id: string;
  /** Unix milliseconds of the session's start. */
  readonly session_id?: number;
  /** Unix milliseconds. */
  readonly time: number;
  /** By it and the device Amplitude recognises an event that comes again within 7 days. */
  readonly insert_id: string;
  readonly app_version: string;
  readonly platform: "CLI";
  readonly os_name?: string;
  readonly os_version?: string;
  readonly language?: string;
  /** Asks Amplitude to look up where the connection comes from. */
  readonly ip?: "$remote";
  readonly event_properties: EventProperties;
}
