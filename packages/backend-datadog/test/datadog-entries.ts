/** What tests of this backend begin with: the context it is built with, the key, and the entries in a request. */
import { type BackendContext, type JsonValue, type LogFields, silentLogger } from "@candor/backend";
import type { IntakeRequest } from "@candor/testing";

export const secret = "k-123-very-secret";

/** The parts of an entry that the tests read. */
export interface WireEntry {
  readonly ddtags: string;
  readonly timestamp: string;
  readonly event_id: string;
  readonly event_time: string;
  readonly event_name: string;
  readonly [attribute: string]: JsonValue;
}

/** A request's body as entries. @throws when it is not JSON. */
export function entriesOf(body: string): readonly WireEntry[] {
  const parsed: readonly WireEntry[] = JSON.parse(body);
  return parsed;
}

/** The ids of every event that the requests carry. */
export function eventIdsIn(requests: readonly IntakeRequest[]): readonly string[] {
  return requests.filter(({ complete }) => complete).flatMap(({ body }) => entriesOf(body).map(({ event_id }) => event_id));
}

/** What a backend is built with; debug lines are collected in `lines`. */
export function contextWith(lines: { message: string; fields: LogFields | undefined }[] = []): BackendContext {
  const logger = { ...silentLogger, debug: (message: string, fields?: LogFields) => void lines.push({ message, fields }) };
  return { toolName: "notes", toolVersion: "1.2.3", dataDirectory: "/nonexistent", logger };
}
